# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The sync servers of two charms, which Metacontroller asks what a namespace should have.

They are the charms' own program, run by the machine's Python in the place of the image's. The test
asks as Metacontroller does, by the URL and with the kinds of the DecoratorController.
"""

from __future__ import annotations

import base64
import json
import shutil
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from .. import cluster, conformance, container
from ..cluster import Node, Object, Pod

CONTROLLERS = "/apis/metacontroller.k8s.io/v1alpha1/decoratorcontrollers"


@dataclass(frozen=True)
class Server:
    """A charm with a sync server.

    Attributes:
        app: The application, and its container.
        controller: Its DecoratorController.
        label: What a namespace needs to get anything.
        secret: The Secret with the keys of the object store that a namespace gets.
        option: An option to change, after which a namespace with another label gets more.
        later: That label.
    """

    app: str
    controller: str
    label: str
    secret: str
    option: dict[str, Any]
    later: str


PROFILE, OTHER = "user.kubeflow.org/enabled", "example.com/enabled"
PIPELINES = "pipelines.kubeflow.org/enabled"
SERVERS = (
    Server(
        "kfp-profile-controller",
        "kubeflow-pipelines-profile-controller",
        PIPELINES,
        "mlpipeline-minio-artifact",
        {"visualization-server": True},
        PIPELINES,
    ),
    Server(
        "resource-dispatcher",
        "kubeflow-resource-dispatcher-controller",
        PROFILE,
        "mlflow-server-minio-artifact",
        {"target_namespace_label": OTHER},
        OTHER,
    ),
)


@pytest.fixture(scope="module", params=SERVERS, ids=lambda each: each.app)
def server(request: pytest.FixtureRequest) -> Server:
    return request.param


@pytest.fixture(scope="module")
def pod(node: Node, server: Server) -> Iterator[Pod]:
    if not shutil.which("python3", path=container.PATH):
        pytest.skip("the system has no python3")
    mounts = container.SYSTEM
    with (
        node.untrusted(server.app),
        cluster.running(node, server.app, server.app, {}, mounts=mounts) as pod,
    ):
        yield pod


@pytest.fixture
def program(pod: Pod) -> Pod:
    return pod


def ask(node: Node, server: Server, label: str) -> dict[tuple[str, str], Object]:
    """Return by kind and name what a namespace with a label should have."""
    spec = node.cluster.get(f"{CONTROLLERS}/{server.controller}")["spec"]
    url = urllib.parse.urlsplit(spec["hooks"]["sync"]["webhook"]["url"])
    kinds = [kind(node, each["apiVersion"], each["resource"]) for each in spec["attachments"]]
    about = {"name": "alice", "labels": {label: "true"}, "annotations": {"owner": "alice"}}
    request = {
        "object": {"apiVersion": "v1", "kind": "Namespace", "metadata": about},
        "attachments": {each: {} for each in kinds},
    }
    address = node.hosts()[url.hostname or ""]
    path = f"{url.path}?{url.query}"
    _, text = cluster.fetch(node.network, url.port or 80, path, posted=request, host=address)
    answer = json.loads(text)
    return {(each["kind"], each["metadata"]["name"]): each for each in answer["attachments"]}


def kind(node: Node, version: str, resource: str) -> str:
    """Return a kind as Metacontroller names it."""
    path = f"/apis/{version}" if "/" in version else f"/api/{version}"
    found = {each["name"]: each["kind"] for each in node.cluster.get(path)["resources"]}
    return f"{found[resource]}.{version}"


class TestStart(conformance.Start):
    """As every program."""


def test_a_profile_gets_the_keys_of_the_store(node: Node, pod: Pod, server: Server) -> None:
    pod.wait(pod.healthy)
    assert "minio" in values(ask(node, server, server.label), server)
    assert not ask(node, server, "of/others")


def values(children: dict[tuple[str, str], Object], server: Server) -> set[str]:
    """Return what is in the Secret with the keys."""
    data = children["Secret", server.secret]["data"]
    return {base64.b64decode(value).decode() for value in data.values()}


def test_a_new_key_reaches_the_next_answer_without_a_restart(
    node: Node, pod: Pod, server: Server
) -> None:
    before = pod.starts()
    key = f"the-new-key-of-{server.app}"
    node.configure("minio", {"secret-key": key}, server.app)
    pod.replan()
    pod.wait(lambda: key in values(ask(node, server, server.label), server))
    assert pod.starts() == before


def test_a_changed_option_reaches_it(node: Node, pod: Pod, server: Server) -> None:
    before = ask(node, server, server.later)
    node.configure(server.app, server.option)
    pod.replan()
    pod.wait(lambda: ask(node, server, server.later).keys() > before.keys())


class TestMetrics(conformance.Metrics):
    """As every program's."""


class TestEnd(conformance.End):
    """As every program."""
