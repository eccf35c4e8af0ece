# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative Eventing: what is asked of the operator."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
OPERATOR = Charm.at(pathlib.Path(__file__).parents[3] / "knative-operator")
NAME = "knative-eventing"


def run(**choices: Any) -> Result:
    return CHARM.run(CHARM.state(**choices), "config_changed", cluster=OPERATOR.complete.cluster)


def spec(result: Result) -> dict[str, Any]:
    return result.seen["objects"][f"KnativeEventing/{NAME}/{NAME}"]["spec"]


@pytest.mark.parametrize(
    "key", ["job-sink/job-sink", "migrate", "APISERVER_RA_IMAGE", "DISPATCHER_IMAGE"]
)
def test_images_that_no_deployment_names_are_ours_to_give(key: str):
    config = {"custom_images": f"{key}: registry.example.com/a:1"}
    assert spec(run(config=config))["registry"]["override"][key] == "registry.example.com/a:1"


def test_every_release_has_an_image_of_every_container():
    path = CHARM.directory.root / "src/knative_eventing_images.json"
    releases = json.loads(path.read_text())
    assert list(releases) == ["1.13", "1.14", "1.15", "1.16"]
    core = {"eventing-controller/eventing-controller", "migrate", "APISERVER_RA_IMAGE"}
    for images in releases.values():
        assert core <= images.keys()
        assert all(images.values())


def test_metrics_go_to_the_collector_that_is_related():
    bag = {
        "otel_collector_svc_name": "otel",
        "otel_collector_svc_namespace": "cos",
        "otel_collector_port": "55678",
    }
    config = spec(run(bags={"otel-collector": bag}))["config"]
    assert config["observability"]["metrics.opencensus-address"] == "otel.cos:55678"
    assert "config" not in spec(run(without=["otel-collector"]))
