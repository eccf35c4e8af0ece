# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative's operator and its webhook, run as the charm knative-operator runs them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from jujusim.charm import CharmDir

from ..kube.bundles import eventually
from . import cluster, deployment, kubelet, metrics
from .cluster import ROOT, Node, Object, Pod
from .deployment import DeployedPod

APP, WEBHOOK = "knative-operator", "knative-operator-webhook"
SERVING, EVENTING = "knative-serving", "knative-eventing"
VERSIONS = {SERVING: "1.15.2", EVENTING: "1.15.0"}
IMAGE = {"KO_DATA_PATH": "/var/run/ko"}
DEFINITION = (
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/knativeservings.operator.knative.dev"
)
SIDECAR = {"sidecar.istio.io/inject": "true"}
OPTIONS = {"istio-pilot": {"authentication": "while-related"}}


@dataclass
class Pods:
    """Both containers of the unit, in one network."""

    operator: Pod
    webhook: Pod

    def log(self) -> str:
        """Return what both have said."""
        return self.operator.pebble.log() + self.webhook.pebble.log()

    def healthy(self) -> bool:
        """Tell whether all checks pass."""
        return self.operator.pebble.healthy() and self.webhook.pebble.healthy()

    def metrics(self) -> tuple[int, str]:
        """Return the worse status of both, and what both expose."""
        answers = [self.operator.http(port, "/metrics") for port in (9090, 9091)]
        return max(status for status, _ in answers), "\n".join(text for _, text in answers)


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, of which two have asked for Knative before anything runs."""
    for name in (APP, "knative-webhook", "knative-serving-webhook"):
        cluster.program(name)
    with (
        cluster.deployed(request, APP, "istio-pilot", config=OPTIONS) as node,
        node.untrusted(APP),
    ):
        node.run.server.knative_operator = False
        for name, version in VERSIONS.items():
            charm = CharmDir.load(ROOT / "charms" / name)
            node.run.model.deploy(charm, config={"version": version}, trust=True)
        node.run.model.settle()
        yield node


@pytest.fixture(scope="module")
def pods(node: Node) -> Iterator[Pods]:
    programs = {"/ko-app/operator": APP, "/var/run/ko": "knative-manifests"}
    with (
        cluster.running(node, APP, APP, programs, variables=IMAGE) as operator,
        cluster.running(
            node,
            APP,
            WEBHOOK,
            {"/ko-app/webhook": "knative-webhook"},
            variables=IMAGE,
            pod=operator.network,
        ) as webhook,
    ):
        yield Pods(operator, webhook)


def status(node: Node, app: str) -> tuple[str, str]:
    """Let a charm look again; return its unit's status."""
    node.run.model.update_status()
    node.run.model.settle()
    found = node.run.model.unit(f"{app}/0").workload_status
    return found.name, found.message


def items(node: Node, namespace: str, what: str, group: str = "apis/apps/v1") -> list[Object]:
    return node.cluster.items(node.path(what, group=group, namespace=namespace))


def run_pods(node: Node, namespace: str) -> None:
    """Say that the pods of Deployments run, and that those of Jobs have ended well."""
    waiting = "pods?fieldSelector=status.phase=Pending"
    for pod in items(node, namespace, waiting, "api/v1"):
        owners = {owner["kind"] for owner in pod["metadata"].get("ownerReferences", ())}
        if "Job" in owners:
            kubelet.report_success(node.cluster, pod)
        else:
            kubelet.report_ready(node.cluster, pod)


@pytest.mark.parametrize("app", VERSIONS)
def test_a_component_waits_for_the_operator(node: Node, app: str) -> None:
    assert status(node, app) == ("waiting", f"waiting for the Knative operator to install {app}")


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
    paths = [
        node.path(what, "webhook", group=group, namespace=SERVING)
        for what, group in (("deployments", "apis/apps/v1"), ("services", "api/v1"))
    ]
    pods.operator.wait(lambda: all(node.cluster.http.get(path).is_success for path in paths))
    programs = {"/ko-app/webhook": "knative-serving-webhook"}
    with deployment.running(node, "webhook", programs, SERVING) as pod:
        yield pod


def resource(node: Node, app: str) -> Object:
    """Return the resource by which a charm asks the operator for a component."""
    path = f"/apis/operator.knative.dev/v1beta1/{app.replace('-', '')}s"
    # Not while the webhook changes their definition.
    eventually(lambda: node.cluster.http.get(path).is_success)
    (found,) = node.cluster.items(path)
    return found


def conditions(node: Node, app: str) -> Object:
    """Return the statuses of what the operator says about a component."""
    time.sleep(0.5)  # it works on it for many seconds, and is not to be disturbed
    told = resource(node, app).get("status", {}).get("conditions", ())
    return {each["type"]: each["status"] for each in told}


@pytest.mark.parametrize("app", VERSIONS)
@pytest.mark.usefixtures("serving")
def test_a_component_says_what_is_late(node: Node, pods: Pods, app: str) -> None:
    pods.operator.wait(lambda: conditions(node, app).get("DeploymentsAvailable") == "False")
    name, message = status(node, app)
    begin, _, named = message.partition(": Waiting on deployments: ")
    assert (name, begin) == ("waiting", app)
    late = {each["metadata"]["name"] for each in items(node, app, "deployments")}
    assert set(named.split(", ")) <= late


def settle(node: Node, pods: Pods, app: str) -> None:
    """Say that all pods run, until the operator says that the component is ready."""

    def ready() -> bool:
        run_pods(node, app)
        return conditions(node, app).get("Ready") == "True"

    pods.operator.wait(ready)
    assert status(node, app)[0] == "active"


def foreign(node: Node, app: str) -> set[str]:
    """Return images of Deployments and Jobs that the charm did not ask for."""
    workloads = [
        *items(node, app, "deployments"),
        *items(node, app, "jobs", "apis/batch/v1"),
    ]
    used = {
        container["image"]
        for each in workloads
        for container in each["spec"]["template"]["spec"]["containers"]
    }
    return used - set(resource(node, app)["spec"]["registry"]["override"].values())


@pytest.mark.parametrize("app", VERSIONS)
def test_a_component_is_active_once_its_pods_are_ready(node: Node, pods: Pods, app: str) -> None:
    """All that runs has the images that the charm has asked for."""
    settle(node, pods, app)
    assert not foreign(node, app)


def test_options_reach_what_is_installed(node: Node, pods: Pods) -> None:
    """The proxy beside users' services is the charm's; Knative's own webhook takes a change."""
    path = node.path("configmaps", "config-deployment", namespace=SERVING)
    settings = node.cluster.get(path)["data"]
    override = resource(node, SERVING)["spec"]["registry"]["override"]
    assert settings["queue-sidecar-image"] == override["queue-proxy"]
    node.run.model.configure(SERVING, {"progress-deadline": "900s"})
    node.run.model.settle()
    pods.operator.wait(lambda: node.cluster.get(path)["data"]["progress-deadline"] == "900s")


def templates(node: Node) -> dict[str, Object]:
    """Return the pods of the Deployments of Knative Serving, as they are asked for."""
    found = items(node, SERVING, "deployments")
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
    pods.operator.wait(lambda: not items(node, EVENTING, "deployments"))


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
