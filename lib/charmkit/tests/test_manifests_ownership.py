# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Whose objects are: owned by the model, kept from Juju, never taken from somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import charmkit
import kubefake
import ops
import pytest
from charmkit import _manifests, kube

from .manifest_app import CONFIG_MAP, CRD, CRD_TEXT, ROLE, ROLE_TEXT, SETTINGS, WEBHOOK_TEXT, App

Writes = Callable[[], list[tuple[str, str, str]]]
NAMESPACE = kube.Kind("v1", "Namespace", namespaced=False)
CLAIM = kube.Kind("v1", "PersistentVolumeClaim", namespaced=True)
CRD_NAME = "boxes.example.com"
CLAIM_TEXT = """
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: data, namespace: {{ model }}}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
"""
NAMESPACE_TEXT = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: team}
"""
JUJUS = {
    "app.juju.is/created-by": "app",
    "app.kubernetes.io/managed-by": "juju",
    "model.juju.is/id": "6d1f8ab6-6a0d-4d1e-8a0a-0d9b4a1ef0c2",
    "model.juju.is/name": "ml",
}


def uid_of_model(api: kube.Kube) -> str:
    namespace = api.get(NAMESPACE, "ml")
    assert namespace
    return namespace["metadata"]["uid"]


def metadata(api: kube.Kube, kind: kube.Kind, name: str, namespace: str = "") -> dict[str, Any]:
    found = api.get(kind, name, namespace)
    assert found
    return found["metadata"]


Apply = Callable[..., None]


@pytest.fixture
def apply(cluster: kubefake.Cluster) -> Apply:
    """Apply an object as somebody else."""

    def applied(path: str, obj: dict[str, Any], manager: str) -> None:
        query = {"fieldManager": manager, "force": "true"}
        headers = {"content-type": "application/apply-patch+yaml"}
        body = json.dumps(obj).encode()
        response = cluster.request(kubefake.Request("PATCH", path, query, headers, body, "them"))
        assert response.status in (200, 201), response.body

    return applied


def role(**labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "app", "labels": labels},
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}],
    }


ROLE_PATH = "/apis/rbac.authorization.k8s.io/v1/clusterroles/app"
CRD_PATH = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{CRD_NAME}"


def crd(**labels: str) -> dict[str, Any]:
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object"}},
    }
    return {
        "apiVersion": CRD.api_version,
        "kind": CRD.name,
        "metadata": {"name": CRD_NAME, "labels": labels},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Box", "listKind": "BoxList", "plural": "boxes", "singular": "box"},
            "scope": "Namespaced",
            "versions": [version],
        },
    }


# Owned by the model's Namespace


def test_a_cluster_wide_object_is_owned_by_the_models_namespace(app: App, api: kube.Kube) -> None:
    app.template("role", ROLE_TEXT)
    app.template("webhook", WEBHOOK_TEXT)
    app.hook()
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": "ml", "uid": uid_of_model(api)}
    assert metadata(api, ROLE, "app")["ownerReferences"] == [owner]
    webhook = kube.Kind(
        "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", namespaced=False
    )
    assert metadata(api, webhook, "app")["ownerReferences"] == [owner]


def test_an_object_of_another_namespace_is_owned_by_the_models_namespace(
    app: App, api: kube.Kube
) -> None:
    app.template("there", SETTINGS.replace("{{ model }}", "default"))
    app.hook()
    (owner,) = metadata(api, CONFIG_MAP, "app-settings", "default")["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("Namespace", "ml", uid_of_model(api))


def test_an_object_in_the_model_needs_no_owner(app: App, api: kube.Kube) -> None:
    app.hook()
    assert "ownerReferences" not in metadata(api, CONFIG_MAP, "app-settings", "ml")


def test_what_holds_users_data_has_no_owner_that_takes_it_along(app: App, api: kube.Kube) -> None:
    for name, text in (("crd", CRD_TEXT), ("claim", CLAIM_TEXT), ("namespace", NAMESPACE_TEXT)):
        app.template(name, text)
    app.hook()
    kept = [(CRD, CRD_NAME), (CLAIM, "data"), (NAMESPACE, "team")]
    for kind, name in kept:
        assert "ownerReferences" not in metadata(api, kind, name)


def test_without_the_models_namespace_nothing_cluster_wide_is_applied(
    app: App, api: kube.Kube, cluster: kubefake.Cluster
) -> None:
    app.template("role", ROLE_TEXT)
    gone = kubefake.Response(404, [("content-type", "text/plain")], b"not found")
    cluster.faults = lambda request: gone if request.path == "/api/v1/namespaces/ml" else None
    assert app.hook() == ops.WaitingStatus("waiting for the namespace ml")
    cluster.faults = None
    assert api.get(ROLE, "app") is None


# Kept from Juju


def test_what_holds_users_data_has_the_labels_that_keep_juju_off(app: App, api: kube.Kube) -> None:
    for name, text in (("crd", CRD_TEXT), ("claim", CLAIM_TEXT), ("namespace", NAMESPACE_TEXT)):
        app.template(name, text)
    app.hook()
    for kind, name in ((CRD, CRD_NAME), (CLAIM, "data"), (NAMESPACE, "team")):
        labels = metadata(api, kind, name)["labels"]
        assert labels["model.juju.is/disable-webhook"] == "true"
        assert labels["app.kubernetes.io/managed-by"] == "charmed-kubeflow"
    labels = metadata(api, CONFIG_MAP, "app-settings", "ml")["labels"]
    assert not _manifests.KEPT_LABELS.keys() & labels.keys()


def test_a_definition_that_juju_has_labelled_is_released(
    app: App, api: kube.Kube, apply: Apply, writes: Writes
) -> None:
    """Juju deletes by these labels, and would delete all users' objects with the definition."""
    app.template("crd", CRD_TEXT)
    apply(CRD_PATH, crd(**JUJUS), "lightkube")
    assert app.hook() == ops.ActiveStatus()
    labels = metadata(api, CRD, CRD_NAME)["labels"]
    assert not set(_manifests.JUJU_LABELS) & labels.keys()
    assert labels.items() >= _manifests.KEPT_LABELS.items()
    writes()
    app.hook()
    assert writes() == []


