# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The kubelet of a preview's pods: it says that they run, or why they cannot."""

from __future__ import annotations

import datetime
import time
from typing import Any

import httpx2
from kubefake import kubelet
from kubefake.kubelet import Failure

from .inventory import Key
from .send import Exchange

MANAGER = "kubelet"
TIMEOUT = 10.0
"""Seconds that the controllers may take to make pods, and to say how many of them are ready."""

UNNOTICED = 2.0
"""Seconds after which a workload that no controller has looked at is left alone."""

WORKLOADS = ("deployments.apps", "statefulsets.apps")
_MERGE = {"Content-Type": "application/merge-patch+json"}
_pause = time.sleep


class Kubelet:
    """Writes the status of pods of Deployments and StatefulSets that charms have written.

    Nothing runs: a preview's pods name a scheduler that there is not.

    Args:
        http: The administrator's connection.
        namespace: The model's namespace.

    Attributes:
        failing: Why the pods of a workload fail, by its name.
        timeout: See `TIMEOUT`.
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
        settled = status.get("readyReplicas", 0) == ready and status.get("replicas", 0) == len(
            pods
        )
        return settled and (ready >= wanted or failing)

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
        query = {"fieldManager": MANAGER}
        answer = self._http.patch(path, json={"status": status}, headers=_MERGE, params=query)
        if answer.status_code not in (404, 409):
            answer.raise_for_status()

    def _find(self, plural: str, name: str) -> dict[str, Any] | None:
        answer = self._http.get(Key("", "v1", plural, self._namespace, name).path)
        return answer.json() if answer.is_success else None
