# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The webhook: whose pods pass it, what it serves, and which PodDefaults are admitted."""

from __future__ import annotations

import base64
import dataclasses
import functools
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request, Response, controller_writes

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "admission-webhook"
CONFIGURATION = f"MutatingWebhookConfiguration//{NAME}"
CERTIFICATE, KEY = "/etc/webhook/certs/cert.pem", "/etc/webhook/certs/key.pem"
PROFILE = {"app.kubernetes.io/part-of": "kubeflow-profile"}


def run(model: str = "kubeflow", **config: Any) -> Result:
    state = CHARM.state(config=config, model=model)
    return CHARM.run(state, "config_changed", cluster=CHARM.cluster(model))


def webhook(result: Result) -> dict[str, Any]:
    (found,) = result.seen["objects"][CONFIGURATION]["webhooks"]
    return found


def test_port_moves_listener_service_and_configuration():
    for result, port in ((run(), 4443), (run(port=9443), 9443)):
        service = result.seen["plans"][NAME]["services"][NAME]
        assert service["command"] == f"/webhook -webhookPort {port}"
        (of_service,) = result.seen["objects"][f"Service/kubeflow/{NAME}"]["spec"]["ports"]
        assert (of_service["port"], of_service["targetPort"]) == (port, port)
        assert webhook(result)["clientConfig"]["service"]["port"] == port
        assert result.seen["plans"][NAME]["checks"][f"{NAME}-ready"]["tcp"] == {"port": port}


def selected(result: Result, model: str) -> set[str]:
    """The namespaces whose pods pass the webhook, by the API's own reading of labels."""
    cluster = result.cluster.copy()
    for name, labels in {"ann": PROFILE, "nobodys": {}, "other": {"app": "x"}}.items():
        cluster.install("", "namespaces", {"metadata": {"name": name, "labels": labels}})
    own = cluster.store.get(("", "namespaces"), ("", model))
    assert own
    metadata: dict[str, Any] = own.obj["metadata"]  # pyright: ignore[reportAssignmentType]
    there = {**metadata, "labels": {**metadata["labels"], **PROFILE}}
    controller_writes.rewrite(
        cluster, ("", "namespaces"), ("", model), {**own.obj, "metadata": there}
    )
    selector = webhook(result)["namespaceSelector"]
    terms = [f"{key}={value}" for key, value in selector["matchLabels"].items()]
    for term in selector["matchExpressions"]:
        assert term["operator"] == "NotIn"
        terms.append(f"{term['key']} notin ({','.join(term['values'])})")
    query = {"labelSelector": ",".join(terms)}
    answer = cluster.request(Request("GET", "/api/v1/namespaces", query)).json()
    return {item["metadata"]["name"] for item in answer["items"]}


@pytest.mark.parametrize("model", ["kubeflow", "ml"])
def test_only_users_pods_wait_for_it(model: str):
    """Its own never do, even if somebody labels its namespace as a user's."""
    result = run(model)
    assert selected(result, model) == {"ann"}
    assert [rule["resources"] for rule in webhook(result)["rules"]] == [["pods"]]
    assert [rule["operations"] for rule in webhook(result)["rules"]] == [["CREATE"]]


def test_no_pod_of_a_user_starts_without_its_pod_defaults():
    assert webhook(run())["failurePolicy"] == "Fail"


def test_the_version_that_its_answers_fit_comes_first():
    """The API server takes the first that it knows."""
    assert webhook(run())["admissionReviewVersions"] == ["v1beta1", "v1"]


def bundle(result: Result) -> str:
    return base64.b64decode(webhook(result)["clientConfig"]["caBundle"]).decode()


def test_every_unit_serves_one_certificate():
    first = CHARM.complete
    second = CHARM.run(CHARM.as_unit(first.state, 1), unit=1, cluster=first.cluster)
    assert second.status == ("active", "")
    assert first.files(NAME) == second.files(NAME)
    assert set(first.files(NAME)) == {CERTIFICATE, KEY}
    assert "BEGIN CERTIFICATE" in bundle(first)


def test_a_lost_pod_comes_back_with_the_same_certificate():
    first = CHARM.complete
    again = CHARM.run(CHARM.as_unit(first.state, 0, leader=True), cluster=first.cluster)
    assert again.files(NAME) == first.files(NAME)
    assert bundle(again) == bundle(first)


def test_a_unit_waits_for_the_leader_and_runs_nothing():
    result = CHARM.run(CHARM.state(leader=False, units=2), "config_changed")
    message = "waiting for the leader to create the secret webhook-certificate"
    assert result.status == ("waiting", message)
    assert result.seen["services"] == {NAME: {}}


def test_rights():
    """The program lists, and no more."""
    (rule,) = run().seen["objects"][f"ClusterRole//{NAME}"]["rules"]
    assert (rule["resources"], rule["verbs"]) == (["poddefaults"], ["list"])


def test_users_may_see_pod_defaults():
    objects = run().seen["objects"]
    view = objects[f"ClusterRole//{NAME}-kubeflow-poddefaults-view"]
    assert [rule["verbs"] for rule in view["rules"]] == [["get", "list", "watch"]]
    prefix = "rbac.authorization.kubeflow.org/aggregate-to-kubeflow"
    assert f"{prefix}-view" in view["metadata"]["labels"]
    for role in ("admin", "edit"):
        gathered = objects[f"ClusterRole//{NAME}-kubeflow-poddefaults-{role}"]
        assert f"{prefix}-{role}" in gathered["metadata"]["labels"]
        (selector,) = gathered["aggregationRule"]["clusterRoleSelectors"]
        assert selector["matchLabels"].items() <= view["metadata"]["labels"].items()


