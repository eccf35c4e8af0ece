# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Argo's workflow controller, run as the charm argo-controller runs it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from .. import cluster, conformance, definitions
from ..cluster import MODEL, Node, Object, Pod

APP, GROUP = "argo-controller", "argoproj.io"
KEYS = "mlpipeline-minio-artifact"
NEW_KEY = "another-key-of-the-store"


def workflow(name: str, **more: Any) -> Object:
    """Return a workflow of one step."""
    step = {"name": "main", "container": {"image": "nothing", "command": ["true"]}, **more}
    return {
        "apiVersion": f"{GROUP}/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": name},
        "spec": {"entrypoint": "main", "templates": [step]},
    }


@pytest.fixture(scope="module")
def pod(node: Node) -> Iterator[Pod]:
    """The program; nothing that it works on is served yet."""
    programs = {"/bin/workflow-controller": "workflow-controller"}
    cluster.program("workflow-controller")
    definitions.withhold(node, f"*.{GROUP}")
    with node.untrusted(APP), cluster.running(node, APP, APP, programs) as pod:
        yield pod


@pytest.fixture
def program(pod: Pod) -> Pod:
    return pod


def run(node: Node, pod: Pod, flow: Object, namespace: str = "default") -> Object:
    """Make a workflow; return its pod."""
    flows = node.path("workflows", group=f"apis/{GROUP}/v1alpha1", namespace=namespace)
    node.cluster.create(flows, flow)
    label = f"workflows.argoproj.io/workflow={flow['metadata']['name']}"
    pods = f"{node.path('pods', namespace=namespace)}?labelSelector={label}"
    pod.wait(lambda: node.cluster.items(pods))
    (made,) = node.cluster.items(pods)
    return made


def test_it_ends_at_once_without_its_definitions_and_its_unit_waits(pod: Pod) -> None:
    pod.wait(pod.unhealthy)
    assert "could not find the requested resource" in pod.log()
    assert pod.report()[0] == "waiting"


def test_it_works_by_itself_once_they_are_served(node: Node, pod: Pod) -> None:
    definitions.serve(node, f"*.{GROUP}")
    pod.wait(pod.healthy)
    assert pod.report() == ("active", "")


class TestStart(conformance.Start):
    """As every program."""


class TestMetrics(conformance.Metrics):
    """As every program's."""


def test_a_workflow_gets_its_pod(node: Node, pod: Pod) -> None:
    made = run(node, pod, workflow("one"))
    executor = next(each for each in made["spec"]["containers"] if each["name"] == "wait")
    assert executor["image"] == "docker.io/charmedkubeflow/argoexec:3.7.3-dffabf8"


def test_the_queue_is_measured_once_something_has_waited(pod: Pod) -> None:
    pod.wait(lambda: "\nargo_workflows_queue_depth_gauge{" in pod.http(9090, "/metrics")[1])


def test_a_changed_option_reaches_it(node: Node, pod: Pod) -> None:
    node.configure(APP, {"log-level": "debug"})
    pod.replan()
    pod.wait(lambda: "level=debug" in pod.log())
    pod.wait(pod.healthy)


def test_a_new_key_of_the_object_store_is_that_of_the_next_workflow(node: Node, pod: Pod) -> None:
    """The program hands on which Secret it is in, and goes on as it is."""
    before = pod.starts()
    node.configure("minio", {"secret-key": NEW_KEY}, APP)
    pod.replan()
    artifact = {"name": "result", "path": "/tmp/result"}
    made = run(node, pod, workflow("two", outputs={"artifacts": [artifact]}), MODEL)
    assert keys(node, made) == {"accesskey": "minio", "secretkey": NEW_KEY}
    assert pod.starts() == before


def keys(node: Node, made: Object) -> dict[str, str]:
    """Return what the executor of a pod reads of the Secret with the store's keys."""
    (executor,) = (each for each in made["spec"]["containers"] if each["name"] == "wait")
    (volume,) = (
        each
        for each in made["spec"]["volumes"]
        if each.get("secret", {}).get("secretName") == KEYS
    )
    assert volume["name"] in {each["name"] for each in executor["volumeMounts"]}
    data = node.cluster.get(node.path("secrets", KEYS))["data"]
    named = {each["key"] for each in volume["secret"]["items"]}
    return {key: base64.b64decode(data[key]).decode() for key in named}


class TestEnd(conformance.End):
    """As every program."""
