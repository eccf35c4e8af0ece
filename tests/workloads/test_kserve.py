# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""KServe's manager, run as the charm kserve-controller runs it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import yaml
from charmkit import x509

from . import certificate, cluster, conformance, definitions, kubelet
from .cluster import Node, Object, Pod

APP = "kserve-controller"
NAMESPACE = "alice"
GROUP = "serving.kserve.io"
MODELS = f"/apis/{GROUP}/v1beta1/namespaces/{NAMESPACE}/inferenceservices"
GRAPHS = f"/apis/{GROUP}/v1alpha1/namespaces/{NAMESPACE}/inferencegraphs"
RUNTIMES = f"/apis/{GROUP}/v1alpha1/clusterservingruntimes"
STORAGE = f"/apis/{GROUP}/v1alpha1/clusterstoragecontainers/default"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
INGRESSES = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/ingresses"
KNATIVE = f"/apis/serving.knative.dev/v1/namespaces/{NAMESPACE}/services"
CORE = f"/api/v1/namespaces/{NAMESPACE}"
DEFINITIONS, CONTROLLERS = f"*.{GROUP}", 3
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
RAW = {f"{GROUP}/deploymentMode": "RawDeployment"}
DOMAIN = "models.example.com"
OPTIONS = {
    "istio-pilot": {"authentication": "while-related"},
    "knative-serving": {"domain.name": DOMAIN},
}
SLICE = "nvidia.com/mig-1g.5gb"