def test_a_definition_is_released_although_the_context_is_not_ready(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    app.template("crd", CRD_TEXT)
    apply(CRD_PATH, crd(**JUJUS), "lightkube")
    app.variables["colour"] = charmkit.Waiting("waiting for a colour")
    assert app.hook() == ops.WaitingStatus("waiting for a colour")
    labels = metadata(api, CRD, CRD_NAME)["labels"]
    assert not set(_manifests.JUJU_LABELS) & labels.keys()


def test_a_definition_of_the_workload_is_released_by_the_last_hook_too(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    """Juju labels what a workload defines with the application's account."""
    app.template("crd", CRD_TEXT)
    app.hook()
    api.merge(
        CRD, CRD_NAME, {"metadata": {"labels": {**JUJUS, "model.juju.is/disable-webhook": None}}}
    )
    app.hook("remove", units=0)
    labels = metadata(api, CRD, CRD_NAME)["labels"]
    assert not set(_manifests.JUJU_LABELS) & labels.keys()
    assert labels.items() >= _manifests.KEPT_LABELS.items()


@pytest.mark.parametrize(
    "theirs", [{"app.juju.is/created-by": "other"}, {"model.juju.is/name": "other"}]
)
def test_a_definition_that_juju_keeps_for_another_application_is_not_touched(
    app: App, api: kube.Kube, apply: Apply, theirs: dict[str, str]
) -> None:
    app.template("crd", CRD_TEXT.replace("boxes", "crates"))
    apply(CRD_PATH, crd(**{**JUJUS, **theirs}), "lightkube")
    before = api.get(CRD, CRD_NAME)
    app.hook()
    assert api.get(CRD, CRD_NAME) == before


def test_only_the_leader_releases_definitions(app: App, api: kube.Kube, apply: Apply) -> None:
    app.template("crd", CRD_TEXT)
    apply(CRD_PATH, crd(**JUJUS), "lightkube")
    app.hook(leader=False)
    assert metadata(api, CRD, CRD_NAME)["labels"] == JUJUS


# Never taken from somebody else


def owned_by(app: str, model: str) -> dict[str, str]:
    return {_manifests.APP_LABEL: app, _manifests.MODEL_LABEL: model}


@pytest.fixture
def other(cluster: kubefake.Cluster) -> None:
    """An application of the same name in another model, whose Service is there."""
    cluster.install("", "namespaces", {"metadata": {"name": "other"}})
    spec = {"ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}]}
    service = {"metadata": {"name": "app", "namespace": "other"}, "spec": spec}
    cluster.install("", "services", service)


@pytest.mark.usefixtures("other")
def test_an_object_of_another_models_application_is_not_taken_over(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    app.template("role", ROLE_TEXT)
    apply(ROLE_PATH, role(**owned_by("app", "other")), "lightkube")
    before = api.get(ROLE, "app")
    message = "ClusterRole app belongs to app in model other: one of the two has to be removed"
    assert app.hook() == ops.BlockedStatus(message)
    assert api.get(ROLE, "app") == before
    app.hook("remove", units=0)
    assert api.get(ROLE, "app") == before


def test_an_object_whose_application_is_gone_is_taken_over(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    app.template("role", ROLE_TEXT)
    apply(ROLE_PATH, role(**owned_by("app", "gone")), "lightkube")
    assert app.hook() == ops.ActiveStatus()
    found = api.get(ROLE, "app")
    assert found
    assert found["metadata"]["labels"].items() >= owned_by("app", "ml").items()
    assert found["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]


def test_an_object_of_another_field_manager_is_not_taken_over(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    app.template("role", ROLE_TEXT)
    apply(ROLE_PATH, role(), "helm")
    before = api.get(ROLE, "app")
    message = "ClusterRole app belongs to helm: one of the two has to be removed"
    assert app.hook() == ops.BlockedStatus(message)
    app.hook("remove", units=0)
    assert api.get(ROLE, "app") == before


def test_an_object_that_juju_keeps_for_another_model_is_not_taken_over(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    """That of a published charm there, which has the same field manager."""
    app.template("role", ROLE_TEXT)
    apply(ROLE_PATH, role(**{**JUJUS, "model.juju.is/name": "other"}), "lightkube")
    before = api.get(ROLE, "app")
    message = "ClusterRole app belongs to app in model other: one of the two has to be removed"
    assert app.hook() == ops.BlockedStatus(message)
    assert api.get(ROLE, "app") == before


def test_an_object_of_the_published_charm_is_taken_over(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    app.template("role", ROLE_TEXT)
    apply(ROLE_PATH, role(**JUJUS), "lightkube")
    assert app.hook() == ops.ActiveStatus()
    assert metadata(api, ROLE, "app")["labels"].items() >= owned_by("app", "ml").items()


def test_nothing_of_ours_is_applied_where_one_object_is_somebody_elses(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    app.template("role", ROLE_TEXT)
    apply(ROLE_PATH, role(), "helm")
    app.hook()
    assert api.get(CONFIG_MAP, "app-settings", "ml") is None


@pytest.mark.usefixtures("other")
def test_a_definition_that_another_application_has_is_shared(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    app.template("crd", CRD_TEXT)
    apply(CRD_PATH, crd(**owned_by("app", "other")), "lightkube")
    before = api.get(CRD, CRD_NAME)
    assert app.hook() == ops.ActiveStatus()
    assert api.get(CRD, CRD_NAME) == before
    assert app.look(lambda made: made.purge("CustomResourceDefinition")) == []
    assert api.get(CRD, CRD_NAME) == before


def test_a_definition_whose_application_is_gone_is_adopted(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    app.template("crd", CRD_TEXT)
    apply(CRD_PATH, crd(**owned_by("old", "gone")), "lightkube")
    uid = metadata(api, CRD, CRD_NAME)["uid"]
    assert app.hook() == ops.ActiveStatus()
    found = metadata(api, CRD, CRD_NAME)
    assert found["uid"] == uid
    assert found["labels"].items() >= owned_by("app", "ml").items()


def test_a_definition_that_was_kept_is_adopted_when_the_application_comes_back(
    app: App, api: kube.Kube
) -> None:
    app.template("crd", CRD_TEXT)
    app.hook()
    uid = metadata(api, CRD, CRD_NAME)["uid"]
    app.hook("remove", units=0)
    assert app.hook() == ops.ActiveStatus()
    assert metadata(api, CRD, CRD_NAME)["uid"] == uid
    assert app.look(lambda made: made.purge("CustomResourceDefinition")) == [CRD_NAME]


def test_an_object_in_the_model_may_be_anybodys_before(
    app: App, api: kube.Kube, apply: Apply
) -> None:
    obj = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "app-settings", "namespace": "ml"},
        "data": {"colour": "red", "theirs": "1"},
    }
    apply("/api/v1/namespaces/ml/configmaps/app-settings", obj, "kubectl")
    assert app.hook() == ops.ActiveStatus()
    found = api.get(CONFIG_MAP, "app-settings", "ml")
    assert found
    assert found["data"] == {"colour": "green", "theirs": "1"}
