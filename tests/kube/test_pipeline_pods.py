# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The real API server and scheduler judge the pods of pipelines' steps.

Pod Security `restricted` and quotas admit them with argo-controller's options, and the scheduler
gives those that ask for a GPU to a node that has it, and the others to another. How Argo makes the
pods is a model; what it is given is what the charm writes.
"""

from __future__ import annotations

import functools
import json
import pathlib
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from jujusim.testing import Charm

from . import gpu_nodes, workflow_pod
from .gpu_nodes import KINDS, NODES, SECONDS, TOLERATIONS, Object, make, place

ARGO = Charm.at(pathlib.Path(__file__).parents[2] / "charms/argo-controller")
CONFIG = "ConfigMap/kubeflow/argo-workflow-controller-configmap"
PLACEMENT = json.dumps(
    [
        {
            "resources": [resource],
            "nodeSelector": {"kind": kind},
            "tolerations": TOLERATIONS,
        }
        for kind, room in NODES.items()
        for resource in room
    ]
)


@functools.cache
def config(**options: Any) -> dict[str, str]:
    """What argo-controller writes for the workflow controller."""
    given = {name.replace("_", "-"): value for name, value in options.items()}
    result = ARGO.run(ARGO.state(config=given), "config_changed")
    assert result.status == ("active", "")
    return result.seen["objects"][CONFIG]["data"]


def step(**limits: str) -> dict[str, str]:
    """The inputs of a step, in which its driver says what it asks for."""
    resources = {"limits": {name.replace("__", "/"): amount for name, amount in limits.items()}}
    container = {"name": "main", "image": "users-own:1", "resources": resources}
    return {workflow_pod.INPUT: json.dumps({"containers": [container]}, separators=(",", ":"))}


def asking(resource: str) -> dict[str, str]:
    return step(**{resource: "1"})


DRIVER = {"component": "{}", "container": asking("nvidia.com/gpu")[workflow_pod.INPUT]}


@pytest.fixture(scope="module")
def http(request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    with gpu_nodes.started(request) as http:
        yield http


@pytest.fixture
def namespace(http: httpx2.Client, request: pytest.FixtureRequest) -> str:
    name = "".join(c if c.isalnum() else "-" for c in request.node.name.lower())[-60:].strip("-")
    _create(http, "/api/v1/namespaces", {"metadata": {"name": name}})
    account = {"metadata": {"name": "default-editor"}}
    _create(http, f"/api/v1/namespaces/{name}/serviceaccounts", account)
    return name


def _create(http: httpx2.Client, path: str, obj: Object) -> None:
    answer = http.post(path, json=obj)
    assert answer.is_success, answer.text


def node_of(http: httpx2.Client, pod: Object) -> str:
    answer = make(http, pod)
    assert answer.is_success, answer.text
    path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/step"
    deadline = time.monotonic() + SECONDS
    while not (node := http.get(path).json()["spec"].get("nodeName")):
        assert time.monotonic() < deadline, http.get(path).json()["status"]
        time.sleep(0.05)
    return node


@pytest.mark.parametrize("kind", KINDS)
def test_step_that_asks_for_a_gpu_runs_where_there_is_one(
    http: httpx2.Client, namespace: str, kind: str
):
    (resource,) = NODES[kind]
    pod = workflow_pod.pod_of(config(gpu_placement=PLACEMENT), asking(resource), namespace)
    assert node_of(http, pod) == kind


@pytest.mark.parametrize("inputs", [DRIVER, step(cpu="1")], ids=["driver", "step"])
def test_pods_without_a_gpu_stay_off_those_nodes(
    http: httpx2.Client, namespace: str, inputs: dict[str, str]
):
    pod = workflow_pod.pod_of(config(gpu_placement=PLACEMENT), inputs, namespace)
    assert node_of(http, pod) == "cpu"


def test_without_the_option_a_gpu_is_out_of_reach(http: httpx2.Client, namespace: str):
    pod = workflow_pod.pod_of(config(), asking("amd.com/gpu"), namespace)
    node, reason = place(http, pod)
    assert not node
    assert "untolerated taint" in reason


@pytest.mark.parametrize("inputs", [DRIVER, step(cpu="1")], ids=["driver", "step"])
@pytest.mark.parametrize("user", [0, 1000])
def test_restricted_namespaces_admit_steps_that_run_as_a_user(
    http: httpx2.Client, namespace: str, user: int, inputs: dict[str, str]
):
    label = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    kind = {"Content-Type": "application/merge-patch+json"}
    answer = http.patch(f"/api/v1/namespaces/{namespace}", json=label, headers=kind)
    assert answer.is_success
    answer = make(http, workflow_pod.pod_of(config(run_as_user=user), inputs, namespace))
    assert answer.is_success is bool(user), answer.text
    assert user or "violates PodSecurity" in answer.text


QUOTA = {
    "metadata": {"name": "all"},
    "spec": {"hard": {"requests.cpu": "4", "limits.cpu": "8", "requests.memory": "8Gi"}},
}


@pytest.mark.parametrize("resources", [None, ""], ids=["default", "none"])
def test_namespaces_with_a_quota_admit_steps_with_the_default_resources(
    http: httpx2.Client, namespace: str, resources: str | None
):
    _create(http, f"/api/v1/namespaces/{namespace}/resourcequotas", QUOTA)
    options = {} if resources is None else {"executor_resources": resources}
    inputs = step(cpu="1", memory="1Gi")
    pod = workflow_pod.pod_of(config(**options), inputs, namespace)
    # The launcher copies itself into the step's pod with what the namespace's defaults give it.
    for container in pod["spec"]["initContainers"]:
        if container["name"] == "kfp-launcher":
            container["resources"] = pod["spec"]["containers"][1]["resources"]
    answer = make(http, pod)
    assert answer.is_success is (resources is None), answer.text
    assert resources is None or "must specify" in answer.text
