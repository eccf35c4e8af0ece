"""The training operator, run as the Deployment of its charm runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
    status, text = cluster.fetch(pod.network, 8080, "/metrics")
    assert status == 200
    assert not metrics.missing(APP, text)


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


def test_nothing_that_it_asks_for_is_denied(pod: DeployedPod) -> None:
    assert not cluster.denied(pod.program.log())
    assert not pod.program.ended
