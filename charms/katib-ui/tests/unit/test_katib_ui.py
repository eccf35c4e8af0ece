# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib's page: who is asked whether a user may, where it is reached, what it may do."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "katib-ui"


def run(model: str = "kubeflow", *, bags: dict[str, Any] | None = None, **config: Any) -> Result:
    state = CHARM.state(config=config, model=model, bags=bags or {})
    return CHARM.run(state, "config_changed", cluster=CHARM.cluster(model))


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][NAME]["services"][NAME]


def test_access_is_checked_for_the_user_that_the_gateway_names():
    environment = service(run())["environment"]
    assert environment["APP_DISABLE_AUTH"] == "false"
    assert environment["USERID_HEADER"] == "kubeflow-userid"
    # Otherwise a colon in a user's name would be taken out, and another user be asked about.
    assert environment["USERID_PREFIX"] == ""


def test_every_call_of_the_server_is_allowed_and_none_beyond():
    """The verbs that the backend's modules call the Kubernetes API with."""
    granted = {
        (group, resource): set(rule["verbs"])
        for rule in run().seen["objects"][f"ClusterRole//{NAME}"]["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    assert granted == {
        ("authorization.k8s.io", "subjectaccessreviews"): {"create"},
        ("kubeflow.org", "experiments"): {"create", "delete", "get", "list"},
        ("kubeflow.org", "trials"): {"get", "list"},
        ("kubeflow.org", "suggestions"): {"get"},
        ("", "configmaps"): {"create", "delete", "get", "list", "update"},
        ("", "namespaces"): {"list"},
        ("", "pods"): {"list"},
        ("", "pods/log"): {"get"},
    }


@pytest.mark.parametrize(
    ("bag", "address"),
    [
        ({}, "katib-db-manager.ml:6789"),
        ({"name": "measurements", "port": "6790"}, "measurements.ml:6790"),
        ({"name": "measurements.other", "port": "6790"}, "measurements.other:6790"),
    ],
)
def test_measurements_are_read_where_they_are_kept(bag: dict[str, str], address: str):
    command = service(run("ml", bags={"k8s-service-info": bag}))["command"]
    assert command == f"./katib-ui --port=8080 --db-manager-address={address}"


def test_link_and_route_lead_to_the_page():
    state = run(port=8090).state
    route = yaml.safe_load(state.get_relations("ingress")[0].local_app_data["data"])
    links = state.get_relations("dashboard-links")[0].local_app_data["dashboard_links"]
    assert {key: value for key, value in route.items() if value} == {
        "service": NAME,
        "port": 8090,
        "prefix": "/katib/",
    }
    assert json.loads(links)[0]["link"] == route["prefix"]