def model(name: str, annotations: dict[str, str] | None = None, **more: Any) -> Object:
    """Return an InferenceService of a model that scikit-learn runs."""
    served = {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/iris"}
    return {
        "apiVersion": f"{GROUP}/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name, "annotations": annotations or {}},
        "spec": {"predictor": {"model": served, **more}},
    }


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, and the namespace of a user, whose pods have to be harmless."""
    cluster.program("kserve-manager")
    apps = (APP, "istio-pilot", "knative-operator", "knative-serving")
    with cluster.deployed(request, *apps, config=OPTIONS) as node, node.untrusted(APP):
        space = {"metadata": {"name": NAMESPACE, "labels": RESTRICTED}}
        node.cluster.create("/api/v1/namespaces", space)
        yield node


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    """The program; nothing that it works on is served yet, and there is no Knative."""
    definitions.withhold(node, DEFINITIONS)
    with cluster.running(node, APP, APP, {"/manager": "kserve-manager"}) as pod:
        yield pod


@pytest.fixture
def program(pod: Pod) -> Pod:
    return pod


def make(node: Node, pod: Pod, path: str, obj: Object) -> None:
    """Make something that passes the manager's webhooks, when they are reached."""
    pod.wait(lambda: node.cluster.http.post(path, json=obj).is_success)


def find(node: Node, pod: Pod, path: str) -> Object:
    """Return what the manager makes, when it is there."""
    pod.wait(lambda: node.cluster.http.get(path).is_success)
    return node.cluster.get(path)


def pod_of(node: Node, pod: Pod, name: str) -> Object:
    """Return a model's pod, when Kubernetes has made it."""
    path = f"{CORE}/pods?labelSelector={GROUP}/inferenceservice={name}"
    pod.wait(lambda: node.cluster.items(path))
    (made,) = node.cluster.items(path)
    return made


def images(spec: Object) -> dict[str, str]:
    """Return the images of a pod's containers by name."""
    containers = [*spec.get("initContainers", ()), *spec["containers"]]
    return {each["name"]: each["image"] for each in containers}


def configured(node: Node, section: str) -> str:
    """Return the image that KServe's configuration names."""
    data = node.cluster.get(node.path("configmaps", "inferenceservice-config"))["data"]
    return json.loads(data[section])["image"]


def server_image(node: Node) -> str:
    """Return the image that runs models of scikit-learn."""
    return images(node.cluster.get(f"{RUNTIMES}/kserve-sklearnserver")["spec"])["kserve-container"]


class TestLate(conformance.Late):
    """As every controller."""

    definitions = (DEFINITIONS,)

    def works(self, program: conformance.Program) -> bool:
        return program.log().count('"Starting workers"') == CONTROLLERS


class TestStart(conformance.Start):
    """As every program."""


def test_a_raw_model_gets_a_deployment_and_a_service(node: Node, pod: Pod) -> None:
    make(node, pod, MODELS, model("raw", RAW))
    template = find(node, pod, f"{DEPLOYMENTS}/raw-predictor")["spec"]["template"]
    assert images(template["spec"]) == {"kserve-container": server_image(node)}
    service = find(node, pod, f"{CORE}/services/raw-predictor")
    assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()


def test_its_pod_is_harmless_and_downloads_the_model(node: Node, pod: Pod) -> None:
    """The namespace takes no other pods."""
    made = pod_of(node, pod, "raw")["spec"]
    (download,) = made["initContainers"]
    assert download["image"] == node.cluster.get(STORAGE)["spec"]["container"]["image"]
    assert download["args"] == ["s3://models/iris", "/mnt/models"]


def test_a_model_whose_requests_are_logged_is_as_harmless(node: Node, pod: Pod) -> None:
    make(node, pod, MODELS, model("logged", RAW, logger={"mode": "all"}))
    assert images(pod_of(node, pod, "logged")["spec"])["agent"] == configured(node, "agent")


def test_a_model_that_runs_has_an_address(node: Node, pod: Pod) -> None:
    kubelet.report_ready(node.cluster, pod_of(node, pod, "raw"))
    pod.wait(lambda: is_ready(node, "raw"))
    status = node.cluster.get(f"{MODELS}/raw")["status"]
    assert status["url"] == f"http://raw-alice.{DOMAIN}"
    assert status["address"]["url"] == "http://raw-predictor.alice.svc.cluster.local"
    rules = find(node, pod, f"{INGRESSES}/raw")["spec"]["rules"]
    assert f"raw-alice.{DOMAIN}" in {rule["host"] for rule in rules}


def is_ready(node: Node, name: str) -> bool:
    conditions = node.cluster.get(f"{MODELS}/{name}").get("status", {}).get("conditions", ())
    return {"Ready": "True"}.items() <= {c["type"]: c["status"] for c in conditions}.items()


def test_a_graph_of_models_gets_its_router(node: Node, pod: Pod) -> None:
    steps = [{"serviceName": "raw"}]
    graph = {
        "apiVersion": f"{GROUP}/v1alpha1",
        "kind": "InferenceGraph",
        "metadata": {"name": "graph", "annotations": RAW},
        "spec": {"nodes": {"root": {"routerType": "Sequence", "steps": steps}}},
    }
    make(node, pod, GRAPHS, graph)
    template = find(node, pod, f"{DEPLOYMENTS}/graph")["spec"]["template"]
    assert images(template["spec"]) == {"graph": configured(node, "router")}


def test_a_serverless_model_waits_for_knative(node: Node, pod: Pod) -> None:
    make(node, pod, MODELS, model("serverless"))
    events = f"{CORE}/events?fieldSelector=reason=ServerlessModeRejected"
    pod.wait(lambda: node.cluster.items(events))


def test_it_is_restarted_once_knative_is_served_and_not_before(node: Node, pod: Pod) -> None:
    """It looks for Knative at its start alone: in vain, while that is defined and not served."""
    before = pod.starts()
    source = cluster.program("knative-definitions") / "service.yaml"
    definition = yaml.safe_load(source.read_text())
    name = definition["metadata"]["name"]
    for version in definition["spec"]["versions"]:
        version["served"] = False
    node.cluster.create(definitions.DEFINITIONS, definition)
    look_again(node, pod)
    assert pod.starts() == before
    definitions.serve(node, name)
    settings = {"metadata": {"name": "config-autoscaler"}}
    node.cluster.create("/api/v1/namespaces/knative-serving/configmaps", settings)
    look_again(node, pod)
    assert pod.starts() == before + 1
    template = find(node, pod, f"{KNATIVE}/serverless-predictor")["spec"]["template"]
    assert images(template["spec"]) == {"kserve-container": server_image(node)}


def look_again(node: Node, pod: Pod) -> None:
    """Let the charm find out what has come."""
    with node.hooks(APP):
        node.run.model.update_status()
    pod.replan()


def test_another_mode_is_that_of_the_next_model(node: Node, pod: Pod) -> None:
    node.configure(APP, {"deployment-mode": "rawdeployment", "gpu-resource-types": SLICE})
    pod.replan()
    make(node, pod, MODELS, model("next"))
    assert find(node, pod, f"{DEPLOYMENTS}/next-predictor")


def test_slices_of_gpus_are_asked_for_as_they_are(node: Node, pod: Pod) -> None:
    """A worker whose container does not name them would get a whole GPU, as a head would beside
    its slice if KServe were not told the name."""
    asked = {"limits": {SLICE: "1"}, "requests": {SLICE: "1"}}
    worker = {"containers": [{"name": "worker-container", "resources": asked}]}
    large = model("large", {f"{GROUP}/autoscalerClass": "none"}, workerSpec=worker)
    large["spec"]["predictor"]["model"] = {
        "modelFormat": {"name": "huggingface"},
        "runtime": "kserve-huggingfaceserver-multinode",
        "storageUri": "pvc://models/large",
        "resources": asked,
    }
    make(node, pod, MODELS, large)
    for name in ("large-predictor", "large-predictor-worker"):
        template = find(node, pod, f"{DEPLOYMENTS}/{name}")["spec"]["template"]
        (container,) = template["spec"]["containers"]
        assert container["resources"]["limits"].keys() == {"cpu", "memory", SLICE}


def test_private_authorities_reach_the_namespace(node: Node, pod: Pod) -> None:
    authority = x509.new_ca("private").certificate
    node.configure(APP, {"ca-certificates": authority})
    make(node, pod, MODELS, model("trusting"))
    given = find(node, pod, f"{CORE}/configmaps/global-ca-bundle")
    assert given["data"] == {"cabundle.crt": authority}
    made = pod_of(node, pod, "trusting")["spec"]
    volumes = {each["name"]: each for each in made["volumes"]}
    mounted = made["initContainers"][0]["volumeMounts"]
    sources = [volumes[each["name"]].get("configMap", {}).get("name") for each in mounted]
    assert "global-ca-bundle" in sources


def test_a_model_can_be_deleted(node: Node, pod: Pod) -> None:
    node.cluster.http.delete(f"{MODELS}/raw").raise_for_status()
    pod.wait(lambda: node.cluster.http.get(f"{MODELS}/raw").status_code == 404)


class TestMetrics(conformance.Metrics):
    """As every program's, once it has done its work."""

    late = True


def test_a_renewed_certificate_is_served_at_once(node: Node, pod: Pod) -> None:
    before = certificate.served(pod.network, 9443)
    with node.hooks(APP):
        node.run.model.advance(days=300)
        node.run.model.update_status()
    pod.replan()
    pod.wait(lambda: certificate.served(pod.network, 9443) != before)


def test_another_port_is_listened_on(node: Node, pod: Pod) -> None:
    node.configure(APP, {"port": 9444})
    pod.replan()
    pod.wait(lambda: pod.listens(9444))
    pod.wait(pod.pebble.healthy)
    service = node.cluster.get(node.path("services", "kserve-webhook-server-service"))
    assert service["spec"]["ports"][0]["targetPort"] == 9444


class TestEnd(conformance.End):
    """As every program.

    A graph's pod is refused where `restricted` is enforced: no option sets what it lacks.
    """

    expected = re.compile("violates PodSecurity")


def test_pods_that_are_no_models_are_made_without_it(node: Node) -> None:
    labels = {f"{GROUP}/inferenceservice": "raw"}
    assert not make_pod(node, labels).is_success
    assert make_pod(node, {}).is_success


def make_pod(node: Node, labels: dict[str, str]) -> httpx2.Response:
    """Ask what the API server would make of a pod."""
    container = {"name": "main", "image": "nothing"}
    body = {"metadata": {"name": "some", "labels": labels}, "spec": {"containers": [container]}}
    pods = "/api/v1/namespaces/default/pods"
    return node.cluster.http.post(pods, json=body, params={"dryRun": "All"})
