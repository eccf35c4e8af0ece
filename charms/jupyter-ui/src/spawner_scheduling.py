# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Affinities and tolerations, as the API server checks them in a pod.

A notebook with others would be accepted, and its pod refused long after.

Source: pkg/apis/core/validation/validation.go in github.com/kubernetes/kubernetes.
"""

from __future__ import annotations

from typing import Any

from charmkit import names
from spawner_shapes import (
    Check,
    any_text,
    both,
    fields,
    items,
    named,
    number,
    text,
    values,
    word,
    wrong,
)

_LABEL = named(names.is_qualified, "the key of a label")
_LISTED = ("In", "NotIn")
_BARE = ("Exists", "DoesNotExist")
_COMPARED = ("Gt", "Lt")


def _operands(path: str, value: Any) -> None:
    """Whether there are as many values as the operator takes."""
    operator, count = value["operator"], len(value.get("values") or [])
    if operator in _LISTED and not count:
        raise wrong(f"{path}.values", f"is empty, {operator} takes some")
    if operator in _BARE and count:
        raise wrong(f"{path}.values", f"is not empty, {operator} takes none")
    if operator in _COMPARED and count != 1:
        raise wrong(f"{path}.values", f"has {count} entries, {operator} takes one")


def _requirements(key: Check, *operators: str) -> Check:
    parts = fields({"key": key, "operator": word(*operators)}, {"values": items(any_text)})
    return items(both(parts, _operands))


def _weighted(name: str, check: Check) -> Check:
    return items(fields({"weight": number(1, 100), name: check}))


_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"

_NODE_TERM = fields(
    optional={
        "matchExpressions": _requirements(_LABEL, *_LISTED, *_BARE, *_COMPARED),
        "matchFields": _requirements(word("metadata.name"), *_LISTED),
    }
)
_NODE_AFFINITY = fields(
    optional={
        _REQUIRED: fields({"nodeSelectorTerms": items(_NODE_TERM, at_least=1)}),
        _PREFERRED: _weighted("preference", _NODE_TERM),
    }
)

_SELECTOR = fields(
    optional={
        "matchLabels": values(any_text),
        "matchExpressions": _requirements(_LABEL, *_LISTED, *_BARE),
    }
)
_POD_TERM = fields(
    {"topologyKey": _LABEL},
    {
        "labelSelector": _SELECTOR,
        "namespaceSelector": _SELECTOR,
        "namespaces": items(text),
        "matchLabelKeys": items(_LABEL),
        "mismatchLabelKeys": items(_LABEL),
    },
)
_POD_AFFINITY = fields(
    optional={
        _REQUIRED: items(_POD_TERM),
        _PREFERRED: _weighted("podAffinityTerm", _POD_TERM),
    }
)

AFFINITY = fields(
    optional={
        "nodeAffinity": _NODE_AFFINITY,
        "podAffinity": _POD_AFFINITY,
        "podAntiAffinity": _POD_AFFINITY,
    }
)
"""The affinity of a pod."""


def _tolerates(path: str, value: Any) -> None:
    """What the parts of a toleration ask of each other."""
    exists = value.get("operator") == "Exists"
    if not value.get("key") and not exists:
        raise wrong(f"{path}.operator", "is not Exists, though there is no key")
    if exists and value.get("value"):
        raise wrong(f"{path}.value", "is not empty, Exists takes none")
    if "tolerationSeconds" in value and value.get("effect") != "NoExecute":
        raise wrong(f"{path}.effect", "is not NoExecute, though there are tolerationSeconds")


TOLERATION = both(
    fields(
        optional={
            "key": _LABEL,
            "operator": word("Exists", "Equal"),
            "value": any_text,
            "effect": word("NoSchedule", "PreferNoSchedule", "NoExecute"),
            "tolerationSeconds": number(0, 2**63 - 1),
        }
    ),
    _tolerates,
)
"""A toleration of a pod."""
