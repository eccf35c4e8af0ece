# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative's operator and its webhook, run as the charm knative-operator runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import cluster, knative, metrics
from .cluster import Node, Object
from .deployment import DeployedPod
from .knative import APP, EVENTING, SERVING, VERSIONS, Pods

DEFINITION = (
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/knativeservings.operator.knative.dev"
)
SIDECAR = {"sidecar.istio.io/inject": "true"}


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, of which two have asked for Knative before anything runs."""
    both = {name: {} for name in VERSIONS}
    with knative.asked(request, both, "knative-serving-webhook") as node:
        yield node


@pytest.fixture(scope="module")
def pods(node: Node) -> Iterator[Pods]:
    with knative.operating(node) as pods:
        yield pods


@pytest.mark.parametrize("app", VERSIONS)
def test_a_component_waits_for_the_operator(node: Node, app: str) -> None:
    assert knative.status(node, app) == (
        "waiting",
        f"waiting for the Knative operator to install {app}",
    )


def test_the_checks_of_the_charm_pass(pods: Pods) -> None:
    pods.operator.wait(pods.healthy)


def test_each_program_has_ports_of_its_own(pods: Pods) -> None:
    ports = (8008, 8009, 8080, 8443, 9090, 9091)
    pods.operator.wait(lambda: all(map(pods.operator.listens, ports)))


def test_prometheus_finds_what_it_is_told_of(pods: Pods) -> None:
    metrics.check(pods.operator, APP, pods.metrics)


def test_the_api_server_trusts_the_webhook(node: Node, pods: Pods) -> None:
    def bundle() -> str:
        spec = node.cluster.get(DEFINITION)["spec"]["conversion"]["webhook"]["clientConfig"]
        return spec.get("caBundle", "")

    pods.webhook.wait(bundle)
    made = node.cluster.get(node.path("secrets", "operator-webhook-certs"))
    assert made["data"]["ca-cert.pem"] == bundle()


@pytest.fixture(scope="module")
def serving(node: Node, pods: Pods) -> Iterator[DeployedPod]:
    """The webhook of Knative Serving, which the operator's own requests pass."""
    programs = {"webhook": "knative-serving-webhook"}
    with knative.running(node, pods, SERVING, programs) as running:
        yield running["webhook"]


@pytest.mark.parametrize("app", VERSIONS)
@pytest.mark.usefixtures("serving")
def test_a_component_says_what_is_late(node: Node, pods: Pods, app: str) -> None:
    pods.operator.wait(
        lambda: knative.conditions(node, app).get("DeploymentsAvailable") == "False"
    )
    name, message = knative.status(node, app)
    begin, _, named = message.partition(": Waiting on deployments: ")
    assert (name, begin) == ("waiting", app)
    late = {each["metadata"]["name"] for each in knative.items(node, app, "deployments")}
    assert set(named.split(", ")) <= late


def foreign(node: Node, app: str) -> set[str]:
    """Return images of Deployments and Jobs that the charm did not ask for."""
    workloads = [
        *knative.items(node, app, "deployments"),
        *knative.items(node, app, "jobs", "apis/batch/v1"),
    ]
    used = {
        container["image"]
        for each in workloads
        for container in each["spec"]["template"]["spec"]["containers"]
    }
    return used - set(knative.images(node, app).values())


@pytest.mark.parametrize("app", VERSIONS)
def test_a_component_is_active_once_its_pods_are_ready(node: Node, pods: Pods, app: str) -> None:
    """All that runs has the images that the charm has asked for."""
    knative.settle(node, pods.operator, app)
    assert not foreign(node, app)


def test_options_reach_what_is_installed(node: Node, pods: Pods) -> None:
    """The proxy beside users' services is the charm's; Knative's own webhook takes a change."""
    path = node.path("configmaps", "config-deployment", namespace=SERVING)
    settings = node.cluster.get(path)["data"]
    assert settings["queue-sidecar-image"] == knative.images(node, SERVING)["queue-proxy"]
    node.run.model.configure(SERVING, {"progress-deadline": "900s"})
    node.run.model.settle()
    pods.operator.wait(lambda: node.cluster.get(path)["data"]["progress-deadline"] == "900s")


def templates(node: Node) -> dict[str, Object]:
    """Return the pods of the Deployments of Knative Serving, as they are asked for."""
    found = knative.items(node, SERVING, "deployments")
    return {each["metadata"]["name"]: each["spec"]["template"] for each in found}


def with_labels(node: Node, wanted: dict[str, str]) -> list[str]:
    """Return the Deployments of Knative Serving whose pods have these labels."""
    pods = templates(node).items()
    return [name for name, each in pods if wanted.items() <= each["metadata"]["labels"].items()]


@pytest.fixture(scope="module")
def _meshed(node: Node, pods: Pods) -> None:
    """Istio has a gateway. Its webhook puts no sidecar into anything: istiod does not run."""
    node.run.model.integrate("istio-pilot:gateway-info", f"{SERVING}:gateway-info")
    node.run.model.settle()
    pods.operator.wait(lambda: with_labels(node, SIDECAR))


@pytest.mark.usefixtures("_meshed")
def test_the_activator_alone_asks_for_a_sidecar(node: Node) -> None:
    """It has an account of its own, by which the mesh knows it."""
    assert with_labels(node, SIDECAR) == ["activator"]
    assert templates(node)["activator"]["spec"]["serviceAccountName"] == "activator"
    network = node.cluster.get(node.path("configmaps", "config-network", namespace=SERVING))
    assert network["data"]["mesh-compatibility-mode"] == "enabled"


@pytest.mark.usefixtures("_meshed")
def test_the_activator_s_policy_selects_its_pods_and_no_others(node: Node) -> None:
    path = node.path("authorizationpolicies", group="apis/security.istio.io/v1", namespace=SERVING)
    (policy,) = node.cluster.items(path)
    assert with_labels(node, policy["spec"]["selector"]["matchLabels"]) == ["activator"]


def test_what_they_have_done_is_counted(pods: Pods) -> None:
    metrics.check(pods.operator, APP, pods.metrics, late=True)


def test_a_component_that_is_removed_is_taken_down(node: Node, pods: Pods) -> None:
    node.run.model.remove_application(EVENTING)
    node.run.model.settle()
    assert not node.run.deployment.failures
    pods.operator.wait(lambda: not knative.items(node, EVENTING, "deployments"))


def test_nothing_that_they_ask_for_is_denied(pods: Pods) -> None:
    assert not cluster.denied(pods.log())


def test_another_port_is_listened_on(node: Node, pods: Pods) -> None:
    with node.hooks(APP):
        node.run.model.configure(APP, {"webhook-port": 8444})
    pods.webhook.replan()
    pods.webhook.wait(lambda: pods.webhook.listens(8444))
    pods.webhook.wait(pods.healthy)


def test_the_checks_of_the_charm_fail_once_they_have_stopped(pods: Pods) -> None:
    for pod in (pods.operator, pods.webhook):
        pod.pebble.client.stop_services([pod.container])
        pod.wait(pod.pebble.unhealthy)
