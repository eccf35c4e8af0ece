# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The server of Katib's page, run as the charm katib-ui runs it, beside Katib's controller.

The files of the page are not built here: a line of text stands for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from .. import cluster, conformance, definitions
from ..cluster import Node, Object, Pod
from .experiment import DEFINITIONS, Profile

APP, CONTROLLER = "katib-ui", "katib-controller"
PROFILE = Profile("seen")
OWNER, READER, STRANGER = "alice@example.com", "carol@example.com", "bob@example.com"
LIST = f"/katib/fetch_experiments/?namespace={PROFILE.name}"
GET = f"/katib/fetch_experiment/?namespace={PROFILE.name}&experimentName=mine"
DELETE = f"/katib/delete_experiment/?namespace={PROFILE.name}&experimentName=mine"
PAGE = {"/app/build/static/index.html": "the page"}


def bind(node: Node, user: str, role: str) -> None:
    """Make somebody a contributor, as kubeflow-profiles does."""
    rbac = "rbac.authorization.k8s.io"
    binding = {
        "metadata": {"name": role},
        "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": user}],
    }
    node.cluster.create(f"/apis/{rbac}/v1/namespaces/{PROFILE.name}/rolebindings", binding)


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    """The page; neither what it shows is served yet, nor does the controller run.

    A profile has an owner, and somebody who may only look.
    """
    cluster.program(APP)
    PROFILE.create(node)
    bind(node, OWNER, "kubeflow-edit")
    bind(node, READER, "kubeflow-view")
    definitions.withhold(node, *DEFINITIONS)
    with node.untrusted(APP), cluster.running(node, APP, APP, {"/app/katib-ui": APP}, PAGE) as pod:
        yield pod


@pytest.fixture(scope="module")
def controller(node: Node, pod: Pod) -> Iterator[Pod]:
    programs = {"/katib-controller": CONTROLLER}
    with (
        node.untrusted(CONTROLLER),
        cluster.running(node, CONTROLLER, CONTROLLER, programs) as controller,
    ):
        controller.wait(lambda: controller.healthy() and not controller.silent())
        yield controller


@pytest.fixture
def program(pod: Pod) -> Pod:
    return pod


def ask(pod: Pod, user: str, path: str, posted: Object | None = None) -> tuple[int, str]:
    """Ask the server, past the gateway, which would have set the header."""
    headers = {"kubeflow-userid": user} if user else {}
    return cluster.fetch(pod.network, 8080, path, headers, posted)


def create(pod: Pod, user: str) -> tuple[int, str]:
    return ask(pod, user, "/katib/create_experiment/", {"postData": PROFILE.experiment("mine")})


class TestStart(conformance.Start):
    """As every program."""


def test_it_serves_before_what_it_shows_is_defined(node: Node, pod: Pod) -> None:
    assert ask(pod, OWNER, LIST)[0] == 500
    definitions.serve(node, *DEFINITIONS)
    pod.wait(lambda: ask(pod, OWNER, LIST) == (200, "[]"))
    pod.skip_log()


@pytest.mark.parametrize(("user", "status"), [("", 401), (STRANGER, 403), (READER, 403)])
def test_nobody_makes_experiments_in_the_namespace_of_others(
    node: Node, pod: Pod, user: str, status: int
) -> None:
    assert create(pod, user)[0] == status
    assert not node.cluster.items(f"{PROFILE.katib}/experiments")


def test_the_owner_makes_an_experiment(node: Node, pod: Pod, controller: Pod) -> None:
    pod.wait(lambda: create(pod, OWNER) == (200, ""))
    (found,) = node.cluster.items(f"{PROFILE.katib}/experiments")
    assert found["metadata"]["name"] == "mine"
    # Until the controller has taken it up, the server answers with an error.
    pod.wait(lambda: "status" in node.cluster.get(f"{PROFILE.katib}/experiments/mine"))


@pytest.mark.parametrize("user", [OWNER, READER])
def test_who_may_read_a_namespace_sees_its_experiments(pod: Pod, user: str) -> None:
    pod.wait(lambda: ask(pod, user, LIST)[0] == 200)
    _, text = ask(pod, user, LIST)
    assert [each["name"] for each in json.loads(text)] == ["mine"]
    status, text = ask(pod, user, GET)
    assert status == 200
    assert json.loads(text)["metadata"]["name"] == "mine"


@pytest.mark.parametrize("path", [LIST, GET, DELETE])
@pytest.mark.parametrize(("user", "status"), [("", 401), (STRANGER, 403)])
def test_others_see_and_delete_nothing(
    node: Node, pod: Pod, path: str, user: str, status: int
) -> None:
    found, text = ask(pod, user, path)
    assert found == status
    assert "lr" not in text
    assert node.cluster.http.get(f"{PROFILE.katib}/experiments/mine").is_success


def test_the_owner_deletes_the_experiment(node: Node, pod: Pod) -> None:
    assert ask(pod, OWNER, DELETE)[0] == 200
    assert node.cluster.http.get(f"{PROFILE.katib}/experiments/mine").status_code == 404


def test_a_moved_port_reaches_it(node: Node, pod: Pod) -> None:
    node.configure(APP, {"port": 8181}, CONTROLLER)
    pod.replan()
    pod.wait(lambda: pod.listens(8181) and not pod.listens(8080))
    pod.wait(pod.healthy)


class TestEnd(conformance.End):
    """As every program."""
