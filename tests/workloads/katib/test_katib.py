# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib's controller, run as the charm katib-controller runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ...kube.test_katib_training import LABELS
from .. import certificate, cluster, conformance, definitions
from ..cluster import MODEL, Node, Object, Pod
from . import experiment
from .experiment import DEFINITIONS, Profile

APP = "katib-controller"
WEBHOOK = 8443
NO_TRIALS = {**LABELS, "a pod of somebody's Job": {"batch.kubernetes.io/job-name": "mine"}}


PROFILE = Profile("controlled")


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    """The program; nothing that it works on is served yet, nor is there a database."""
    cluster.program(APP)
    PROFILE.create(node)
    definitions.withhold(node, *DEFINITIONS)
    programs = {"/katib-controller": APP}
    with node.untrusted(APP), cluster.running(node, APP, APP, programs) as pod:
        yield pod


@pytest.fixture
def program(pod: Pod) -> Pod:
    return pod


class TestLate(conformance.Late):
    """As every controller."""

    definitions = DEFINITIONS


class TestStart(conformance.Start):
    """As every program."""


class TestMetrics(conformance.Metrics):
    """As every program's."""


def test_an_experiment_gets_the_service_that_suggests(node: Node, pod: Pod) -> None:
    """Its webhooks take the experiment first, by the Service and with the charm's certificate."""
    one = PROFILE.experiment("one")
    pod.wait(lambda: node.cluster.http.post(f"{PROFILE.katib}/experiments", json=one).is_success)
    pod.wait(lambda: node.cluster.http.get(f"{PROFILE.katib}/suggestions/one").is_success)
    pod.wait(lambda: node.cluster.http.get(PROFILE.deployment).is_success)
    (container,) = node.cluster.get(PROFILE.deployment)["spec"]["template"]["spec"]["containers"]
    assert container["image"] in experiment.settings(node)


def test_the_experiment_names_where_measurements_go(node: Node, pod: Pod) -> None:
    """Its own defaults, filled in by the webhook, came from the program."""
    spec = node.cluster.get(f"{PROFILE.katib}/experiments/one")["spec"]
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
    answer = node.cluster.http.post(PROFILE.pods, json=body, params={"dryRun": "All"})
    return answer.raise_for_status().json()


def test_a_new_certificate_is_served_and_trusted(node: Node, pod: Pod) -> None:
    """Without a restart: the program watches the files."""
    before, start = certificate.served(pod.network, WEBHOOK), started(pod)
    certificate.renew(node, APP)
    pod.replan()
    pod.wait(lambda: certificate.served(pod.network, WEBHOOK) != before)
    two = PROFILE.experiment("two")
    pod.wait(lambda: node.cluster.http.post(f"{PROFILE.katib}/experiments", json=two).is_success)
    assert started(pod) == start


def started(pod: Pod) -> list[str]:
    """Return when the program has started, as it measures itself."""
    _, text = pod.http(8080, "/metrics")
    return [line for line in text.splitlines() if line.startswith("process_start_time")]


def test_a_changed_option_reaches_it(node: Node, pod: Pod) -> None:
    node.configure(APP, {"metrics-port": "8090"})
    pod.replan()
    pod.wait(lambda: pod.listens(8090))
    pod.wait(pod.pebble.healthy)


class TestEnd(conformance.End):
    """As every program."""


@pytest.mark.parametrize("labels", NO_TRIALS.values(), ids=[*NO_TRIALS])
def test_pods_are_made_while_it_is_stopped(node: Node, labels: dict[str, str]) -> None:
    assert make_pod(node, labels)["spec"]["containers"][0]["command"] == ["work"]
