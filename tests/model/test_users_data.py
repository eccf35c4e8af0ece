# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What users have made outlives applications and the model, whatever Juju deletes."""

from __future__ import annotations

from typing import Any

import jujusim
import kubefake
import lightkube
import pytest
from jujusim import admission
from kubefake import transport
from lightkube import codecs, generic_resource

from . import deployment

PROFILE = """
apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: alice, finalizers: [profile-finalizer]}
spec: {owner: {kind: User, name: alice@example.com}}
"""
OF_ALICE = """
apiVersion: v1
kind: Namespace
metadata:
  name: alice
  labels: {app.kubernetes.io/part-of: kubeflow-profile}
  ownerReferences:
  - {apiVersion: kubeflow.org/v1, kind: Profile, name: alice, uid: %s}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: work, namespace: alice}
data: {notes: mine}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: workspace, namespace: alice}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
USERS = (
    "Profile//alice",
    "Namespace//alice",
    "ConfigMap/alice/work",
    "PersistentVolumeClaim/alice/workspace",
)
OF_KNATIVE = ("Namespace//knative-serving", "Namespace//knative-eventing")
"""What Knative's operator installed is in there, and waits for the operator to be taken away."""
CLUSTER_WIDE = ("ClusterRole/", "ClusterRoleBinding/", "APIService/", "PriorityClass/")


@pytest.fixture
def before() -> kubefake.Cluster:
    """The cluster before anything is deployed."""
    return kubefake.Cluster()


@pytest.fixture
def model() -> jujusim.Model:
    model = deployment.deploy(seed=3)
    deployment.assert_well(model)
    with transport.connected(deployment.cluster(model)):
        generic_resource.create_global_resource("kubeflow.org", "v1", "Profile", "profiles")
        client = lightkube.Client(field_manager="alice")
        (profile,) = codecs.load_all_yaml(PROFILE)
        made: Any = client.create(profile)
        for obj in codecs.load_all_yaml(OF_ALICE % made.metadata.uid):
            client.create(obj)
    model.update_status()
    model.settle()
    return model


def kept(model: jujusim.Model) -> dict[str, str]:
    """The uids of the users' objects, of all definitions and of every other namespace's claims."""
    found = deployment.objects(model).items()
    return {
        name: obj["metadata"]["uid"]
        for name, obj in found
        if name in USERS or name.startswith("CustomResourceDefinition/")
    }


def is_going(model: jujusim.Model) -> list[str]:
    """What of the users' is marked for deletion, and waits for a finalizer."""
    found = deployment.objects(model)
    return [name for name in kept(model) if "deletionTimestamp" in found[name]["metadata"]]


def assert_kept(model: jujusim.Model, expected: dict[str, str]) -> None:
    assert set(expected) >= set(USERS)
    assert kept(model) == expected
    assert not is_going(model)


def test_removing_one_application_after_the_other_keeps_what_is_the_users(model: jujusim.Model):
    expected = kept(model)
    for app in list(model.apps):
        model.remove_application(app)
        model.settle()
        assert_kept(model, expected)


@pytest.mark.parametrize("graceful", [None, ()], ids=["some remove hooks", "no remove hook"])
def test_destroying_the_model_keeps_what_is_the_users_and_nothing_else(
    model: jujusim.Model, before: kubefake.Cluster, graceful: Any
):
    expected = kept(model)
    model.destroy(graceful=graceful)
    model.settle()
    assert not model.apps
    assert any(record.event == "remove" for record in model.trace) == (graceful is None)
    assert_kept(model, expected)
    bare = {f"{obj['kind']}//{obj['metadata']['name']}" for obj in before.objects()}
    found = deployment.objects(model)
    left = [name for name in found if "//" in name and name not in bare and name not in USERS]
    left = [name for name in left if not name.startswith("CustomResourceDefinition/")]
    assert set(left) <= set(OF_KNATIVE)
    assert "Namespace//kubeflow" not in found


def assert_without_jujus_labels(model: jujusim.Model) -> None:
    found = deployment.objects(model)
    for name in kept(model):
        labels = found[name]["metadata"].get("labels", {})
        assert admission.CREATED_BY not in labels, name
        assert labels.get(admission.MANAGED_BY) != "juju", name


def test_a_refresh_takes_jujus_labels_from_what_an_earlier_revision_made(model: jujusim.Model):
    """Objects of published charms, and of ours before, were labelled when they were written."""
    assert_without_jujus_labels(model)
    cluster = deployment.cluster(model)
    webhook = admission.Webhook(model.name, model.uuid)
    names = [name for name in kept(model) if name.startswith("CustomResourceDefinition/")]
    for name in names:
        _label(cluster, name.rpartition("/")[2], webhook.labels(_owner(model, name)))
    for app in model.apps.values():
        model.refresh(app.name, app.charm)
    model.settle()
    assert_without_jujus_labels(model)


def _owner(model: jujusim.Model, name: str) -> str:
    labels = deployment.objects(model)[name]["metadata"]["labels"]
    app = labels[deployment.manifests.APP_LABEL]
    assert app in model.apps
    return str(app)


def _label(cluster: kubefake.Cluster, name: str, labels: dict[str, str]) -> None:
    """Put Juju's labels on a definition as the webhook did; the way out was not there."""
    table, key = ("apiextensions.k8s.io", "customresourcedefinitions"), ("", name)
    stored = cluster.store.get(table, key)
    assert stored is not None
    metadata = stored.obj["metadata"]
    before = {k: v for k, v in metadata["labels"].items() if k != admission.DISABLED}
    new = {**stored.obj, "metadata": {**metadata, "labels": {**before, **labels}}}
    cluster.store.put(table, key, new, stored.managers)
