# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative Serving's programs, run as the Deployments that the operator makes for the charm."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from charmkit import x509

from . import cluster, image_registry, knative, kubelet
from .cluster import HOST, Node, Object, Pod
from .container import name_hosts
from .deployment import DeployedPod
from .knative import SERVING

NAMESPACE = "alice"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
REGISTRY, DOMAIN = "registry.example.com", "models.example.com"
PRIVATE = "registry.private.example.com"
CA = x509.new_ca("private")
OPTIONS = {
    "ca-certificates": CA.certificate,
    "domain.name": DOMAIN,
    "registries-skipping-tag-resolving": f"{REGISTRY}, docker.io",
}
KSERVE = "kserve-controller"
PROGRAMS = {
    name: f"knative-serving-{name}"
    for name in ("webhook", "controller", "autoscaler", "activator")
}
GROUP = "apis/serving.knative.dev/v1"
INGRESSES = "apis/networking.internal.knative.dev/v1alpha1"
CLASS = "networking.knative.dev/ingress.class"
SECURE = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def service(name: str, image: str = f"{REGISTRY}/hello:1", **more: object) -> Object:
    """Return a Knative Service whose pod is harmless and may be placed on a GPU's node."""
    container = {"image": image, "securityContext": SECURE}
    toleration = {"key": "nvidia.com/gpu", "operator": "Exists"}
    pod = {"containers": [container], "tolerations": [toleration], **more}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"template": {"spec": pod}},
    }


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, and the namespace of a user, whose pods have to be harmless."""
    charms, raw = {SERVING: OPTIONS}, {KSERVE: {"deployment-mode": "rawdeployment"}}
    with knative.asked(request, charms, *PROGRAMS.values(), neighbours=raw) as node:
        space = {"metadata": {"name": NAMESPACE, "labels": RESTRICTED}}
        node.cluster.create("/api/v1/namespaces", space)
        knative.add_worker(node)
        yield node


@pytest.fixture(scope="module")
def pods(node: Node) -> Iterator[dict[str, DeployedPod]]:
    with knative.component(node, SERVING, PROGRAMS) as pods:
        yield pods


@pytest.fixture(scope="module")
def controller(pods: dict[str, DeployedPod]) -> DeployedPod:
    return pods["controller"]


def path(what: str, name: str = "", group: str = GROUP) -> str:
    """Return where the user's objects are."""
    return f"/{group}/namespaces/{NAMESPACE}/{what}{name and f'/{name}'}"


DEPLOYMENT = path("deployments", "hello-00001-deployment", "apis/apps/v1")
INGRESS = path("ingresses", "hello", INGRESSES)


def find(node: Node, pod: DeployedPod, where: str) -> Object:
    """Return what a controller makes, when it is there."""
    pod.wait(lambda: node.cluster.http.get(where).is_success)
    return node.cluster.get(where)


def pod_of(node: Node, waiting: DeployedPod | Pod, label: str) -> Object:
    """Return a user's pod, when Kubernetes has made it."""
    where = path(f"pods?labelSelector={label}", group="api/v1")
    waiting.wait(lambda: node.cluster.items(where))
    (made,) = node.cluster.items(where)
    return made


