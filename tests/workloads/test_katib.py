"""Katib's controller, run as the charm katib-controller runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import cluster, metrics
from .cluster import MODEL, Node, Pod

APP = "katib-controller"
KATIB = "/apis/kubeflow.org/v1beta1/namespaces/alice"
PROFILE = {"katib.kubeflow.org/metrics-collector-injection": "enabled"}
EXPERIMENT = {
    "apiVersion": "kubeflow.org/v1beta1",
    "kind": "Experiment",
    "metadata": {"name": "one"},
    "spec": {
        "objective": {"type": "minimize", "objectiveMetricName": "loss"},
        "algorithm": {"algorithmName": "random"},
        "maxTrialCount": 1,
        "parallelTrialCount": 1,
        "parameters": [
            {"name": "lr", "parameterType": "double", "feasibleSpace": {"min": "0.1", "max": "1"}}
        ],
        "trialTemplate": {
            "primaryContainerName": "main",
            "trialParameters": [{"name": "lr", "reference": "lr"}],
            "trialSpec": {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "spec": {
                    "template": {
                        "spec": {
                            "restartPolicy": "Never",
                            "containers": [
                                {
                                    "name": "main",
                                    "image": "nothing",
                                    "command": ["train", "${trialParameters.lr}"],
                                }
                            ],
                        }
                    }
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, and the namespace of a user."""
    cluster.program(APP)
    apps = (APP, "katib-db-manager", "katib-db", "training-operator")
    with cluster.deployed(request, *apps) as node, node.untrusted(APP):
        space = {"metadata": {"name": "alice", "labels": PROFILE}}
        node.cluster.create("/api/v1/namespaces", space)
        yield node


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    with cluster.running(node, APP, APP, {"/katib-controller": APP}) as pod:
        yield pod


def test_the_checks_of_the_charm_pass(pod: Pod) -> None:
    pod.wait(pod.pebble.healthy)


def test_prometheus_finds_what_it_is_told_of(pod: Pod) -> None:
    status, text = pod.http(8080, "/metrics")
    assert status == 200
    assert not metrics.missing(APP, text)


def test_an_experiment_gets_the_service_that_suggests(node: Node, pod: Pod) -> None:
    """Its webhooks take the experiment first, by the Service and with the charm's certificate."""
    pod.wait(lambda: node.cluster.http.post(f"{KATIB}/experiments", json=EXPERIMENT).is_success)
    pod.wait(lambda: node.cluster.http.get(f"{KATIB}/suggestions/one").is_success)
    deployment = "/apis/apps/v1/namespaces/alice/deployments/one-random"
    pod.wait(lambda: node.cluster.http.get(deployment).is_success)
    (container,) = node.cluster.get(deployment)["spec"]["template"]["spec"]["containers"]
    path = node.path("configmaps", "katib-config")
    assert container["image"] in node.cluster.get(path)["data"]["katib-config.yaml"]


def test_the_experiment_names_where_measurements_go(node: Node, pod: Pod) -> None:
    """Its own defaults, filled in by the webhook, came from the program."""
    spec = node.cluster.get(f"{KATIB}/experiments/one")["spec"]
    assert spec["metricsCollectorSpec"] == {"collector": {"kind": "StdOut"}}
    variables = pod.pebble.client.get_plan().services[APP].environment
    assert variables["KATIB_DB_MANAGER_SERVICE_IP"] in node.hosts()
    assert variables["KATIB_CORE_NAMESPACE"] == MODEL


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
