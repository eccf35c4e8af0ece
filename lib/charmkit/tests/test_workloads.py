# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Deployments and StatefulSets that a charm applies: judged by their status and their pods."""

from __future__ import annotations

from typing import Any

import charmkit
import kubefake
import ops
import pytest
from charmkit import _workloads, kube

from .manifest_app import App

DEPLOYMENT = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: server, namespace: {{ model }}}
    spec:
      replicas: {{ replicas }}
      selector: {matchLabels: {app: server}}
      template:
        metadata: {labels: {app: server}}
        spec:
          containers:
            - {name: server, image: "server:1"}
"""
STATEFUL_SET = DEPLOYMENT.replace("Deployment", "StatefulSet").replace(
    "spec:\n      replicas", "spec:\n      serviceName: server\n      replicas"
)


@pytest.fixture(params=["Deployment", "StatefulSet"])
def kind(request: pytest.FixtureRequest, app: App) -> str:
    """The kind of the application's workload."""
    app.variables["replicas"] = 1
    app.template("server", {"Deployment": DEPLOYMENT, "StatefulSet": STATEFUL_SET}[request.param])
    return request.param


def test_a_workload_that_runs_is_active(app: App, kind: str) -> None:
    app.hook()
    assert app.hook() == ops.ActiveStatus()


@pytest.mark.parametrize("reason", ["CrashLoopBackOff", "ImagePullBackOff"])
def test_a_workload_whose_pods_fail_is_waited_for_with_the_reason(
    app: App, kind: str, cluster: kubefake.Cluster, reason: str
) -> None:
    cluster.fail_pods("ml", "server", reason, "it said so")
    app.hook()
    waiting = ops.WaitingStatus(f"waiting for {kind} server: {reason}: it said so")
    assert app.hook() == waiting
    cluster.heal_pods("ml", "server")
    assert app.hook() == ops.ActiveStatus()


def test_only_the_leader_judges(app: App, kind: str, cluster: kubefake.Cluster) -> None:
    cluster.fail_pods("ml", "server", "CrashLoopBackOff")
    app.hook()
    assert app.hook(leader=False) == ops.ActiveStatus()


def test_a_workload_without_pods_is_active(app: App, kind: str) -> None:
    app.variables["replicas"] = 0
    app.hook()
    assert app.hook() == ops.ActiveStatus()


class Pods:
    """A cluster that has these pods."""

    def __init__(self, *pods: dict[str, Any]) -> None:
        self._pods = pods
        self.asked: list[Any] = []

    def list(self, kind: kube.Kind, labels: dict[str, str], namespace: str) -> list[Any]:
        self.asked.append((kind.name, labels, namespace))
        return list(self._pods)


def workload(
    kind: str = "Deployment", *, generation: int = 1, replicas: int = 1, **status: Any
) -> dict[str, Any]:
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "server"}}}
    metadata = {"name": "server", "namespace": "ml", "generation": generation}
    return {"kind": kind, "metadata": metadata, "spec": spec, "status": status}


def available(value: str) -> list[dict[str, str]]:
    return [{"type": "Progressing", "status": "True"}, {"type": "Available", "status": value}]


def judged(obj: dict[str, Any], *pods: dict[str, Any]) -> str:
    """What is waited for, or nothing."""
    cluster: Any = Pods(*pods)
    try:
        assert _workloads.status(cluster, [obj]) == ops.ActiveStatus()
    except charmkit.Waiting as reason:
        assert cluster.asked == [("Pod", {"app": "server"}, "ml")]
        return reason.message
    assert cluster.asked == []
    return ""


NOT_READY = "waiting for Deployment server: its pods are not ready yet"


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        (workload(observedGeneration=1, conditions=available("True")), ""),
        (workload(observedGeneration=1, conditions=available("False")), NOT_READY),
        (workload(observedGeneration=1, conditions=available("Unknown")), NOT_READY),
        (workload(generation=2, observedGeneration=1, conditions=available("True")), NOT_READY),
        (workload(), NOT_READY),
        (workload(observedGeneration=1), NOT_READY),
        (workload(observedGeneration=1, readyReplicas=1), ""),
        (workload(observedGeneration=1, replicas=0), ""),
        (workload("StatefulSet", observedGeneration=1, replicas=3, readyReplicas=1), ""),
        (
            workload("StatefulSet", observedGeneration=1, replicas=3, readyReplicas=0),
            "waiting for StatefulSet server: its pods are not ready yet",
        ),
        ({"kind": "DaemonSet", "metadata": {"name": "server"}, "spec": {}}, ""),
    ],
)
def test_a_workload_is_available_once_its_newest_spec_is(
    obj: dict[str, Any], message: str
) -> None:
    assert judged(obj) == message


def waiting(reason: str, message: str = "", of: str = "containerStatuses") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, **({"message": message} if message else {})}}
    return {"status": {of: [{"name": "a", "state": {"running": {}}}, {"state": state}]}}


UNSCHEDULABLE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available",
}


@pytest.mark.parametrize(
    ("pod", "reason"),
    [
        (waiting("CrashLoopBackOff", "back-off 5m"), "CrashLoopBackOff: back-off 5m"),
        (waiting("ErrImagePull"), "ErrImagePull"),
        (waiting("CrashLoopBackOff", of="initContainerStatuses"), "CrashLoopBackOff"),
        (waiting("ContainerCreating"), "its pods are not ready yet"),
        (waiting("PodInitializing"), "its pods are not ready yet"),
        ({"status": {"conditions": [UNSCHEDULABLE]}}, "Unschedulable: 0/1 nodes are available"),
        ({"status": {"containerStatuses": [{"state": {}}]}}, "its pods are not ready yet"),
        (
            {"status": {"conditions": None, "containerStatuses": None}},
            "its pods are not ready yet",
        ),
        ({}, "its pods are not ready yet"),
    ],
)
def test_the_reason_is_what_a_pod_says(pod: dict[str, Any], reason: str) -> None:
    obj = workload(observedGeneration=1)
    assert judged(obj, {}, pod) == f"waiting for Deployment server: {reason}"


def test_a_deployment_whose_pods_can_not_be_made_says_why() -> None:
    failure = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": "exceeded quota",
    }
    obj = workload(observedGeneration=1, conditions=[*available("False"), failure])
    message = "waiting for Deployment server: FailedCreate: exceeded quota"
    assert judged(obj) == message
    obj["status"]["conditions"][-1]["status"] = "False"
    assert judged(obj) == NOT_READY


def test_the_reason_is_cut_where_it_is_long() -> None:
    message = judged(workload(), waiting("ErrImagePull", "x" * 500))
    assert len(message) == 200
    assert message.startswith("waiting for Deployment server: ErrImagePull: xxx")


def test_the_first_workload_that_does_not_run_is_named(app: App) -> None:
    cluster: Any = Pods()
    good = workload(observedGeneration=1, readyReplicas=1)
    bad = workload("StatefulSet")
    with pytest.raises(charmkit.Waiting, match=r"^waiting for StatefulSet server: "):
        _workloads.status(cluster, [good, bad, workload()])
