# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The real API server and scheduler judge the pods of models.

Pod Security `restricted` admits those of every runtime, and the scheduler gives one that asks for
a GPU to a node that has it. How KServe makes the pods is a model; what it is given, the runtimes
and the container that downloads, is what the charm writes.
"""

from __future__ import annotations

import functools
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from jujusim.testing import Charm

from . import gpu_nodes, predictor_pod
from .gpu_nodes import KINDS, NODES, TOLERATIONS, Object, make, place

KSERVE = Charm.at(pathlib.Path(__file__).parents[2] / "charms/kserve-controller")
GPU_RUNTIME = "kserve-huggingfaceserver-gpu"
VIOLATIONS = ["allowPrivilegeEscalation", "capabilities", "runAsNonRoot", "seccompProfile"]


@functools.cache
def objects(**options: Any) -> dict[str, Object]:
    """What the charm applies once its own webhook answers."""
    given = {name.replace("_", "-"): value for name, value in options.items()}
    result = KSERVE.run(KSERVE.state(config=given), "config_changed", cluster=KSERVE.defined)
    return result.seen["objects"]


def storage(**options: Any) -> Object:
    return objects(**options)["ClusterStorageContainer//default"]["spec"]


def runtimes(**options: Any) -> dict[str, Object]:
    """The specs of all runtimes by name; the workers of one that has some are another."""
    found: dict[str, Object] = {}
    for obj in objects(**options).values():
        if obj["kind"] == "ClusterServingRuntime":
            found[obj["metadata"]["name"]] = obj["spec"]
            if "workerSpec" in obj["spec"]:
                found[f"{obj['metadata']['name']} worker"] = obj["spec"]["workerSpec"]
    return found


@pytest.fixture(scope="module")
def http(request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    with gpu_nodes.started(request) as http:
        yield http


@pytest.fixture
def namespace(http: httpx2.Client, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace that enforces `restricted`; its pods give their places back in the end."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.name.lower())[-60:].strip("-")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    for path, metadata in (
        ("/api/v1/namespaces", {"name": name, "labels": labels}),
        (f"/api/v1/namespaces/{name}/serviceaccounts", {"name": "models"}),
    ):
        answer = http.post(path, json={"metadata": metadata})
        assert answer.is_success, answer.text
    yield name
    http.delete(f"/api/v1/namespaces/{name}/pods", params={"gracePeriodSeconds": 0})


@pytest.mark.parametrize("serverless", [False, True], ids=["raw", "serverless"])
@pytest.mark.parametrize("name", runtimes())
def test_restricted_namespaces_admit_models_of_every_runtime(
    http: httpx2.Client, namespace: str, name: str, serverless: bool
):
    pod = predictor_pod.pod_of(runtimes()[name], storage(), namespace, serverless=serverless)
    answer = make(http, pod)
    assert answer.is_success, answer.text


@pytest.mark.parametrize("part", ["containers", "initContainers"])
@pytest.mark.parametrize("field", VIOLATIONS)
def test_restricted_namespaces_mind_each_setting(
    http: httpx2.Client, namespace: str, field: str, part: str
):
    """Otherwise the test before would say little."""
    pod = predictor_pod.pod_of(runtimes()["kserve-sklearnserver"], storage(), namespace)
    del pod["spec"][part][0]["securityContext"][field]
    answer = make(http, pod)
    assert answer.status_code == 403
    assert "violates PodSecurity" in answer.text


@pytest.mark.parametrize("name", [GPU_RUNTIME, "kserve-huggingfaceserver-multinode worker"])
@pytest.mark.parametrize("kind", KINDS)
def test_options_bring_a_model_on_a_gpu_to_a_node_that_has_it(
    http: httpx2.Client, namespace: str, kind: str, name: str
):
    options = {
        "gpu_node_selector": json.dumps({"kind": kind}),
        "gpu_tolerations": json.dumps(TOLERATIONS),
    }
    (resource,) = NODES[kind]
    runtime = runtimes(**options)[name]
    runtime = {**runtime, "containers": [_server(each) for each in runtime["containers"]]}
    asked = {"limits": {resource: "1"}, "requests": {resource: "1"}}
    pod = predictor_pod.pod_of(runtime, storage(**options), namespace, resources=asked)
    assert place(http, pod) == (kind, "")


def _server(container: Object) -> Object:
    """`workerSpec` asks for a worker's resources, as the model for those of the head."""
    return {**container, "name": predictor_pod.SERVER}


@pytest.mark.parametrize("serverless", [False, True], ids=["raw", "serverless"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_inference_service_places_its_model_itself(
    http: httpx2.Client, namespace: str, kind: str, serverless: bool
):
    (resource,) = NODES[kind]
    pod = predictor_pod.pod_of(
        runtimes()["kserve-tritonserver"],
        storage(),
        namespace,
        serverless=serverless,
        resources={"limits": {resource: "1"}, "requests": {resource: "1"}},
        nodeSelector={"kind": kind},
        tolerations=TOLERATIONS,
    )
    assert place(http, pod) == (kind, "")


@pytest.mark.parametrize("name", [GPU_RUNTIME, "kserve-sklearnserver"])
def test_a_model_that_asks_for_no_gpu_stays_off_those_nodes(
    http: httpx2.Client, namespace: str, name: str
):
    pod = predictor_pod.pod_of(runtimes()[name], storage(), namespace)
    assert place(http, pod) == ("cpu", "")


def test_without_a_toleration_a_gpu_is_out_of_reach(http: httpx2.Client, namespace: str):
    asked = {"limits": {"nvidia.com/gpu": "1"}, "requests": {"nvidia.com/gpu": "1"}}
    pod = predictor_pod.pod_of(runtimes()[GPU_RUNTIME], storage(), namespace, resources=asked)
    node, reason = place(http, pod)
    assert not node
    assert "untolerated taint" in reason
