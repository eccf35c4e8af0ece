# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The training operator, run as the Deployment of its charm runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lightkube import Client
from lightkube.models.core_v1 import Taint

from ..kube import nodes
from . import cluster, deployment, metrics
from .cluster import Node, Object
from .deployment import DeployedPod

APP = "training-operator"
JOBS = "/apis/kubeflow.org/v1/namespaces/default/pytorchjobs"
PODS = "/api/v1/namespaces/default/pods?labelSelector=training.kubeflow.org/job-name=one"
TEMPLATE = {"spec": {"containers": [{"name": "pytorch", "image": "nothing"}]}}
JOB = {
    "apiVersion": "kubeflow.org/v1",
    "kind": "PyTorchJob",
    "metadata": {"name": "one"},
    "spec": {
        "pytorchReplicaSpecs": {
            "Master": {"replicas": 1, "template": TEMPLATE},
            "Worker": {"replicas": 1, "template": TEMPLATE},
        }
    },
}

GPU = "nvidia.com/gpu"


def with_gpu() -> Object:
    """Return a job whose workers need a GPU each, written as docs/reference/gpu.md says."""
    toleration = {"key": GPU, "operator": "Exists", "effect": "NoSchedule"}
    container = {"name": "pytorch", "image": "nothing", "resources": {"limits": {GPU: 1}}}
    template = {"spec": {"tolerations": [toleration], "containers": [container]}}
    replicas = {
        "Master": {"replicas": 1, "template": TEMPLATE},
        "Worker": {"replicas": 2, "template": template},
    }
    return {**JOB, "metadata": {"name": "gpu"}, "spec": {"pytorchReplicaSpecs": replicas}}


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    cluster.program(APP)
    with cluster.deployed(request, APP) as node, node.untrusted(APP):
        yield node


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[DeployedPod]:
    with deployment.running(node, APP, {"/manager": APP}) as pod:
        yield pod


def test_its_probes_are_answered(pod: DeployedPod) -> None:
    pod.wait(pod.healthy)


def test_prometheus_finds_what_it_is_told_of(pod: DeployedPod) -> None:
    metrics.check(pod, APP, lambda: cluster.fetch(pod.network, 8080, "/metrics"))


def test_a_job_gets_pods_that_know_each_other(node: Node, pod: DeployedPod) -> None:
    """Its webhook takes the job first: it is reached by its Service, with its certificate."""
    pod.wait(lambda: node.cluster.http.post(JOBS, json=JOB).is_success)
    pod.wait(lambda: len(node.cluster.items(PODS)) == 2)
    environments = sorted(
        (_environment(each) for each in node.cluster.items(PODS)), key=lambda each: each["RANK"]
    )
    assert [each["RANK"] for each in environments] == ["0", "1"]
    assert {each["WORLD_SIZE"] for each in environments} == {"2"}
    assert [each["MASTER_ADDR"] for each in environments] == ["one-master-0"] * 2


def _environment(pod: Object) -> Object:
    return {each["name"]: each.get("value") for each in pod["spec"]["containers"][0]["env"]}


def test_workers_wait_in_the_container_of_the_charm(node: Node, pod: DeployedPod) -> None:
    worker = next(
        each
        for each in node.cluster.items(PODS)
        if each["metadata"]["labels"]["training.kubeflow.org/replica-type"] == "worker"
    )
    (container,) = worker["spec"]["initContainers"]
    options = node.run.model.app(APP).charm.defaults
    assert container["image"] == options["pytorch-init-image"]
    assert "nslookup one-master-0" in container["command"][-1]


def test_workers_with_a_gpu_get_the_node_that_has_them(node: Node, pod: DeployedPod) -> None:
    """The real scheduler decides, about pods that the operator has made."""
    with Client(node.cluster.plane.lightkube_config(), field_manager="test") as client:
        nodes.add(client, "plain")
        taint = Taint(key=GPU, effect="NoSchedule")
        nodes.add(client, "gpu", room={GPU: "2"}, taints=[taint])
    node.cluster.create(JOBS, with_gpu())
    pod.wait(lambda: len(places(node)) == 3)
    assert places(node) == {"gpu-master-0": "plain", "gpu-worker-0": "gpu", "gpu-worker-1": "gpu"}


def places(node: Node) -> dict[str, str]:
    """Return the nodes of the job's pods that have one."""
    found = node.cluster.items(PODS.replace("=one", "=gpu"))
    at = {each["metadata"]["name"]: each["spec"].get("nodeName") for each in found}
    return {name: place for name, place in at.items() if place}


def test_nothing_that_it_asks_for_is_denied(pod: DeployedPod) -> None:
    assert not cluster.denied(pod.program.log())
    assert not pod.program.ended