@functools.cache
def defined() -> Cluster:
    cluster = run().cluster
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    return cluster


def create(cluster: Cluster, spec: dict[str, Any]) -> Response:
    path = "/apis/kubeflow.org/v1alpha1/namespaces/ann/poddefaults"
    body = {
        "apiVersion": "kubeflow.org/v1alpha1",
        "kind": "PodDefault",
        "metadata": {"name": "one"},
        "spec": {"selector": {"matchLabels": {"one": "true"}}, **spec},
    }
    return cluster.request(Request("POST", path, {"fieldValidation": "Strict"}, body=body))


ENV = [
    {"name": "A", "value": "1"},
    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": True}}},
    {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
    {"name": "D", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    {"name": "E", "valueFrom": {"resourceFieldRef": {"resource": "cpu", "divisor": "1m"}}},
    {"name": "F", "valueFrom": {"resourceFieldRef": {"resource": "cpu", "divisor": 1}}},
]
TOKEN = {"serviceAccountToken": {"path": "token", "expirationSeconds": 7200, "audience": "kfp"}}
SIDECAR = {
    "name": "proxy",
    "image": "example.com/proxy:1",
    "command": ["/proxy"],
    "env": ENV,
    "envFrom": [{"secretRef": {"name": "s"}}],
    "ports": [{"containerPort": 80, "protocol": "TCP"}],
    "resources": {"limits": {"cpu": 1, "memory": "1Gi"}},
    "readinessProbe": {"httpGet": {"port": 80}},
    "securityContext": {"runAsNonRoot": True},
    "volumeMounts": [{"name": "v", "mountPath": "/v", "subPathExpr": "$(A)"}],
}
SPECS: dict[str, dict[str, Any]] = {
    "tokens for pipelines": {
        "desc": "Allow access to Kubeflow Pipelines",
        "volumes": [{"name": "token", "projected": {"sources": [TOKEN]}}],
        "volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets", "readOnly": True}],
        "env": [{"name": "KF_PIPELINES_SA_TOKEN_PATH", "value": "/var/run/secrets/token"}],
    },
    "environment": {"env": ENV, "envFrom": [{"prefix": "P_", "configMapRef": {"name": "m"}}]},
    "a GPU": {
        "tolerations": [
            {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
            {"key": "gone", "operator": "Equal", "value": "x", "tolerationSeconds": 60},
        ],
    },
    "volumes": {
        "volumes": [
            {"name": "a", "secret": {"secretName": "s", "items": [{"key": "k", "path": "p"}]}},
            {"name": "b", "configMap": {"name": "m", "defaultMode": 420}},
            {"name": "c", "emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}},
            {"name": "d", "persistentVolumeClaim": {"claimName": "c", "readOnly": True}},
            {"name": "e", "nfs": {"server": "example.com", "path": "/"}},
            {"name": "f", "csi": {"driver": "example.com", "volumeAttributes": {"a": "b"}}},
        ],
    },
    "further containers": {"sidecars": [SIDECAR], "initContainers": [SIDECAR]},
    "the rest": {
        "annotations": {"a": "b"},
        "labels": {"c": "d"},
        "command": ["sh"],
        "args": ["-c", "true"],
        "serviceAccountName": "default-editor",
        "automountServiceAccountToken": True,
        "imagePullSecrets": [{"name": "registry"}],
    },
    "an expression": {
        "selector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}
    },
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_pod_defaults(spec: dict[str, Any]):
    """They are admitted, and nothing of them is lost."""
    answer = create(defined().copy(), spec)
    assert answer.status == 201, answer.body
    assert spec.items() <= answer.json()["spec"].items()


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"selector": None}, "spec.selector"),
        ({"env": [{"value": "nameless"}]}, "spec.env[0].name"),
        ({"env": [{"name": "A", "value": 1}]}, "spec.env[0].value"),
        ({"volumes": [{"emptyDir": {}}]}, "spec.volumes[0].name"),
        ({"volumeMounts": [{"name": "v"}]}, "spec.volumeMounts[0].mountPath"),
        ({"tolerations": [{"key": 1}]}, "spec.tolerations[0].key"),
        ({"labels": {"a": 1}}, "spec.labels.a"),
    ],
)
def test_pod_defaults_that_are_refused(spec: dict[str, Any], field: str):
    answer = create(defined().copy(), spec)
    assert answer.status == 422, answer.body
    assert [cause["field"] for cause in answer.json()["details"]["causes"]] == [field]


def with_pod_default() -> Result:
    cluster = defined().copy()
    assert create(cluster, SPECS["environment"]).status == 201
    return dataclasses.replace(run(), cluster=cluster)


def test_removal_leaves_pod_defaults_and_no_webhook():
    before = with_pod_default()
    state = dataclasses.replace(before.state, planned_units=0)
    after = CHARM.run(state, "remove", cluster=before.cluster)
    assert "PodDefault/ann/one" in after.seen["objects"]
    assert CONFIGURATION not in after.seen["objects"]


@pytest.mark.parametrize(("confirm", "left"), [("yes", True), ("kubeflow", False)])
def test_purge(confirm: str, left: bool):
    before = with_pod_default()
    result = CHARM.run(
        before.state, "action", "purge", params={"confirm": confirm}, cluster=before.cluster
    )
    assert bool(result.failure) is left
    assert ("PodDefault/ann/one" in result.seen["objects"]) is left
