# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The state of workloads that a charm has applied: their conditions, their pods' reasons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ops

from . import kube
from ._status import Waiting

_POD = kube.Kind("v1", "Pod", namespaced=True)
_WORKLOADS = ("Deployment", "StatefulSet")


def status(cluster: kube.Kube, objects: Iterable[kube.Object]) -> ops.StatusBase:
    """Return the status of a charm's workloads, as they were before this hook.

    Raises:
        Waiting: naming the first that does not run, and why as its pods say.
        NotReady: if the Kubernetes API does not answer.
    """
    for obj in objects:
        if obj["kind"] in _WORKLOADS and not _is_available(obj):
            name = f"{obj['kind']} {obj['metadata']['name']}"
            raise Waiting(f"waiting for {name}: {_reason(cluster, obj)}"[:200])
    return ops.ActiveStatus()


def _is_available(obj: kube.Object) -> bool:
    """Return whether enough pods run; one that is not observed yet does not."""
    found = _status(obj)
    if found.get("observedGeneration", 0) < obj["metadata"].get("generation", 0):
        return False
    for item in _items(found, "conditions"):
        if item["type"] == "Available":
            return item["status"] == "True"
    return obj["spec"].get("replicas", 1) == 0 or found.get("readyReplicas", 0) >= 1


def _reason(cluster: kube.Kube, obj: kube.Object) -> str:
    labels: dict[str, str] = obj["spec"]["selector"].get("matchLabels") or {}
    pods = cluster.list(_POD, labels, namespace=obj["metadata"]["namespace"])
    reasons = [reason for pod in pods if (reason := _pod_reason(pod))]
    failures = [item for item in _items(_status(obj), "conditions") if _is_failure(item)]
    reasons += map(_text, failures)
    return reasons[0] if reasons else "its pods are not ready yet"


def _pod_reason(pod: kube.Object) -> str:
    """Return why a pod does not run, or nothing."""
    found = _status(pod)
    for item in (*_items(found, "initContainerStatuses"), *_items(found, "containerStatuses")):
        state: dict[str, Any] = item.get("state") or {}
        waiting: dict[str, Any] = state.get("waiting") or {}
        if waiting.get("reason") not in (None, "PodInitializing", "ContainerCreating"):
            return _text(waiting)
    for item in _items(found, "conditions"):
        if item["type"] == "PodScheduled" and item["status"] == "False":
            return _text(item)
    return ""


def _is_failure(condition: dict[str, Any]) -> bool:
    return condition["type"] == "ReplicaFailure" and condition["status"] == "True"


def _status(obj: kube.Object) -> dict[str, Any]:
    return obj.get("status") or {}


def _items(status: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return status.get(name) or []


def _text(said: dict[str, Any]) -> str:
    """Return a reason with its message."""
    return f"{said.get('reason', '')}: {said.get('message', '')}".strip(": ")
