# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Knative operator: its rights, its ports, its collector, and the end of what it installs."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import pytest
from charmkit import knative
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "knative-operator"
SERVING = "KnativeServing/knative-serving/one"
THINGS = {"apiGroups": ["example.com"], "resources": ["things"], "verbs": ["get"]}
DEFINITION = "CustomResourceDefinition//knativeservings.operator.knative.dev"


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knative, "INTERVAL", 0.0)


def run(**choices: Any) -> Result:
    return CHARM.run(CHARM.state(**choices), "config_changed", cluster=CHARM.defined)


def rules(result: Result) -> list[dict[str, Any]]:
    return result.seen["objects"][f"ClusterRole//{NAME}"]["rules"]


def test_runs_both_programs_with_ports_of_their_own():
    plans = run().seen["plans"]
    environments = [
        plans[name]["services"][name]["environment"]
        for name in ("knative-operator", "knative-operator-webhook")
    ]
    for key in ("METRICS_PROMETHEUS_PORT", "PROFILING_PORT"):
        assert len({environment[key] for environment in environments}) == 2


def test_both_programs_are_scraped():
    (bag,) = (bag for name, bag in run().seen["databags"].items() if name.startswith("metrics-"))
    jobs = json.loads(bag["app"]["scrape_jobs"])
    targets = {
        target for job in jobs for item in job["static_configs"] for target in item["targets"]
    }
    assert {"*:9090", "*:9091"} <= targets


def test_webhook_port_moves_listener_and_service_together():
    result = run(config={"webhook-port": 9000})
    (port,) = result.seen["objects"]["Service/kubeflow/operator-webhook"]["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (443, 9000)
    plan = result.seen["plans"]["knative-operator-webhook"]
    environment = plan["services"]["knative-operator-webhook"]["environment"]
    assert environment["WEBHOOK_PORT"] == "9000"


@pytest.mark.parametrize("port", [8080, 9090, 8008])
def test_webhook_port_that_is_taken_is_refused(port: int):
    result = run(config={"webhook-port": port})
    assert result.status[0] == "blocked"
    assert "option webhook-port" in result.status[1]


def test_collector_is_there_while_somebody_sends():
    related, alone = run(), run(without=["otel-collector"])
    assert "Deployment/kubeflow/otel-collector" in related.seen["objects"]
    assert "Deployment/kubeflow/otel-collector" not in alone.seen["objects"]


def test_account_of_the_pod_has_less_than_everything():
    for rule in rules(run()):
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]


def test_account_of_the_pod_has_knatives_own_roles_by_aggregation():
    """Kubernetes lets nobody bind what he may not do himself."""
    objects = run().seen["objects"]
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": "kubeflow"}
    for component in ("serving", "eventing"):
        for suffix in ("", "-stable"):
            name = f"knative-{component}-operator-aggregated{suffix}"
            assert objects[f"ClusterRole//{name}"]["aggregationRule"]
            assert objects[f"ClusterRoleBinding//{name}"]["subjects"] == [account]


def aggregated(labels: dict[str, str]) -> list[dict[str, Any]]:
    """Return what the operator may do once there is a role with these labels, to get things."""
    cluster = run().cluster.copy()
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "somebody", "labels": labels},
        "rules": [THINGS],
    }
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    assert cluster.request(Request("POST", path, body=role)).status == 201
    objects = CHARM.run(run().state, cluster=cluster).seen["objects"]
    return objects["ClusterRole//knative-serving-operator-aggregated-stable"].get("rules") or []


def test_rights_of_a_role_that_the_operator_makes_become_its_own():
    """Juju labels it too, since the application's account makes it."""
    labels = {"app.kubernetes.io/managed-by": "juju", "app.kubernetes.io/name": "knative-serving"}
    assert aggregated({**labels, "app.kubernetes.io/version": "1.16.0"}) == [THINGS]


def test_rights_of_the_application_knative_serving_do_not():
    """Juju's role for it has these labels, and with trust it gives everything."""
    labels = {"app.kubernetes.io/managed-by": "juju", "app.kubernetes.io/name": "knative-serving"}
    assert aggregated(labels) == []


def with_serving(finalizers: list[str]) -> Cluster:
    cluster = run().cluster.copy()
    cluster.install("", "namespaces", {"metadata": {"name": "knative-serving"}})
    path = "/apis/operator.knative.dev/v1beta1/namespaces/knative-serving/knativeservings"
    body = {
        "apiVersion": "operator.knative.dev/v1beta1",
        "kind": "KnativeServing",
        "metadata": {"name": "one", "finalizers": finalizers},
        "spec": {"version": "1.16.0"},
    }
    assert cluster.request(Request("POST", path, body=body)).status == 201
    return cluster


@pytest.mark.parametrize("finalizers", [[], ["knativeservings.operator.knative.dev"]])
def test_removal_takes_what_it_installed_along_and_ends(finalizers: list[str]):
    state = dataclasses.replace(CHARM.state(), planned_units=0)
    after = CHARM.run(state, "remove", cluster=with_serving(finalizers)).seen["objects"]
    assert SERVING not in after
    assert after[DEFINITION]["spec"]["conversion"] == {"strategy": "None"}
    assert "Namespace//knative-serving" in after


def test_removal_of_one_unit_leaves_everything():
    state = dataclasses.replace(CHARM.state(units=2), planned_units=1)
    after = CHARM.run(state, "remove", cluster=with_serving([])).seen["objects"]
    assert SERVING in after


def test_purge_deletes_the_definitions():
    before = run()
    after = CHARM.run(
        before.state, "action", "purge", params={"confirm": "kubeflow"}, cluster=before.cluster
    )
    assert DEFINITION not in after.seen["objects"]
