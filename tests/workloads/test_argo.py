# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Argo's workflow controller, run as the charm argo-controller runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import cluster, metrics
from .cluster import Node, Pod

APP = "argo-controller"
WORKFLOWS = "/apis/argoproj.io/v1alpha1/namespaces/default/workflows"
WORKFLOW = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"name": "one"},
    "spec": {
        "entrypoint": "main",
        "templates": [
            {"name": "main", "container": {"image": "nothing", "command": ["true"]}},
        ],
    },
}


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    cluster.program("workflow-controller")
    with cluster.deployed(request, APP, "minio") as node, node.untrusted(APP):
        yield node


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    programs = {"/bin/workflow-controller": "workflow-controller"}
    with cluster.running(node, APP, APP, programs) as pod:
        yield pod


def test_the_checks_of_the_charm_pass(pod: Pod) -> None:
    pod.wait(pod.pebble.healthy)


def test_the_ports_that_services_lead_to_are_open(pod: Pod) -> None:
    pod.wait(lambda: not pod.silent())


def test_prometheus_finds_what_it_is_told_of(pod: Pod) -> None:
    pod.wait(lambda: pod.listens(9090))
    metrics.check(pod, APP, lambda: pod.http(9090, "/metrics"))


def test_a_workflow_gets_its_pod(node: Node, pod: Pod) -> None:
    node.cluster.create(WORKFLOWS, WORKFLOW)
    pods = "/api/v1/namespaces/default/pods?labelSelector=workflows.argoproj.io/workflow=one"
    pod.wait(lambda: node.cluster.items(pods))
    (made,) = node.cluster.items(pods)
    executor = next(each for each in made["spec"]["containers"] if each["name"] == "wait")
    assert executor["image"] == "docker.io/charmedkubeflow/argoexec:3.7.3-dffabf8"


def test_the_queue_is_measured_once_something_has_waited(pod: Pod) -> None:
    pod.wait(lambda: "\nargo_workflows_queue_depth_gauge{" in pod.http(9090, "/metrics")[1])


def test_a_changed_option_reaches_it(node: Node, pod: Pod) -> None:
    node.configure(APP, {"log-level": "debug"})
    pod.replan()
    pod.wait(lambda: "level=debug" in pod.pebble.log())
    pod.wait(pod.pebble.healthy)


def test_nothing_that_it_asks_for_is_denied(pod: Pod) -> None:
    assert not cluster.denied(pod.pebble.log())


def test_the_checks_of_the_charm_fail_once_it_has_stopped(pod: Pod) -> None:
    pod.pebble.client.stop_services([APP])
    pod.wait(pod.pebble.unhealthy)
