# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Profiles: the labels of users' namespaces, their security level, and the purge."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request, controller_writes

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
LABELS_FILE = "/etc/profile-controller/namespace-labels.yaml"
ENFORCE = "pod-security.kubernetes.io/enforce"
LEVELS = ("privileged", "baseline", "restricted")


def run(cluster: Cluster | None = None, **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    return CHARM.run(CHARM.state(config=options), "config_changed", cluster=cluster)


def users(**labels: str | None) -> Cluster:
    """A cluster with namespaces of these users at these levels, and one that is nobody's."""
    cluster = CHARM.cluster()
    for name, level in labels.items():
        profile = {"app.kubernetes.io/part-of": "kubeflow-profile"}
        mine = {**profile, **({ENFORCE: level} if level else {})}
        cluster.install("", "namespaces", {"metadata": {"name": name, "labels": mine}})
    cluster.install(
        "", "namespaces", {"metadata": {"name": "nobodys", "labels": {ENFORCE: "baseline"}}}
    )
    return cluster


def level(result: Result, namespace: str) -> str | None:
    return result.seen["objects"][f"Namespace//{namespace}"]["metadata"]["labels"].get(ENFORCE)


@pytest.mark.parametrize("policy", LEVELS)
def test_labels_of_new_namespaces(policy: str):
    """All are text: the profile controller reads a mapping of text to text."""
    text = run(security_policy=policy).files("kubeflow-profiles")[LABELS_FILE]
    assert yaml.safe_load(text) == {
        ENFORCE: policy,
        "app.kubernetes.io/part-of": "kubeflow-profile",
        "katib-metricscollector-injection": "enabled",
        "katib.kubeflow.org/metrics-collector-injection": "enabled",
        "namespace-node-affinity": "enabled",
        "pipelines.kubeflow.org/enabled": "true",
        "serving.kubeflow.org/inferenceservice": "enabled",
        "user.kubeflow.org/enabled": "true",
    }


def test_other_labels_restart_the_controller():
    plans = [run(security_policy=policy).seen["plans"]["kubeflow-profiles"] for policy in LEVELS]
    environments = [plan["services"]["kubeflow-profiles"]["environment"] for plan in plans]
    assert environments[0] != environments[1] != environments[2]


@pytest.mark.parametrize("policy", LEVELS)
def test_existing_namespaces_are_labelled(policy: str):
    result = run(users(ann="privileged", ben="restricted", cem=None), security_policy=policy)
    assert {level(result, name) for name in ("ann", "ben", "cem")} == {policy}


def test_other_namespaces_are_left_alone():
    result = run(users(ann="privileged"), security_policy="restricted")
    assert level(result, "nobodys") == "baseline"
    assert ENFORCE not in result.seen["objects"]["Namespace//kubeflow"]["metadata"].get(
        "labels", {}
    )


def test_models_own_namespace_is_never_labelled():
    """Whatever its labels say: a level there would keep the platform's own pods out."""
    cluster = CHARM.cluster()
    table, key = ("", "namespaces"), ("", "kubeflow")
    found = cluster.store.get(table, key)
    assert found
    labels = {
        **found.obj["metadata"].get("labels", {}),
        "app.kubernetes.io/part-of": "kubeflow-profile",
    }
    controller_writes.rewrite(
        cluster, table, key, {**found.obj, "metadata": {**found.obj["metadata"], "labels": labels}}
    )
    assert level(run(cluster, security_policy="restricted"), "kubeflow") is None


def test_labelled_namespaces_are_not_written_again():
    first = run(users(ann=None))
    again = CHARM.run(first.state, cluster=first.cluster)
    assert not again.writes


@pytest.mark.parametrize(
    ("config", "option"),
    [
        ({"manager_port": 8081}, "manager-port"),
        ({"manager_port": 9876}, "manager-port"),
        ({"manager_port": 8085, "port": 8085}, "manager-port"),
    ],
)
def test_ports_that_are_taken(config: dict[str, Any], option: str):
    status, message = run(**config).status
    assert status == "blocked"
    assert message.startswith(f"option {option} accepts a port other than ")


def test_service_port_leads_to_where_the_program_listens():
    """The access management API has no setting for its port."""
    ports = run(port=9000).seen["objects"]["Service/kubeflow/kubeflow-profiles"]["spec"]["ports"]
    found = {item["name"]: (item["port"], item["targetPort"]) for item in ports}
    assert found == {"http-manager": (8080, 8080), "http": (9000, 8081)}


PROFILE = {
    "apiVersion": "kubeflow.org/v1",
    "kind": "Profile",
    "metadata": {"name": "ann"},
    "spec": {"owner": {"kind": "User", "name": "ann@example.com"}},
}


def with_profile() -> Result:
    """A cluster in which a user has a profile."""
    first = run()
    cluster = first.cluster.copy()
    cluster.request(Request("POST", "/apis/kubeflow.org/v1/profiles", body=PROFILE))
    return dataclasses.replace(first, cluster=cluster)


def purge(before: Result, confirm: str) -> Result:
    return CHARM.run(
        before.state, "action", "purge", params={"confirm": confirm}, cluster=before.cluster
    )


def test_purge_without_confirmation():
    before = with_profile()
    result = purge(before, "yes")
    assert result.failure == "to delete all profiles, confirm with the model's name: kubeflow"
    assert not result.requests
    assert "Profile//ann" in result.seen["objects"]


def test_purge():
    result = purge(with_profile(), "kubeflow")
    assert result.results == {"deleted": "profiles.kubeflow.org"}
    assert "CustomResourceDefinition//profiles.kubeflow.org" not in result.seen["objects"]
    assert "Profile//ann" not in result.seen["objects"]


def test_removal_leaves_profiles():
    before = with_profile()
    state = dataclasses.replace(before.state, planned_units=0)
    after = CHARM.run(state, "remove", cluster=before.cluster)
    assert "Profile//ann" in after.seen["objects"]
    assert "CustomResourceDefinition//profiles.kubeflow.org" in after.seen["objects"]
    assert "ClusterRole//kubeflow-profiles" not in after.seen["objects"]


def test_principals_follow_the_model():
    result = CHARM.run(CHARM.state(model="ml", without=["local-gateway"]), "config_changed")
    for container, plan in result.seen["plans"].items():
        environment = plan["services"][container]["environment"]
        principals = {
            name: text for name, text in environment.items() if name.endswith("_PRINCIPAL")
        }
        assert principals
        assert all(text.startswith("cluster.local/ns/ml/sa/") for text in principals.values())


@pytest.mark.parametrize("container", ["kubeflow-profiles", "kubeflow-kfam"])
def test_owners_and_contributors_come_by_knative_s_activator_too(container: str):
    """It has a name in the mesh, which kfp-ui has not."""
    service = run().seen["plans"][container]["services"][container]
    principal = service["environment"]["KFP_UI_PRINCIPAL"]
    assert principal == "cluster.local/ns/knative-serving/sa/activator"


def test_one_controller_works_at_a_time():
    service = run().seen["plans"]["kubeflow-profiles"]["services"]["kubeflow-profiles"]
    assert "-leader-elect" in service["command"].split()
