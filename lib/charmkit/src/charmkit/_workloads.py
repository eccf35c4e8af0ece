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
    found: dict[str, Any] = obj.get("status") or {}
    wanted = obj["spec"].get("replicas", 1)
    if found.get("observedGeneration", 0) < obj["metadata"].get("generation", 0):
        return False
    conditions = {item["type"]: item["status"] for item in found.get("conditions") or []}
    if "Available" in conditions:
        return conditions["Available"] == "True"
    return wanted == 0 or found.get("readyReplicas", 0) >= 1


def _reason(cluster: kube.Kube, obj: kube.Object) -> str:
    labels = obj["spec"]["selector"].get("matchLabels") or {}
    pods = cluster.list(_POD, labels, namespace=obj["metadata"]["namespace"])
    reasons = [reason for pod in pods if (reason := _pod_reason(pod))]
    return reasons[0] if reasons else "its pods are not ready yet"


def _pod_reason(pod: kube.Object) -> str:
    """Return why a pod does not run, or nothing."""
    found: dict[str, Any] = pod.get("status") or {}
    states = [*(found.get("initContainerStatuses") or []), *(found.get("containerStatuses") or [])]
    for item in states:
        waiting = (item.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") not in (None, "PodInitializing", "ContainerCreating"):
            return f"{waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
    for item in found.get("conditions") or []:
        if item["type"] == "PodScheduled" and item["status"] == "False":
            return f"{item.get('reason', '')}: {item.get('message', '')}".rstrip(": ")
    return ""
