# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Requests and limits of the containers that Katib's controller adds, by option.

Source of the defaults: pkg/apis/config/v1beta1/defaults.go of github.com/kubeflow/katib, v0.19.0.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, cast

from charmkit import quantities, yaml_text

DEFAULT = "default"
"""Stands for every name that is not given."""

NONE = "-1"
"""Stands for no request or no limit, where Katib would fill one in."""

FILLED_IN = {
    "requests": {"cpu": "50m", "memory": "10Mi", "ephemeral-storage": "500Mi"},
    "limits": {"cpu": "500m", "memory": "100Mi", "ephemeral-storage": "5Gi"},
}
"""What Katib fills in where nothing is given."""

Resources = Mapping[str, Mapping[str, str]]
"""Quantities by `requests` or `limits`, and by the name of the resource."""

Named = Mapping[str, Resources]
"""Resources by the name of an algorithm or of a kind of collector."""


def parse(raw: str | None, known: Collection[str]) -> Named:
    """Return the resources by name.

    Args:
        raw: a YAML mapping of names to `requests` and `limits`.
        known: the names that are allowed beside `default`.

    Raises:
        ValueError: naming the place and what is wrong with it.
    """
    named = _mapping(yaml_text.load(raw or ""), "it")
    for name in named:
        if name != DEFAULT and name not in known:
            raise ValueError(f"{name} is not {DEFAULT}, {', '.join(known)}")
    return {name: _parse(name, item) for name, item in named.items()}


def chosen(named: Named, name: str, own: Resources) -> Resources:
    """Return the resources of one name.

    Args:
        named: what the option says.
        name: the algorithm or kind.
        own: what the charm sets where the option does not name it.
    """
    return named.get(name) or own or named.get(DEFAULT, {})


def _parse(name: str, item: Any) -> Resources:
    """Return requests and limits that pods can have with what Katib fills in."""
    parts = {part: _mapping(values, f"{name}.{part}") for part, values in _parts(name, item)}
    try:
        quantities.parse_resources(json.dumps(_completed(parts)))
        given = quantities.parse_resources(json.dumps(_without_none(parts)))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return {part: {**given.get(part, {}), **_lifted(values)} for part, values in parts.items()}


def _parts(name: str, item: Any) -> Collection[tuple[str, Any]]:
    return _mapping(item, name).items()


def _completed(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    every = {part: {**FILLED_IN.get(part, {}), **parts.get(part, {})} for part in FILLED_IN}
    return _without_none({**parts, **every})


def _without_none(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        part: {name: value for name, value in values.items() if str(value) != NONE}
        for part, values in parts.items()
    }


def _lifted(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: NONE for name, value in values.items() if str(value) == NONE}


def _mapping(item: Any, place: str) -> dict[str, Any]:
    if item is None:
        return {}
    if not isinstance(item, dict):
        raise ValueError(f"{place} is not a mapping")
    return {str(key): value for key, value in cast("dict[Any, Any]", item).items()}
