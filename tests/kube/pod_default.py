# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the webhook of admission-webhook makes of a pod that PodDefaults select.

A model of kubeflow/kubeflow, v1.10-branch, components/admission-webhook/main.go, of the fields by
which pods find their nodes and their settings: `filterPodDefaults`, `safeToApplyPodDefaultsOnPod`
and `applyPodDefaultsOnPod`, with the merge functions that they call.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

Object = dict[str, Any]

OF_THE_POD = {"tolerations": "key", "volumes": "name", "imagePullSecrets": "name"}
OF_EACH_CONTAINER = {"env": "name", "volumeMounts": "name"}
"""Lists that are merged, and the field that tells their entries apart."""


class ConflictError(Exception):
    """The webhook refuses the pod."""


def merged(pod: Object, pod_defaults: Iterable[Object]) -> Object:
    """The pod with what the PodDefaults that select it add.

    Args:
        pod: as it is sent to the API server.
        pod_defaults: those of all namespaces.

    Raises:
        ConflictError: if one sets what the pod or another one sets otherwise.
    """
    result = copy.deepcopy(pod)
    specs = [each["spec"] for each in pod_defaults if _selects(each, pod)]
    for name, key in OF_THE_POD.items():
        _merge(result["spec"], name, key, specs)
    for container in result["spec"]["containers"]:
        for name, key in OF_EACH_CONTAINER.items():
            _merge(container, name, key, specs)
    for spec in specs:
        for name in ("labels", "annotations"):
            _merge_map(result["metadata"], name, spec)
        if spec.get("serviceAccountName"):
            result["spec"]["serviceAccountName"] = spec["serviceAccountName"]
    return result


def _selects(pod_default: Object, pod: Object) -> bool:
    """By labels that it names; expressions are not modelled."""
    selector = pod_default["spec"]["selector"]
    if "matchExpressions" in selector:
        raise NotImplementedError("a selector with matchExpressions")
    here = pod_default["metadata"]["namespace"] == pod["metadata"]["namespace"]
    labels: dict[str, str] = pod["metadata"].get("labels", {})
    return here and selector.get("matchLabels", {}).items() <= labels.items()


def _merge(target: Object, name: str, key: str, specs: Sequence[Object]) -> None:
    entries = list(target.get(name) or [])
    for entry in (entry for spec in specs for entry in spec.get(name) or ()):
        found = [each for each in entries if each.get(key) == entry.get(key)]
        if not found:
            entries.append(entry)
        elif found[0] != entry:
            raise ConflictError(f"{name}: {found[0]} and {entry}")
    if entries:
        target[name] = entries


def _merge_map(target: Object, name: str, spec: Object) -> None:
    values = dict(target.get(name) or {})
    for key, value in (spec.get(name) or {}).items():
        if values.setdefault(key, value) != value:
            raise ConflictError(f"{name}: {key} is {values[key]} and {value}")
    target[name] = values
