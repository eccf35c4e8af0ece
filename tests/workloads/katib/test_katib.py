# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib's controller, run as the charm katib-controller runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..kube.test_katib_training import LABELS
from . import certificate, cluster, experiment, metrics
from .cluster import MODEL, Node, Object, Pod
from .experiment import DEPLOYMENT, KATIB, NAMESPACE, PODS, PROFILE

APP = "katib-controller"
WEBHOOK = 8443
NO_TRIALS = {**LABELS, "a pod of somebody's Job": {"batch.kubernetes.io/job-name": "mine"}}


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, and the namespace of a user."""
    cluster.program(APP)
    apps = (APP, "katib-db-manager", "katib-db", "training-operator")
    with cluster.deployed(request, *apps) as node, node.untrusted(APP):
        space = {"metadata": {"name": NAMESPACE, "labels": PROFILE}}
        node.cluster.create("/api/v1/namespaces", space)
        yield node


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    with cluster.running(node, APP, APP, {"/katib-controller": APP}) as pod:
        yield pod


def test_the_checks_of_the_charm_pass(pod: Pod) -> None:
    pod.wait(pod.pebble.healthy)


def test_the_ports_that_services_lead_to_are_open(pod: Pod) -> None:
    pod.wait(lambda: not pod.silent())


def test_prometheus_finds_what_it_is_told_of(pod: Pod) -> None:
    metrics.check(pod, APP, lambda: pod.http(8080, "/metrics"))


def test_an_experiment_gets_the_service_that_suggests(node: Node, pod: Pod) -> None:
    """Its webhooks take the experiment first, by the Service and with the charm's certificate."""
    one = experiment.named("one")
    pod.wait(lambda: node.cluster.http.post(f"{KATIB}/experiments", json=one).is_success)
    pod.wait(lambda: node.cluster.http.get(f"{KATIB}/suggestions/one").is_success)
    pod.wait(lambda: node.cluster.http.get(DEPLOYMENT).is_success)
    (container,) = node.cluster.get(DEPLOYMENT)["spec"]["template"]["spec"]["containers"]
    assert container["image"] in experiment.settings(node)


def test_the_experiment_names_where_measurements_go(node: Node, pod: Pod) -> None:
    """Its own defaults, filled in by the webhook, came from the program."""
    spec = node.cluster.get(f"{KATIB}/experiments/one")["spec"]
    assert spec["metricsCollectorSpec"] == {"collector": {"kind": "StdOut"}}
    variables = pod.pebble.client.get_plan().services[APP].environment
    assert variables["KATIB_DB_MANAGER_SERVICE_IP"] in node.hosts()
    assert variables["KATIB_CORE_NAMESPACE"] == MODEL


@pytest.mark.parametrize("labels", NO_TRIALS.values(), ids=[*NO_TRIALS])
def test_pods_that_are_no_trials_stay_as_they_are(node: Node, labels: dict[str, str]) -> None:
    made = make_pod(node, labels)
    (container,) = made["spec"]["containers"]
    assert container["command"] == ["work"]
    assert made["metadata"].get("labels", {}) == labels


def make_pod(node: Node, labels: dict[str, str]) -> Object:
    """Return what the API server would make of a pod."""
    container = {"name": "main", "image": "nothing", "command": ["work"]}
    about = {"name": "some", "labels": labels}
    body = {"metadata": about, "spec": {"containers": [container]}}
    answer = node.cluster.http.post(PODS, json=body, params={"dryRun": "All"})
    return answer.raise_for_status().json()


def test_a_new_certificate_is_served_and_trusted(node: Node, pod: Pod) -> None:
    """Without a restart: the program watches the files."""
    before, start = certificate.served(pod, WEBHOOK), started(pod)
    certificate.renew(node, APP)
    pod.replan()
    pod.wait(lambda: certificate.served(pod, WEBHOOK) != before)
    two = experiment.named("two")
    pod.wait(lambda: node.cluster.http.post(f"{KATIB}/experiments", json=two).is_success)
    assert started(pod) == start


def started(pod: Pod) -> list[str]:
    """Return when the program has started, as it measures itself."""
    _, text = pod.http(8080, "/metrics")
    return [line for line in text.splitlines() if line.startswith("process_start_time")]


def test_nothing_that_it_asks_for_is_denied(pod: Pod) -> None:
    assert not cluster.denied(pod.pebble.log())


def test_a_changed_option_reaches_it(node: Node, pod: Pod) -> None:
    node.configure(APP, {"metrics-port": "8090"})
    pod.replan()
    pod.wait(lambda: pod.listens(8090))
    pod.wait(pod.pebble.healthy)


def test_the_checks_of_the_charm_fail_once_it_has_stopped(pod: Pod) -> None:
    pod.pebble.client.stop_services([APP])
    pod.wait(pod.pebble.unhealthy)


@pytest.mark.parametrize("labels", NO_TRIALS.values(), ids=[*NO_TRIALS])
def test_pods_are_made_while_it_is_stopped(node: Node, labels: dict[str, str]) -> None:
    assert make_pod(node, labels)["spec"]["containers"][0]["command"] == ["work"]
