# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""PVCViewer: what the controller is told, what it serves, and which PVCViewers are admitted."""

from __future__ import annotations

import base64
import dataclasses
import functools
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request, Response

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "pvcviewer-operator"
CONFIGURATIONS = {
    "MutatingWebhookConfiguration//pvcviewer-mutating-webhook-configuration": "mutate",
    "ValidatingWebhookConfiguration//pvcviewer-validating-webhook-configuration": "validate",
}
GATEWAY = {"gateway_name": "front", "gateway_namespace": "istio", "gateway_up": "true"}
CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"


def run(gateway: dict[str, str] | None = None, model: str = "kubeflow") -> Result:
    state = (
        CHARM.state(model=model, bags={"gateway-info": gateway})
        if gateway
        else CHARM.state(model=model, without=["gateway-info"])
    )
    return CHARM.run(state, "config_changed", cluster=CHARM.cluster(model))


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][NAME]["services"][NAME]


def gateway_of(result: Result) -> str:
    return service(result)["environment"]["ISTIO_GATEWAY"]


def webhooks(result: Result) -> dict[str, dict[str, Any]]:
    """The one webhook of each configuration, by what it does."""
    objects = result.seen["objects"]
    return {what: objects[name]["webhooks"][0] for name, what in CONFIGURATIONS.items()}


def test_every_unit_runs_and_one_is_elected():
    first = CHARM.run(CHARM.state(units=2), "config_changed")
    second = CHARM.run(CHARM.as_unit(first.state, 1), unit=1, cluster=first.cluster)
    for result in (first, second):
        assert result.status == ("active", "")
        assert result.seen["services"] == {NAME: {NAME: "active"}}
        program, *flags = service(result)["command"].split()
        assert program == "/manager"
        assert flags == [
            "--health-probe-bind-address=:8081",
            "--metrics-bind-address=:8080",
            "--leader-elect",
        ]


@pytest.mark.parametrize("model", ["kubeflow", "ml"])
def test_gateway_without_a_relation(model: str):
    """In a model called kubeflow it is the one that the program takes by itself."""
    assert gateway_of(run(model=model)) == f"{model}/kubeflow-gateway"


def test_gateway_of_the_relation():
    assert gateway_of(run(GATEWAY)) == "istio/front"


def test_gateway_that_moves_restarts_the_controller():
    before = run(GATEWAY)
    (relation,) = before.state.get_relations("gateway-info")
    moved = dataclasses.replace(  # pyright: ignore[reportCallIssue]
        relation, remote_app_data={**GATEWAY, "gateway_name": "back"}
    )
    relations = {*before.state.relations} - {relation} | {moved}
    state = dataclasses.replace(before.state, relations=relations)
    after = CHARM.run(state, cluster=before.cluster)
    assert gateway_of(after) == "istio/back"


def test_ports_of_the_service():
    ports = run().seen["objects"][f"Service/kubeflow/{NAME}"]["spec"]["ports"]
    assert {item["port"]: item["targetPort"] for item in ports} == {443: 9443, 8080: 8080}


def test_only_pvcviewers_pass_the_webhooks():
    for what, webhook in webhooks(run()).items():
        (rule,) = webhook["rules"]
        assert rule["apiGroups"] == ["kubeflow.org"]
        assert rule["resources"] == ["pvcviewers"]
        assert sorted(rule["operations"]) == ["CREATE", "UPDATE"]
        assert webhook["failurePolicy"] == "Fail"
        assert webhook["clientConfig"]["service"] == {
            "name": NAME,
            "namespace": "kubeflow",
            "path": f"/{what}-kubeflow-org-v1alpha1-pvcviewer",
            "port": 443,
        }


def test_certificate_where_the_controller_looks():
    files = run().files(NAME)
    assert set(files) == {f"{CERTIFICATES}/{name}" for name in ("tls.ca", "tls.crt", "tls.key")}
    for webhook in webhooks(run()).values():
        assert (
            "BEGIN CERTIFICATE" in base64.b64decode(webhook["clientConfig"]["caBundle"]).decode()
        )


