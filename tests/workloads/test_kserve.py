"""KServe's manager, run as the charm kserve-controller runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from . import cluster, metrics
from .cluster import Node, Object, Pod

APP = "kserve-controller"
NAMESPACE = "alice"
MODELS = f"/apis/serving.kserve.io/v1beta1/namespaces/{NAMESPACE}/inferenceservices"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
ROUTES = f"/apis/networking.istio.io/v1beta1/namespaces/{NAMESPACE}/virtualservices"
KNATIVE = f"/apis/serving.knative.dev/v1/namespaces/{NAMESPACE}/services"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
RUNTIMES = "/apis/serving.kserve.io/v1alpha1/clusterservingruntimes"
PROFILE = {"pod-security.kubernetes.io/enforce": "restricted"}
RAW = {"serving.kserve.io/deploymentMode": "RawDeployment"}
OPTIONS = {"istio-pilot": {"authentication": "while-related"}}


def model(name: str, annotations: dict[str, str] | None = None) -> Object:
    """Return an InferenceService of a model that scikit-learn runs."""
    served = {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/iris"}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name, "annotations": annotations or {}},
        "spec": {"predictor": {"model": served}},
    }


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, and the namespace of a user."""
    cluster.program("kserve-manager")
    apps = (APP, "istio-pilot", "knative-operator", "knative-serving")
    with cluster.deployed(request, *apps, config=OPTIONS) as node, node.untrusted(APP):
        node.cluster.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE, "labels": PROFILE}})
        yield node


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    with cluster.running(node, APP, APP, {"/manager": "kserve-manager"}) as pod:
        yield pod


def test_the_checks_of_the_charm_pass(pod: Pod) -> None:
    pod.wait(pod.pebble.healthy)


def test_prometheus_finds_what_it_is_told_of(pod: Pod) -> None:
    status, text = pod.http(8080, "/metrics")
    assert status == 200
    assert not metrics.missing(APP, text)


def test_a_raw_model_gets_its_deployment(node: Node, pod: Pod) -> None:
    make(node, pod, model("raw", RAW))
    deployment = f"{DEPLOYMENTS}/raw-predictor"
    pod.wait(lambda: node.cluster.http.get(deployment).is_success)
    (container,) = node.cluster.get(deployment)["spec"]["template"]["spec"]["containers"]
    runtime = node.cluster.get(f"{RUNTIMES}/kserve-sklearnserver")
    assert container["image"] == runtime["spec"]["containers"][0]["image"]
    assert node.cluster.get(f"/api/v1/namespaces/{NAMESPACE}/services/raw-predictor")


def make(node: Node, pod: Pod, obj: Object) -> None:
    """Make an InferenceService, which passes the manager's webhooks."""
    pod.wait(lambda: node.cluster.http.post(MODELS, json=obj).is_success)


def test_nothing_that_it_asks_for_is_denied(pod: Pod) -> None:
    assert not cluster.denied(pod.pebble.log())
