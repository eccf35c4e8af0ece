# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The KnativeServing that is asked for."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

from charmkit import proxy
from jujusim.testing import Charm

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
with CHARM.directory.importable():
    import serving_resource
    from serving_resource import Gateway, Settings

IMAGES = json.loads((CHARM.directory.root / "src/knative_serving_images.json").read_text())
SETTINGS = Settings(
    version="1.16.0",
    images=IMAGES["1.16"],
    gateway=Gateway("front", "istio"),
    domain="models.example.com",
    progress_deadline="600s",
    skipped_registries=("nvcr.io", "registry.example.com"),
    queue_image="queue:1",
)


def spec(**changes: Any) -> dict[str, Any]:
    return serving_resource.spec(dataclasses.replace(SETTINGS, **changes))


def test_gateways_and_domain():
    config = spec()["config"]
    assert config["istio"] == {
        "gateway.istio.front": "istio-ingressgateway-workload.istio.svc.cluster.local",
        "local-gateway.knative-serving.knative-local-gateway": (
            "knative-local-gateway.istio.svc.cluster.local"
        ),
    }
    assert config["domain"] == {"models.example.com": ""}


def test_proxy_in_users_pods_and_registries_without_digests():
    deployment = spec()["config"]["deployment"]
    assert deployment["queue-sidecar-image"] == "queue:1"
    assert deployment["registries-skipping-tag-resolving"] == "nvcr.io,registry.example.com"


def test_every_image_of_every_release_is_of_one_container_only():
    """A bare `controller` would be that of net-istio too."""
    for images in IMAGES.values():
        found = serving_resource.overrides(images)
        assert len(found) == len(images)
        alone = {key for key in found if "/" not in key}
        assert alone <= {"queue-proxy", "migrate", "cleanup"}
        assert {"webhook/webhook", "net-istio-webhook/webhook"} <= found.keys()


def test_pods_may_be_placed_on_gpu_nodes():
    features = spec()["config"]["features"]
    for name in ("nodeselector", "tolerations", "affinity", "runtimeclassname", "securitycontext"):
        assert features[f"kubernetes.podspec-{name}"] == "enabled"


def test_values_are_text():
    for section in spec(collector="otel.kubeflow:55678")["config"].values():
        assert all(isinstance(value, str) for value in section.values())


def test_controller_behind_a_proxy():
    variables = proxy.environment("http://proxy:1", "", "example.com", [proxy.KUBERNETES])
    (workload,) = spec(proxy=variables)["workloads"]
    (container,) = workload["env"]
    environment = {item["name"]: item["value"] for item in container["envVars"]}
    assert (workload["name"], container["container"]) == ("controller", "controller")
    assert environment["http_proxy"] == environment["HTTP_PROXY"] == "http://proxy:1"
    assert "$(KUBERNETES_SERVICE_HOST)" in environment["NO_PROXY"].split(",")


def test_controller_behind_a_proxy_stays_out_of_the_mesh():
    variables = proxy.environment("http://proxy:1", "", "", [proxy.KUBERNETES])
    workloads = spec(proxy=variables, is_meshed=True)["workloads"]
    assert [item["name"] for item in workloads if "labels" in item] == ["activator"]
    assert [item["name"] for item in workloads if "env" in item] == ["controller"]


def test_what_is_not_set_is_not_asked_for():
    assert spec().keys() == {"version", "config", "registry"}
    assert "observability" not in spec()["config"]
    assert spec(has_ca=True)["controller-custom-certs"]["type"] == "ConfigMap"