def test_both_webhooks_trust_what_is_served():
    result = run()
    bundles = {webhook["clientConfig"]["caBundle"] for webhook in webhooks(result).values()}
    authorities = result.files(NAME)[f"{CERTIFICATES}/tls.ca"]
    assert bundles == {base64.b64encode(authorities.encode()).decode()}


@functools.cache
def defined() -> Cluster:
    """The definition in a cluster that calls no webhooks."""
    cluster = run().cluster.copy()
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    return cluster


def create(cluster: Cluster, spec: dict[str, Any]) -> Response:
    path = "/apis/kubeflow.org/v1alpha1/namespaces/ann/pvcviewers"
    body = {
        "apiVersion": "kubeflow.org/v1alpha1",
        "kind": "PVCViewer",
        "metadata": {"name": "one"},
        "spec": spec,
    }
    return cluster.request(Request("POST", path, {"fieldValidation": "Strict"}, body=body))


NETWORKING = {"targetPort": 8080, "basePrefix": "/pvcviewers", "rewrite": "/", "timeout": "30s"}
POD = {
    "containers": [{"name": "main", "image": "filebrowser/filebrowser", "resources": {}}],
    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "work"}}],
    "tolerations": [{"operator": "Exists"}],
}
SPECS: dict[str, dict[str, Any]] = {
    "a volume": {"pvc": "work"},
    "from the volumes page": {
        "pvc": "work",
        "podSpec": POD,
        "networking": NETWORKING,
        "rwoScheduling": True,
    },
    "a named port": {"pvc": "work", "networking": {**NETWORKING, "targetPort": "http"}},
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_pvcviewers(spec: dict[str, Any]):
    """They are admitted, nothing is lost, and what the controller relies on is filled in."""
    answer = create(defined().copy(), spec)
    assert answer.status == 201, answer.body
    assert answer.json()["spec"] == {"rwoScheduling": False, **spec}


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({}, "spec.pvc"),
        ({"pvc": "work", "podSpec": {}}, "spec.podSpec.containers"),
        ({"pvc": "work", "rwoScheduling": "yes"}, "spec.rwoScheduling"),
        ({"pvc": "work", "networking": {"basePrefix": 1}}, "spec.networking.basePrefix"),
    ],
)
def test_pvcviewers_that_are_refused(spec: dict[str, Any], field: str):
    answer = create(defined().copy(), spec)
    assert answer.status == 422, answer.body
    assert [cause["field"] for cause in answer.json()["details"]["causes"]] == [field]


def test_rights_to_elect_are_for_one_lease():
    rules = run().seen["objects"][f"Role/kubeflow/{NAME}-leader-election"]["rules"]
    changing = [rule for rule in rules if "update" in rule["verbs"]]
    assert [rule["resourceNames"] for rule in changing] == [["57a72bdf.kubeflow.org"]]


def with_viewer() -> Result:
    cluster = defined().copy()
    assert create(cluster, SPECS["a volume"]).status == 201
    return dataclasses.replace(run(), cluster=cluster)


def test_removal_leaves_pvcviewers_and_no_webhook():
    before = with_viewer()
    state = dataclasses.replace(before.state, planned_units=0)
    after = CHARM.run(state, "remove", cluster=before.cluster)
    assert "PVCViewer/ann/one" in after.seen["objects"]
    assert not set(CONFIGURATIONS) & set(after.seen["objects"])


@pytest.mark.parametrize(("confirm", "left"), [("yes", True), ("kubeflow", False)])
def test_purge(confirm: str, left: bool):
    before = with_viewer()
    result = CHARM.run(
        before.state, "action", "purge", params={"confirm": confirm}, cluster=before.cluster
    )
    assert bool(result.failure) is left
    assert ("PVCViewer/ann/one" in result.seen["objects"]) is left
