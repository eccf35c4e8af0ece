# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What is dispatched of the manifests that applications hand over."""

from __future__ import annotations

import base64
from typing import Any

import dispatched
import pytest

RBAC = "rbac.authorization.k8s.io"


def secret(name: str = "keys", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, **fields}


def role(*rules: dict[str, Any], name: str = "reader") -> dict[str, Any]:
    metadata = {"name": name}
    return {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": [*rules]}


def binding(kind: str, name: str) -> dict[str, Any]:
    reference = {"apiGroup": RBAC, "kind": kind, "name": name}
    metadata = {"name": "readers"}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": metadata,
        "roleRef": reference,
    }


def names(found: dispatched.Dispatch) -> list[str]:
    return [item["metadata"]["name"] for item in found.manifests]


READ = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}


def test_text_of_a_secret_is_encoded_as_the_api_keeps_it():
    (found,) = dispatched.dispatch(
        [("secrets", "mlflow", [secret(stringData={"key": "text"}, data={"other": "eA=="})])]
    ).manifests
    assert found["data"] == {"key": base64.b64encode(b"text").decode(), "other": "eA=="}
    assert "stringData" not in found


def test_what_the_api_would_drop_is_dropped():
    metadata = {"name": "keys", "annotations": {}, "labels": None, "uid": "1", "generation": 3}
    manifest = {**secret(data={}, type=None, status={}), "metadata": metadata}
    assert dispatched.normalised("secrets", manifest) == secret()


def test_empty_rules_of_a_role_are_kept():
    assert dispatched.normalised("roles", role())["rules"] == []


def test_empty_parts_of_pod_defaults_are_kept():
    """They are kept as they are, and an emptyDir says something."""
    spec = {"selector": {"matchLabels": {"a": "b"}}, "volumes": [{"name": "v", "emptyDir": {}}]}
    manifest = {
        "apiVersion": "kubeflow.org/v1alpha1",
        "kind": "PodDefault",
        "metadata": {"name": "scratch"},
        "spec": spec,
    }
    assert dispatched.normalised("pod-defaults", manifest)["spec"] == spec


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("text", "a manifest is not an object with metadata"),
        ({"kind": "Secret"}, "a manifest is not an object with metadata"),
        ({**secret(), "metadata": {}}, "a manifest has no metadata.name"),
        ({**secret(), "kind": "Pod"}, "Pod keys is not a Secret of v1"),
        ({**secret(), "apiVersion": "v2"}, "Secret keys is not a Secret of v1"),
        (secret(data={"key": "?"}), "Secret keys: data.key is not base64"),
        (secret(data={"key": 1}), "Secret keys: data is not a mapping of text"),
        (secret(stringData=["x"]), "Secret keys: stringData is not a mapping of text"),
    ],
)
def test_bad_manifest_is_refused_by_name_and_the_others_go_on(manifest: Any, reason: str):
    found = dispatched.dispatch([("secrets", "mlflow", [manifest, secret("good")])])
    assert names(found) == ["good"]
    assert found.refused == (f"relation secrets with mlflow: {reason}",)


def test_same_object_of_a_second_application_is_refused_by_name():
    first, second = secret(data={"a": "eA=="}), secret(data={"a": "eQ=="})
    found = dispatched.dispatch([("secrets", "mlflow", [first]), ("secrets", "kserve", [second])])
    assert found.manifests == (first,)
    assert found.refused == ("relation secrets with kserve: Secret keys is there from mlflow",)


def test_same_name_on_another_endpoint_is_another_object():
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "keys"}}
    found = dispatched.dispatch(
        [("secrets", "kserve", [secret()]), ("service-accounts", "kserve", [account])]
    )
    assert names(found) == ["keys", "keys"]
    assert not found.refused


def test_object_for_one_namespace_is_another_than_that_for_all():
    own = {**secret(), "metadata": {"name": "keys", "namespace": "ann"}}
    found = dispatched.dispatch([("secrets", "mlflow", [secret(), own])])
    assert len(found.manifests) == 2


def test_role_that_metacontroller_may_make_is_dispatched():
    assert names(dispatched.dispatch([("roles", "app", [role(READ)])])) == ["reader"]


@pytest.mark.parametrize(
    "rule",
    [
        PODS,
        {**READ, "verbs": ["*"]},
        {**READ, "resources": ["*"]},
        {**READ, "apiGroups": ["*"]},
        {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
        "text",
    ],
)
def test_role_that_grants_more_is_named(rule: Any):
    found = dispatched.dispatch([("roles", "app", [role(READ, rule)])])
    assert not found.manifests
    assert found.refused == (
        "relation roles with app: Role reader grants more than Metacontroller has",
    )


def test_role_that_grants_more_is_dispatched_with_escalation():
    found = dispatched.dispatch([("roles", "app", [role(PODS)])], escalation=True)
    assert names(found) == ["reader"]
    assert not found.refused


@pytest.mark.parametrize(
    ("bound", "dispatched_names"),
    [(("Role", "reader"), ["reader", "readers"]), (("ClusterRole", "admin"), ["reader"])],
)
def test_binding_of_a_role_that_is_not_dispatched_is_named(
    bound: tuple[str, str], dispatched_names: list[str]
):
    found = dispatched.dispatch(
        [("roles", "app", [role(READ)]), ("role-bindings", "app", [binding(*bound)])]
    )
    assert names(found) == dispatched_names
    assert bool(found.refused) is (bound[0] == "ClusterRole")


def test_kinds_that_nobody_hands_over_stay_attachments():
    """Otherwise a withdrawn relation would leave its objects."""
    resources = {item["resource"] for item in dispatched.attachments(with_pod_defaults=True)}
    assert resources == {resource for _, _, resource in dispatched.KINDS.values()}


def test_kind_that_the_cluster_has_not_is_no_attachment():
    resources = {item["resource"] for item in dispatched.attachments(with_pod_defaults=False)}
    assert "poddefaults" not in resources
    assert "secrets" in resources
