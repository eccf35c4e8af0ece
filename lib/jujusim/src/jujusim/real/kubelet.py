# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pods of a preview: none gets a node, and it is said that they run, or why they cannot."""

from __future__ import annotations

import datetime
import time
from typing import Any

import httpx2
from kubefake import kubelet, wire
from kubefake.kubelet import Failure

from .send import Exchange, Key, merge_patch

MANAGER = "kubelet"
TIMEOUT = 10.0
"""Seconds that the controllers may take to make pods, and to say how many of them are ready."""

UNNOTICED = 2.0
"""Seconds after which a workload that no controller has looked at is left alone."""

WORKLOADS = ("deployments.apps", "statefulsets.apps")
_pause = time.sleep


class Kubelet:
    """Writes the status of pods of Deployments and StatefulSets that charms have written.

    Nothing runs: a preview's pods name a scheduler that there is not.

    Attributes:
        failing: Why the pods of a workload fail, by its name.
    """

    def __init__(self, http: httpx2.Client, namespace: str):
        self.failing: dict[str, Failure] = {}
        self.timeout = TIMEOUT
        self._http = http
        self._namespace = namespace

    def follow(self, exchange: Exchange) -> None:
        """Run the pods of a workload that a request has written."""
        key = exchange.key
        written = exchange.method != "DELETE" and not exchange.target.subresource
        if written and key.resource in WORKLOADS and key.namespace == self._namespace:
            self.run(key)

    def run(self, key: Key) -> None:
        """Let a workload's pods run or fail, until its status says so or the timeout ends."""
        started = time.monotonic()
        while time.monotonic() - started < self.timeout:
            answer = self._http.get(key.path)
            if not answer.is_success:
                return
            obj = answer.json()
            noticed = obj.get("status", {}).get("observedGeneration")
            if not noticed and time.monotonic() - started > UNNOTICED:
                return
            if noticed == obj["metadata"]["generation"] and self._is_done(key, obj):
                return
            _pause(0.1)

    def _is_done(self, key: Key, obj: dict[str, Any]) -> bool:
        """Write what differs; tell whether the workload's controller has seen all of it."""
        pods = self._pods(obj)
        for pod in pods:
            self._write(key.name, pod)
        wanted = obj["spec"].get("replicas", 1)
        status: dict[str, Any] = obj.get("status", {})
        ready = sum(map(kubelet.is_ready, pods))
        failing = any(
            not kubelet.is_ready(pod) and pod["status"].get("conditions") for pod in pods
        )
        counted = (status.get("readyReplicas", 0), status.get("replicas", 0))
        return counted == (ready, len(pods)) and (ready >= wanted or failing)

    def _pods(self, obj: dict[str, Any]) -> list[dict[str, Any]]:
        labels: dict[str, str] = obj["spec"]["selector"].get("matchLabels") or {}
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        path = f"/api/v1/namespaces/{self._namespace}/pods"
        answer = self._http.get(path, params={"labelSelector": selector}).raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"] or []
        return [pod for pod in items if "deletionTimestamp" not in pod["metadata"]]

    def _write(self, workload: str, pod: dict[str, Any]) -> None:
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        status = kubelet.status(pod, self._find, self.failing.get(workload), now)
        if status == pod.get("status"):
            return
        path = f"/api/v1/namespaces/{self._namespace}/pods/{pod['metadata']['name']}/status"
        answer = merge_patch(self._http, path, {"status": status}, MANAGER)
        if answer.status_code not in (404, 409):
            answer.raise_for_status()

    def _find(self, plural: str, name: str) -> dict[str, Any] | None:
        answer = self._http.get(Key("", "v1", plural, self._namespace, name).path)
        return answer.json() if answer.is_success else None


UNSCHEDULABLE = "ckf-preview"
"""The scheduler of the pods, and the storage class of the claims: there is neither."""

_POD = {"schedulerName": UNSCHEDULABLE}
_CLAIM = {"storageClassName": UNSCHEDULABLE}
_FIELDS = {"pods": _POD, "persistentvolumeclaims": _CLAIM}


def unscheduled(target: wire.Target, content: dict[str, Any]) -> dict[str, Any] | None:
    """Return what to write instead, so that nothing starts; None where that is not needed.

    Pods in templates are changed too: of deployments, daemon sets, stateful sets and jobs.
    """
    spec: dict[str, Any] | None = content.get("spec")
    if spec is None or target.subresource:
        return None
    if target.group in ("apps", "batch"):
        return {**content, "spec": _without_nodes(spec)}
    if not target.group and target.plural in _FIELDS:
        return {**content, "spec": {**spec, **_FIELDS[target.plural]}}
    return None


def _without_nodes(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the spec of something that makes pods; a cron job has a job's in it."""
    changed = dict(spec)
    if "spec" in spec.get("template", {}):
        template = spec["template"]
        changed["template"] = {**template, "spec": {**template["spec"], **_POD}}
    if "spec" in spec.get("jobTemplate", {}):
        job = spec["jobTemplate"]
        changed["jobTemplate"] = {**job, "spec": _without_nodes(job["spec"])}
    if "volumeClaimTemplates" in spec:
        changed["volumeClaimTemplates"] = [
            {**claim, "spec": {**claim.get("spec", {}), **_CLAIM}}
            for claim in spec["volumeClaimTemplates"]
        ]
    return changed
