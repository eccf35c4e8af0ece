# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative Eventing's programs, run as the Deployments that the operator makes for the charm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import cluster, knative
from .cluster import Node, Object
from .deployment import DeployedPod
from .knative import EVENTING

NAMESPACE = "alice"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
ADAPTER, DISPATCHER = "registry.example.com/adapter:1", "registry.example.com/dispatcher:1"
IMAGES = f"{{APISERVER_RA_IMAGE: {ADAPTER}, DISPATCHER_IMAGE: {DISPATCHER}}}"
PROGRAMS = {
    "eventing-webhook": "knative-eventing-webhook",
    "eventing-controller": "knative-eventing-controller",
    "imc-controller": "knative-eventing-channel",
    "mt-broker-controller": "knative-eventing-broker",
}
UNPROBED = {"mt-broker-controller"}
GROUPS = {
    "apiserversources": "sources.knative.dev/v1",
    "brokers": "eventing.knative.dev/v1",
    "inmemorychannels": "messaging.knative.dev/v1",
    "pingsources": "sources.knative.dev/v1",
    "triggers": "eventing.knative.dev/v1",
}
KINDS = {
    "apiserversources": "ApiServerSource",
    "brokers": "Broker",
    "pingsources": "PingSource",
    "triggers": "Trigger",
}
TARGET = {"uri": "http://models.example.com/"}
WATCHED = {"apiVersion": "v1", "kind": "Event"}
ROLE = {"apiGroups": [""], "resources": ["events"], "verbs": ["get", "list", "watch"]}


def path(what: str, name: str = "") -> str:
    """Return where the user's objects are."""
    group = f"apis/{GROUPS[what]}" if what in GROUPS else "api/v1"
    return f"/{group}/namespaces/{NAMESPACE}/{what}{name and f'/{name}'}"


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, and a user's namespace with an account that may watch events."""
    options = {EVENTING: {"custom_images": IMAGES}}
    with knative.asked(request, options, *PROGRAMS.values()) as node:
        space = {"metadata": {"name": NAMESPACE, "labels": RESTRICTED}}
        node.cluster.create("/api/v1/namespaces", space)
        node.cluster.create(path("serviceaccounts"), {"metadata": {"name": "watcher"}})
        grant(node)
        knative.add_worker(node)
        yield node


def grant(node: Node) -> None:
    """Let the account watch events of its namespace."""
    rights = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}"
    about = {"metadata": {"name": "watcher"}}
    node.cluster.create(f"{rights}/roles", {**about, "rules": [ROLE]})
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "watcher"}
    account = {"kind": "ServiceAccount", "name": "watcher", "namespace": NAMESPACE}
    binding = {**about, "roleRef": role, "subjects": [account]}
    node.cluster.create(f"{rights}/rolebindings", binding)


@pytest.fixture(scope="module")
def pods(node: Node) -> Iterator[dict[str, DeployedPod]]:
    with knative.component(node, EVENTING, PROGRAMS) as pods:
        yield pods


@pytest.fixture(scope="module")
def controller(pods: dict[str, DeployedPod]) -> DeployedPod:
    return pods["eventing-controller"]


def make(node: Node, pod: DeployedPod, what: str, name: str, spec: Object) -> None:
    """Make something of a user, when the webhook answers."""
    about = {"apiVersion": GROUPS[what], "kind": KINDS[what], "metadata": {"name": name}}
    made = {**about, "spec": spec}
    pod.wait(lambda: node.cluster.http.post(path(what), json=made).is_success)


def ready(node: Node, pod: DeployedPod, what: str, name: str) -> Object:
    """Return something of a user, when it is ready."""
    where = path(what, name)
    pod.wait(lambda: knative.said(node.cluster.get(where)).get("Ready") == "True")
    return node.cluster.get(where)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in UNPROBED])
def test_its_probes_are_answered(pods: dict[str, DeployedPod], name: str) -> None:
    pods[name].wait(pods[name].healthy)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_tells_its_metrics(pods: dict[str, DeployedPod], name: str) -> None:
    pods[name].wait(lambda: "# TYPE " in pods[name].http(9090, "/metrics")[1])


def test_a_broker_has_a_channel_and_an_address(node: Node, controller: DeployedPod) -> None:
    """Its class and the kind of its channel are those of Knative's own settings."""
    make(node, controller, "brokers", "default", {})
    knative.run_pods(node, EVENTING)
    broker = ready(node, controller, "brokers", "default")
    name = "broker-ingress.knative-eventing.svc.cluster.local"
    assert broker["status"]["address"]["url"] == f"http://{name}/{NAMESPACE}/default"
    ready(node, controller, "inmemorychannels", "default-kne-trigger")


def test_a_trigger_subscribes_to_it(node: Node, controller: DeployedPod) -> None:
    """That the subscriber is there is for the channel's dispatcher to say, which does not run."""
    make(node, controller, "triggers", "some", {"broker": "default", "subscriber": TARGET})

    def subscribed() -> list[Object]:
        channel = node.cluster.get(path("inmemorychannels", "default-kne-trigger"))
        return channel["spec"].get("subscribers", [])

    controller.wait(subscribed)


def test_a_source_of_pings_starts_its_adapter(node: Node, controller: DeployedPod) -> None:
    spec = {"schedule": "* * * * *", "data": "ping", "sink": TARGET}
    make(node, controller, "pingsources", "pings", spec)
    where = node.path(
        "deployments", "pingsource-mt-adapter", group="apis/apps/v1", namespace=EVENTING
    )
    controller.wait(lambda: node.cluster.get(where)["spec"]["replicas"] == 1)
    (container,) = node.cluster.get(where)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == knative.images(node, EVENTING)["pingsource-mt-adapter/dispatcher"]


def test_a_source_of_a_clusters_events_gets_its_adapter(
    node: Node, controller: DeployedPod
) -> None:
    """In the user's namespace, which takes only harmless pods, with the image of the option."""
    spec = {"serviceAccountName": "watcher", "resources": [WATCHED], "sink": TARGET}
    make(node, controller, "apiserversources", "events", spec)
    where = path("pods?labelSelector=eventing.knative.dev/source=apiserver-source-controller")
    controller.wait(lambda: node.cluster.items(where))
    (pod,) = node.cluster.items(where)
    assert [each["image"] for each in pod["spec"]["containers"]] == [ADAPTER]


def test_channels_know_the_image_of_their_dispatchers(pods: dict[str, DeployedPod]) -> None:
    """A channel may ask for one in the user's namespace."""
    (container,) = pods["imc-controller"].spec["containers"]
    assert {"name": "DISPATCHER_IMAGE", "value": DISPATCHER} in container["env"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_that_it_asks_for_is_denied(pods: dict[str, DeployedPod], name: str) -> None:
    assert not cluster.denied(pods[name].program.log())
    assert not pods[name].program.ended
