# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Models without Knative on a real API server, and what becomes of users' ones."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from . import bundles
from .bundles import Cluster, Object, Run

ROOT = pathlib.Path(__file__).parents[2]
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1"
CONFIGURATION = "/api/v1/namespaces/kubeflow/configmaps/inferenceservice-config"
MODELS = "/apis/serving.kserve.io/v1beta1/namespaces/alice/inferenceservices"
MODE = {"kserve-controller": {"deployment-mode": "standard"}}
OPEN = {"istio-pilot": {"authentication": "while-related"}}
APPS = ("istio-ingressgateway", "istio-pilot", "kserve-controller")

pytestmark = pytest.mark.xdist_group("raw")


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with bundles.started(request) as cluster:
        cluster.create("/api/v1/namespaces", {"metadata": {"name": "alice"}})
        yield cluster


@pytest.fixture(scope="module")
def raw(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """What serves models as Deployments, and no more; no more rights than are recorded."""
    others = [name for name in _bundle()["applications"] if name not in APPS]
    overlay = tmp_path_factory.mktemp("raw") / "overlay.yaml"
    overlay.write_text(yaml.safe_dump({"applications": dict.fromkeys(others)}))
    choices: dict[str, Any] = {"overlays": (overlay,), "config": {**MODE, **OPEN}}
    with cluster.deployed(granted=bundles.GRANTED, **choices) as run:
        run.assert_well()
        yield run


def _bundle() -> Object:
    return yaml.safe_load((ROOT / "bundle.yaml").read_text())


def predictors(cluster: Cluster) -> list[str]:
    """What a model may be, by the definition: a format each, and `model` for all of them."""
    definition = cluster.get(f"{CRDS}/inferenceservices.serving.kserve.io")
    (version,) = definition["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    fields = spec["predictor"]["properties"].items()
    return [name for name, part in fields if "storageUri" in part.get("properties", {})]


def model(name: str) -> Object:
    part: Object = {"storageUri": f"s3://models/{name}"}
    if name == "model":
        part["modelFormat"] = {"name": "sklearn"}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name},
        "spec": {"predictor": {name: part}},
    }


def test_models_as_deployments_need_no_knative(cluster: Cluster, raw: Run) -> None:
    assert not bundles.forbidden(raw.server.journal)
    config = cluster.get(CONFIGURATION)["data"]
    assert json.loads(config["deploy"]) == {"defaultDeploymentMode": "RawDeployment"}
    assert json.loads(config["ingress"])["ingressGateway"] == "kubeflow/kubeflow-gateway"
    definitions = [item["metadata"]["name"] for item in cluster.items(CRDS)]
    assert "inferenceservices.serving.kserve.io" in definitions
    assert not [name for name in definitions if "knative" in name]


def test_a_model_is_not_taken_unseen(cluster: Cluster, raw: Run) -> None:
    """No container runs here, so nobody answers for the webhook."""
    assert raw.model.unit("kserve-controller/0").status.name == "active"
    answer = cluster.http.post(MODELS, json=model("sklearn"))
    assert answer.status_code == 500
    assert "inferenceservice.kserve-webhook-server" in answer.json()["message"]


def test_what_is_removed_leaves_a_definition_that_takes_models_of_every_format(
    cluster: Cluster, raw: Run
) -> None:
    for app in APPS:
        raw.model.remove_application(app)
    raw.model.settle()
    assert not raw.model.trace.failures()
    for kind in ("validating", "mutating"):
        assert not cluster.items(f"{WEBHOOKS}/{kind}webhookconfigurations")
    names = predictors(cluster)
    assert {"huggingface", "model", "sklearn", "tensorflow", "triton"} <= {*names}
    for name in names:
        answer = cluster.http.post(MODELS, json=model(name))
        assert answer.is_success, answer.text
    stored = {item["metadata"]["name"] for item in cluster.items(MODELS)}
    assert stored == {*names}
