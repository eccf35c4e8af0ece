# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Roles: what owners, contributors and viewers of a namespace may do."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm
from kubefake import Request

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
LEVELS = ("admin", "edit", "view")
GROUP = "rbac.authorization.k8s.io"


def roles() -> dict[str, dict[str, Any]]:
    objects = CHARM.complete.seen["objects"]
    return {
        name.rpartition("/")[2]: obj
        for name, obj in objects.items()
        if obj["kind"] == "ClusterRole"
    }


def may(role: str, verb: str, group: str, resource: str) -> bool:
    """Whether an aggregated role gives a right."""
    return any(
        _has(rule["verbs"], verb)
        and _has(rule.get("apiGroups", []), group)
        and _has(rule.get("resources", []), resource)
        for rule in roles()[role].get("rules") or []
    )


def _has(values: list[str], value: str) -> bool:
    return value in values or "*" in values


def test_only_cluster_roles():
    before = CHARM.cluster().store.everything()
    known = {(table, key) for table, key, _ in before}
    everything = CHARM.complete.cluster.store.everything()
    made = {table for table, key, _ in everything if (table, key) not in known}
    # The second records what the first consists of.
    assert made == {(GROUP, "clusterroles"), ("", "configmaps")}


@pytest.mark.parametrize("level", LEVELS)
def test_levels_are_aggregated(level: str):
    label = f"rbac.authorization.kubeflow.org/aggregate-to-kubeflow-{level}"
    role = roles()[f"kubeflow-{level}"]
    selectors = role["aggregationRule"]["clusterRoleSelectors"]
    assert selectors == [{"matchLabels": {label: "true"}}]
    assert role["rules"]


@pytest.mark.parametrize(("higher", "lower"), [("admin", "edit"), ("edit", "view")])
def test_each_level_includes_the_one_below(higher: str, lower: str):
    rules = roles()[f"kubeflow-{higher}"]["rules"]
    assert [rule for rule in roles()[f"kubeflow-{lower}"]["rules"] if rule not in rules] == []


@pytest.mark.parametrize("level", LEVELS)
def test_roles_of_other_charms_are_gathered(level: str):
    """A charm adds to a level by a label alone."""
    cluster = CHARM.complete.cluster.copy()
    label = f"rbac.authorization.kubeflow.org/aggregate-to-kubeflow-{level}"
    rule = {"apiGroups": ["example.com"], "resources": ["things"], "verbs": ["get"]}
    theirs = {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "things", "labels": {label: "true"}},
        "rules": [rule],
    }
    cluster.request(Request("POST", f"/apis/{GROUP}/v1/clusterroles", body=theirs))
    after = CHARM.run(CHARM.complete.state, cluster=cluster)
    assert not after.writes
    assert rule in after.seen["objects"][f"ClusterRole//kubeflow-{level}"]["rules"]


def test_viewers_change_nothing():
    verbs = {verb for rule in roles()["kubeflow-view"]["rules"] for verb in rule["verbs"]}
    assert verbs <= {"get", "list", "watch"}


def test_contributors_work_and_owners_share():
    assert may("kubeflow-edit", "create", "", "pods")
    assert not may("kubeflow-edit", "create", GROUP, "rolebindings")
    assert may("kubeflow-admin", "create", GROUP, "rolebindings")
