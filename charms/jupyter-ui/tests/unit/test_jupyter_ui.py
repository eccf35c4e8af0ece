# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The page for notebooks: where it is reached, how it is run, what it may do."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "jupyter-ui"


def run(**config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    return CHARM.run(CHARM.state(config=options), "config_changed")


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][NAME]["services"][NAME]


def bag(result: Result, endpoint: str) -> dict[str, str]:
    return dict(result.state.get_relations(endpoint)[0].local_app_data)


def test_environment():
    assert {
        "APP_PREFIX": "/jupyter",
        "APP_SECURE_COOKIES": "false",
        "BACKEND_MODE": "production",
        "PYTHONPATH": "/",
        "UI": "default",
        "USERID_HEADER": "kubeflow-userid",
        "USERID_PREFIX": "",
    }.items() <= service(run())["environment"].items()


def test_prefix_is_one_for_server_route_and_link():
    result = run(url_prefix="/lab/notebooks")
    assert service(result)["environment"]["APP_PREFIX"] == "/lab/notebooks"
    assert yaml.safe_load(bag(result, "ingress")["data"])["prefix"] == "/lab/notebooks/"
    (link,) = json.loads(bag(result, "dashboard-links")["dashboard_links"])
    assert link["link"] == "/lab/notebooks/"


@pytest.mark.parametrize("prefix", ["", "/", "jupyter", "/jupyter/../a", "/a b", "//a"])
def test_prefix_that_is_none(prefix: str):
    status, message = run(url_prefix=prefix).status
    assert status == "blocked"
    assert "option url-prefix accepts a path" in message


def test_there_is_one_page():
    assert run(ui="other").status == ("blocked", "option ui accepts default (got: other)")


def test_port_moves_listener_and_check():
    result = run(port=5001)
    assert " --bind 0.0.0.0:5001 " in service(result)["command"]
    check = result.seen["plans"][NAME]["checks"]["jupyter-ui-ready"]
    assert check["http"]["url"] == "http://localhost:5001/healthz/readiness"


@pytest.mark.parametrize("endpoint", ["ingress", "dashboard-links", "logging"])
def test_serves_without(endpoint: str):
    result = CHARM.run(CHARM.state(without=[endpoint]), "config_changed")
    assert result.status == ("active", "")
    assert result.seen["services"][NAME] == {NAME: "active"}


def test_changed_offer_restarts_the_server():
    """It reads the file again only after a minute, and each of its workers for itself."""
    before, after = service(run()), service(run(gpu_number_default=1))
    assert before["environment"] != after["environment"]


# The verbs that the backend's modules call the Kubernetes API with, by group and resource.
CALLS = {
    ("authorization.k8s.io", "subjectaccessreviews"): {"create"},
    ("", "events"): {"list"},
    ("", "namespaces"): {"list"},
    ("", "nodes"): {"list"},
    ("", "pods"): {"list"},
    ("", "pods/log"): {"get"},
    ("", "persistentvolumeclaims"): {"create", "list"},
    ("storage.k8s.io", "storageclasses"): {"list"},
    ("kubeflow.org", "notebooks"): {"create", "delete", "get", "list", "patch"},
    ("kubeflow.org", "poddefaults"): {"list"},
}


def granted(role: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    rights: dict[tuple[str, str], set[str]] = {}
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                rights.setdefault((group, resource), set()).update(rule["verbs"])
    return rights


def test_rights_are_what_the_server_calls():
    assert granted(run().seen["objects"][f"ClusterRole//{NAME}"]) == CALLS


@pytest.mark.parametrize("model", ["kubeflow", "ml"])
def test_rights_are_bound_to_the_pods_own_account(model: str):
    state = CHARM.state(model=model)
    objects = CHARM.run(state, "config_changed", cluster=CHARM.cluster(model)).seen["objects"]
    (subject,) = objects[f"ClusterRoleBinding//{NAME}"]["subjects"]
    assert (subject["name"], subject["namespace"]) == (NAME, model)


@pytest.mark.parametrize(
    ("level", "verbs"),
    [("view", {"get", "list"}), ("edit", {"create", "delete", "get", "list", "patch"})],
)
def test_users_may_by_the_roles_of_the_platform(level: str, verbs: set[str]):
    role = run().seen["objects"][f"ClusterRole//jupyter-web-app-kubeflow-notebook-ui-{level}"]
    label = f"rbac.authorization.kubeflow.org/aggregate-to-kubeflow-{level}"
    assert role["metadata"]["labels"][label] == "true"
    assert granted(role)["kubeflow.org", "notebooks"] == verbs
