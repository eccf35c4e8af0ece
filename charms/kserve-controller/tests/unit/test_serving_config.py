# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""KServe's configuration, and when its manager has to start again."""

from __future__ import annotations

import dataclasses
import pathlib

import pytest
from jujusim.testing import Charm

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
with CHARM.directory.importable():
    import serving_config
    from serving_config import RAW, SERVERLESS, Gateways, Settings
    from serving_images import IMAGES

LOCAL = "knative-local-gateway.kubeflow.svc.cluster.local"
SETTINGS = Settings(
    mode=SERVERLESS,
    gateways=Gateways(
        "kubeflow/front", local="knative-serving/knative-local-gateway", local_service=LOCAL
    ),
    domain="models.example.com",
    url_scheme="https",
    images=IMAGES,
)


def section(name: str, **changes: object) -> dict[str, object]:
    return serving_config.sections(dataclasses.replace(SETTINGS, **changes))[name]


def key(*definitions: str, **changes: object) -> str:
    configuration = serving_config.sections(dataclasses.replace(SETTINGS, **changes))
    return serving_config.restart_key(configuration, definitions)


def test_routes_of_serverless_models():
    found = section("ingress")
    assert found["ingressGateway"] == found["kserveIngressGateway"] == "kubeflow/front"
    assert found["localGateway"] == "knative-serving/knative-local-gateway"
    assert found["localGatewayService"] == found["knativeLocalGatewayService"] == LOCAL
    assert found["ingressDomain"] == "models.example.com"
    assert found["urlScheme"] == "https"


def test_routes_of_raw_models_need_no_gateway_of_knatives():
    found = section("ingress", mode=RAW, gateways=Gateways("kubeflow/front", has_gateway_api=True))
    assert "localGateway" not in found
    assert found["enableGatewayApi"] is True


def test_authorities_are_named_only_where_there_are_some():
    assert section("storageInitializer")["caBundleConfigMapName"] == ""
    assert (
        section("storageInitializer", has_ca=True)["caBundleConfigMapName"] == "kserve-ca-bundle"
    )


def test_further_names_of_gpus():
    found = section("multiNode", gpu_resource_types=("nvidia.com/mig-1g.5gb",))
    assert found == {"customGPUResourceTypeList": ["nvidia.com/mig-1g.5gb"]}


@pytest.mark.parametrize(
    "change",
    [
        {"mode": RAW},
        {"domain": "other.example.com"},
        {"url_scheme": "http"},
        {"gpu_resource_types": ("a.com/gpu",)},
        {"disable_ingress_creation": True},
    ],
)
def test_what_the_manager_reads_when_it_starts_restarts_it(change: dict[str, object]):
    assert key(**change) != key()


@pytest.mark.parametrize("change", [{"has_ca": True}, {"mount_token": False}])
def test_what_the_manager_reads_each_time_does_not(change: dict[str, object]):
    assert key(**change) == key()


def test_resource_definitions_that_come_restart_it():
    assert key("a", "b") == key("b", "a")
    assert key("a") != key("a", "b")
