# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The server of Katib's page, run as the charm katib-ui runs it, beside Katib's controller.

The files of the page are not built here: a line of text stands for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from . import cluster, experiment
from .cluster import Node, Object, Pod
from .experiment import KATIB, NAMESPACE, PROFILE

APP, CONTROLLER = "katib-ui", "katib-controller"
OWNER, READER, STRANGER = "alice@example.com", "carol@example.com", "bob@example.com"
LIST = f"/katib/fetch_experiments/?namespace={NAMESPACE}"
GET = f"/katib/fetch_experiment/?namespace={NAMESPACE}&experimentName=one"
DELETE = f"/katib/delete_experiment/?namespace={NAMESPACE}&experimentName=one"
PAGE = {"/app/build/static/index.html": "the page"}


@pytest.fixture(scope="module")
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """The charms, a profile's namespace, its owner, and somebody who may only look."""
    cluster.program(APP)
    neighbours = (CONTROLLER, "katib-db-manager", "katib-db", "kubeflow-roles")
    with cluster.deployed(request, APP, *neighbours) as node:
        space = {"metadata": {"name": NAMESPACE, "labels": PROFILE}}
        node.cluster.create("/api/v1/namespaces", space)
        bind(node, OWNER, "kubeflow-edit")
        bind(node, READER, "kubeflow-view")
        with node.untrusted(APP), node.untrusted(CONTROLLER):
            yield node


def bind(node: Node, user: str, role: str) -> None:
    """Make somebody a contributor, as kubeflow-profiles does."""
    rbac = "rbac.authorization.k8s.io"
    binding = {
        "metadata": {"name": role},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": user}],
    }
    node.cluster.create(f"/apis/{rbac}/v1/namespaces/{NAMESPACE}/rolebindings", binding)


@pytest.fixture(scope="module")
def controller(node: Node) -> Iterator[Pod]:
    with cluster.running(node, CONTROLLER, CONTROLLER, {"/katib-controller": CONTROLLER}) as pod:
        yield pod


@pytest.fixture(scope="module")
def pod(node: Node, controller: Pod) -> Iterator[Pod]:
    with cluster.running(node, APP, APP, {"/app/katib-ui": APP}, PAGE) as pod:
        controller.wait(controller.pebble.healthy)
        yield pod


def ask(pod: Pod, user: str, path: str, posted: Object | None = None) -> tuple[int, str]:
    """Ask the server, past the gateway, which would have set the header."""
    headers = {"kubeflow-userid": user} if user else {}
    return cluster.fetch(pod.network, 8080, path, headers, posted)


def create(pod: Pod, user: str) -> tuple[int, str]:
    return ask(pod, user, "/katib/create_experiment/", {"postData": experiment.named("one")})


def test_the_checks_of_the_charm_pass(pod: Pod) -> None:
    pod.wait(pod.pebble.healthy)


def test_the_ports_that_services_lead_to_are_open(pod: Pod) -> None:
    pod.wait(lambda: not pod.silent())


@pytest.mark.parametrize(("user", "status"), [("", 401), (STRANGER, 403), (READER, 403)])
def test_nobody_makes_experiments_in_the_namespace_of_others(
    node: Node, pod: Pod, user: str, status: int
) -> None:
    assert create(pod, user)[0] == status
    assert not node.cluster.items(f"{KATIB}/experiments")


def test_the_owner_makes_an_experiment(node: Node, pod: Pod) -> None:
    assert create(pod, OWNER) == (200, "")
    (found,) = node.cluster.items(f"{KATIB}/experiments")
    assert found["metadata"]["name"] == "one"
    # Until the controller has taken it up, the server answers with an error.
    pod.wait(lambda: "status" in node.cluster.get(f"{KATIB}/experiments/one"))


@pytest.mark.parametrize("user", [OWNER, READER])
def test_who_may_read_a_namespace_sees_its_experiments(pod: Pod, user: str) -> None:
    status, text = ask(pod, user, LIST)
    assert status == 200
    assert [each["name"] for each in json.loads(text)] == ["one"]
    status, text = ask(pod, user, GET)
    assert status == 200
    assert json.loads(text)["metadata"]["name"] == "one"


@pytest.mark.parametrize("path", [LIST, GET, DELETE])
@pytest.mark.parametrize(("user", "status"), [("", 401), (STRANGER, 403)])
def test_others_see_and_delete_nothing(
    node: Node, pod: Pod, path: str, user: str, status: int
) -> None:
    found, text = ask(pod, user, path)
    assert found == status
    assert "lr" not in text
    assert node.cluster.http.get(f"{KATIB}/experiments/one").is_success


def test_nothing_that_it_asks_for_is_denied(pod: Pod) -> None:
    assert not cluster.denied(pod.pebble.log())


def test_the_owner_deletes_the_experiment(node: Node, pod: Pod) -> None:
    assert ask(pod, OWNER, DELETE)[0] == 200
    assert node.cluster.http.get(f"{KATIB}/experiments/one").status_code == 404


def test_the_checks_of_the_charm_fail_once_it_has_stopped(pod: Pod) -> None:
    pod.pebble.client.stop_services([APP])
    pod.wait(pod.pebble.unhealthy)
