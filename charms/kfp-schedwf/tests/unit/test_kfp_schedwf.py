# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The controller of scheduled workflows: its API, its token, its time zone, and its objects."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from kubefake import Request

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
CONTAINER = "ml-pipeline-scheduledworkflow"
TOKEN = "/var/run/secrets/kubeflow/tokens/scheduledworkflow-sa-token"
OBJECTS = "/apis/kubeflow.org/v1beta1/namespaces/default/scheduledworkflows"


def run(without: tuple[str, ...] = (), **config: Any) -> Result:
    return CHARM.run(CHARM.state(config=config, without=without), "config_changed")


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][CONTAINER]["services"]["controller"]


def test_api_of_the_same_model_without_a_relation():
    words = service(run(without=("kfp-api-grpc",)))["command"].split()
    assert "--mlPipelineAPIServerName=ml-pipeline" in words
    assert "--mlPipelineServiceGRPCPort=8887" in words


def test_time_zone_of_cron_schedules():
    variables = service(run(timezone="America/Argentina/Buenos_Aires"))["environment"]
    assert variables == {"CRON_SCHEDULE_TIMEZONE": "America/Argentina/Buenos_Aires"}


@pytest.mark.parametrize("zone", ["+01:00", "", "Europe/", "Europe Berlin"])
def test_what_can_be_no_time_zone_is_refused(zone: str):
    assert run(timezone=zone).status[0] == "blocked"


def test_token_is_there_before_the_controller_starts():
    assert CHARM.complete.files(CONTAINER)[TOKEN]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"spec": {"enabled": True, "trigger": {}}, "status": {}}, 201),
        ({"spec": {"a-field-of-a-later-version": 1}, "status": {"conditions": []}}, 201),
        ({"spec": {}}, 422),
        ({"status": {}}, 422),
        ({"spec": "daily", "status": {}}, 422),
        ({"spec": {}, "status": []}, 422),
    ],
)
def test_objects_are_taken_and_refused_as_upstream_does(fields: dict[str, Any], status: int):
    meta = {"name": "daily", "namespace": "default"}
    body = {
        "apiVersion": "kubeflow.org/v1beta1",
        "kind": "ScheduledWorkflow",
        "metadata": meta,
        **fields,
    }
    cluster = CHARM.defined.copy()
    answer = cluster.request(Request("POST", OBJECTS, body=body))
    assert answer.status == status, answer.body
