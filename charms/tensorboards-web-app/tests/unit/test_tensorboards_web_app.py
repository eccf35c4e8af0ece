# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The page for TensorBoards: where it is reached, how it is run, what it may do."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
import yaml
from charmkit.kubeflow import web_app
from jujusim.testing import Charm, Result

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "tensorboards-web-app"


def run(**config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    return CHARM.run(CHARM.state(config=options), "config_changed")


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][NAME]["services"][NAME]


def bag(result: Result, endpoint: str) -> dict[str, str]:
    return dict(result.state.get_relations(endpoint)[0].local_app_data)


def test_environment():
    assert {
        "APP_PREFIX": "/tensorboards",
        "APP_SECURE_COOKIES": "false",
        "BACKEND_MODE": "production",
        "USERID_HEADER": "kubeflow-userid",
        "USERID_PREFIX": "",
    }.items() <= service(run())["environment"].items()


def test_options_reach_the_server():
    environment = service(run(secure_cookies=True, backend_mode="dev"))["environment"]
    assert environment["APP_SECURE_COOKIES"] == "true"
    assert environment["BACKEND_MODE"] == "dev"


def test_listens_where_the_service_leads():
    result = run()
    assert " --bind 0.0.0.0:5000 " in service(result)["command"]
    (port,) = result.seen["objects"][f"Service/kubeflow/{NAME}"]["spec"]["ports"]
    assert (port["name"], port["port"], port["targetPort"]) == ("http", 5000, 5000)


def test_settings_of_the_server_are_there():
    assert run().files(NAME) == {web_app.SETTINGS_PATH: web_app.SETTINGS}


def test_serves_without_the_relation_that_it_asks_for():
    result = CHARM.run(CHARM.state(without=["ingress"]), "config_changed")
    message = "relate ingress to an application that offers ingress"
    assert result.status == ("blocked", message)
    assert result.seen["services"][NAME] == {NAME: "active"}


def test_link_leads_where_the_route_does():
    result = run()
    (link,) = json.loads(bag(result, "dashboard-links")["dashboard_links"])
    route = yaml.safe_load(bag(result, "ingress")["data"])
    assert link["link"] == f"{route['prefix']}/"


# The verbs that the backend's modules call the Kubernetes API with, by group and resource.
CALLS = {
    ("authorization.k8s.io", "subjectaccessreviews"): {"create"},
    ("", "namespaces"): {"list"},
    ("", "persistentvolumeclaims"): {"list"},
    ("storage.k8s.io", "storageclasses"): {"list"},
    ("kubeflow.org", "poddefaults"): {"list"},
    ("tensorboard.kubeflow.org", "tensorboards"): {"create", "delete", "list"},
}


def granted(role: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    return {
        (group, resource): set(rule["verbs"])
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def test_rights_are_what_the_server_calls():
    assert granted(run().seen["objects"][f"ClusterRole//{NAME}"]) == CALLS


@pytest.mark.parametrize("model", ["kubeflow", "ml"])
def test_rights_are_bound_to_the_pods_own_account(model: str):
    state = CHARM.state(model=model)
    objects = CHARM.run(state, "config_changed", cluster=CHARM.cluster(model)).seen["objects"]
    (subject,) = objects[f"ClusterRoleBinding//{NAME}"]["subjects"]
    assert (subject["name"], subject["namespace"]) == (NAME, model)


@pytest.mark.parametrize(("level", "verb"), [("view", "list"), ("edit", "delete")])
def test_users_may_by_the_roles_of_the_platform(level: str, verb: str):
    name = f"ClusterRole//tensorboards-web-app-kubeflow-tensorboard-ui-{level}"
    role = run().seen["objects"][name]
    label = f"rbac.authorization.kubeflow.org/aggregate-to-kubeflow-{level}"
    assert role["metadata"]["labels"][label] == "true"
    assert verb in granted(role)["tensorboard.kubeflow.org", "tensorboards"]
