# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The training operator, run as the Deployment of its charm runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lightkube import Client
from lightkube.models.core_v1 import Taint

from ...kube import nodes
from .. import certificate, cluster, conformance, definitions, deployment
from ..cluster import Node, Object
from ..deployment import DeployedPod

APP, DEFINITIONS = "training-operator", "*jobs.kubeflow.org"
SECRET, WEBHOOK = f"{APP}-webhook-cert", 9443
WEBHOOKS = (
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    "/validator.training-operator.kubeflow.org"
)
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
def pod(node: Node) -> Iterator[DeployedPod]:
    """The program; none of its jobs is served yet."""
    cluster.program(APP)
    definitions.withhold(node, DEFINITIONS)
    with node.untrusted(APP), deployment.running(node, APP, {"/manager": APP}) as pod:
        yield pod


@pytest.fixture
def program(pod: DeployedPod) -> DeployedPod:
    return pod


class TestLate(conformance.Late):
    """As every controller."""

    definitions = (DEFINITIONS,)


class TestStart(conformance.Start):
    """As every program."""


class TestMetrics(conformance.Metrics):
    """As every program's."""


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


def bundles(node: Node) -> set[str]:
    """Return the authorities that the API server trusts the webhooks by."""
    found = node.cluster.get(WEBHOOKS)["webhooks"]
    return {each["clientConfig"].get("caBundle", "") for each in found}


def authority(node: Node) -> str:
    """Return the authority that the operator has made."""
    return node.cluster.get(node.path("secrets", SECRET)).get("data", {}).get("ca.crt", "")


def accepted(node: Node, name: str) -> bool:
    """Tell whether a job passes the webhook."""
    job = {**JOB, "metadata": {"name": name}}
    return node.cluster.http.post(JOBS, json=job, params={"dryRun": "All"}).is_success


def test_a_changed_option_reaches_it(node: Node, pod: DeployedPod) -> None:
    """The Deployment has other arguments, so that Kubernetes replaces the pod."""
    node.configure(APP, {"pytorch-init-image": "example.com/another:1"})
    pod.roll()
    pod.wait(pod.healthy)
    job = {**JOB, "metadata": {"name": "next"}}
    pod.wait(lambda: node.cluster.http.post(JOBS, json=job).is_success)
    pods = PODS.replace("=one", "=next")
    pod.wait(lambda: len(node.cluster.items(pods)) == 2)
    images = {
        each["image"]
        for made in node.cluster.items(pods)
        for each in made["spec"].get("initContainers", ())
    }
    assert images == {"example.com/another:1"}


def test_a_restart_keeps_the_certificate_that_the_api_server_trusts(
    node: Node, pod: DeployedPod
) -> None:
    before, served = bundles(node), certificate.served(pod.network, WEBHOOK)
    assert before == {authority(node)}
    pod.roll()
    pod.wait(pod.healthy)
    pod.wait(lambda: accepted(node, "after-a-restart"))
    assert (bundles(node), certificate.served(pod.network, WEBHOOK)) == (before, served)


def test_a_lost_certificate_is_made_anew_and_trusted(node: Node, pod: DeployedPod) -> None:
    before = bundles(node)
    node.cluster.merge(node.path("secrets", SECRET), {"data": None})
    pod.wait(lambda: authority(node) and bundles(node) == {authority(node)} != before)
    pod.wait(lambda: accepted(node, "with-another-certificate"))
    pod.wait(pod.healthy)


class TestEnd(conformance.End):
    """As every program."""