def images(node: Node, deployment: str = DEPLOYMENT) -> dict[str, str]:
    """Return the images of the user's pods by container."""
    containers = node.cluster.get(deployment)["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["image"] for each in containers}


def route(node: Node) -> dict[str, str]:
    """Return what is said of the way to the user's service."""
    return knative.said(node.cluster.get(path("routes", "hello")))


def hosts(node: Node) -> set[str]:
    """Return the names by which the user's service is to be reached."""
    return {host for rule in node.cluster.get(INGRESS)["spec"]["rules"] for host in rule["hosts"]}


@pytest.mark.parametrize("name", PROGRAMS)
def test_its_probes_are_answered(pods: dict[str, DeployedPod], name: str) -> None:
    """The activator's only once the autoscaler takes what it has counted."""
    pods[name].wait(pods[name].healthy)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_tells_its_metrics(pods: dict[str, DeployedPod], name: str) -> None:
    pods[name].wait(lambda: "# TYPE " in pods[name].http(9090, "/metrics")[1])


def test_a_service_becomes_a_deployment(node: Node, controller: DeployedPod) -> None:
    """No registry is asked for the digest of its tag: the charm's option names this one."""
    services = path("services")
    controller.wait(lambda: node.cluster.http.post(services, json=service("hello")).is_success)
    find(node, controller, DEPLOYMENT)
    proxy = knative.images(node, SERVING)["queue-proxy"]
    assert images(node) == {"user-container": f"{REGISTRY}/hello:1", "queue-proxy": proxy}
    for made in ("configurations/hello", "revisions/hello-00001", "routes/hello"):
        assert node.cluster.get(path(made))


def test_what_the_charm_does_not_enable_is_refused(node: Node, controller: DeployedPod) -> None:
    refused = service("other", dnsPolicy="ClusterFirst")
    answer = node.cluster.http.post(path("services"), json=refused)
    assert "dnsPolicy" in answer.json()["message"]


def test_its_route_is_for_istio_once_its_pod_runs(node: Node, controller: DeployedPod) -> None:
    """The proxy beside it is as harmless as the namespace asks, or there would be no pod."""
    knative.run_pods(node, SERVING)
    pod = pod_of(node, controller, "serving.knative.dev/service=hello")
    kubelet.report_ready(node.cluster, pod)
    ingress = find(node, controller, INGRESS)
    assert ingress["metadata"]["annotations"][CLASS] == "istio.ingress.networking.knative.dev"
    assert f"hello.{NAMESPACE}.{DOMAIN}" in hosts(node)
    controller.wait(lambda: route(node)["AllTrafficAssigned"] == "True")
    assert route(node)["IngressReady"] == "Unknown"


def test_other_options_reach_services_that_are_there(node: Node, controller: DeployedPod) -> None:
    image, domain = f"{REGISTRY}/queue:2", "other.example.com"
    options = {"queue_sidecar_image": image, "domain.name": domain}
    node.run.model.configure(SERVING, options)
    node.run.model.settle()
    controller.wait(lambda: images(node)["queue-proxy"] == image)
    controller.wait(lambda: f"hello.{NAMESPACE}.{domain}" in hosts(node))


def test_a_registry_with_a_private_ca_tells_digests(node: Node, controller: DeployedPod) -> None:
    """The charm's option has the authority, which the controller has mounted."""
    image = f"{PRIVATE}/hello"
    name_hosts(controller.root, {**node.hosts(), PRIVATE: HOST})
    with image_registry.listening(controller.network, x509.new_certificate(CA, [PRIVATE])):
        node.cluster.create(path("services"), service("pinned", f"{image}:1"))
        deployment = path("deployments", "pinned-00001-deployment", "apis/apps/v1")
        find(node, controller, deployment)
    assert images(node, deployment)["user-container"] == f"{image}@{image_registry.DIGEST}"


@pytest.fixture(scope="module")
def kserve(node: Node, controller: DeployedPod) -> Iterator[Pod]:
    """KServe's manager, told of Knative once that is ready."""
    knative.settle(node, controller, SERVING)
    with node.hooks(KSERVE):
        node.run.model.integrate(f"{SERVING}:local-gateway", f"{KSERVE}:local-gateway")
    node.configure(KSERVE, {"deployment-mode": "serverless"})
    with (
        node.untrusted(KSERVE),
        cluster.running(
            node, KSERVE, KSERVE, {"/manager": "kserve-manager"}, ports={8080, 8081}
        ) as pod,
    ):
        yield pod


def test_a_model_of_kserve_becomes_a_deployment(node: Node, kserve: Pod) -> None:
    """Knative's webhook takes what KServe makes of it, and the namespace takes its pod."""
    served = {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/iris"}
    model = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "iris"},
        "spec": {"predictor": {"model": served}},
    }
    models = path("inferenceservices", group="apis/serving.kserve.io/v1beta1")
    kserve.wait(lambda: node.cluster.http.post(models, json=model).is_success)
    pod = pod_of(node, kserve, "serving.kserve.io/inferenceservice=iris")
    names = {each["name"] for each in pod["spec"]["containers"]}
    assert names == {"kserve-container", "queue-proxy"}
    assert [each["name"] for each in pod["spec"]["initContainers"]] == ["storage-initializer"]
    assert not cluster.denied(kserve.pebble.log())


def test_metrics_go_to_a_collector_that_is_related(
    node: Node, pods: dict[str, DeployedPod]
) -> None:
    """They are no longer told to those who ask."""
    with node.hooks(knative.APP):
        node.run.model.integrate(f"{SERVING}:otel-collector", f"{knative.APP}:otel-collector")
    collector = cluster.network()
    node.join(collector, {"app": "otel-collector"})
    with collector.entered(), socket.create_server((HOST, 55678)) as listener:
        listener.settimeout(60)
        for pod in pods.values():
            name_hosts(pod.root, node.hosts())
        with listener.accept()[0] as sender:
            sender.settimeout(10)
            assert sender.recv(14) == b"PRI * HTTP/2.0"
    for pod in pods.values():
        pod.wait(lambda pod=pod: not pod.listens(9090))


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_that_it_asks_for_is_denied(pods: dict[str, DeployedPod], name: str) -> None:
    assert not cluster.denied(pods[name].program.log())
    assert not pods[name].program.ended
