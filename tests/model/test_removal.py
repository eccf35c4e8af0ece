# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Removing applications takes what they own, and nothing that belongs to users."""

from __future__ import annotations

import random

import jujusim
import lightkube
import pytest
from charmkit import _manifests as manifests
from kubefake import transport
from lightkube import codecs, generic_resource

from . import deployment

USERS_OBJECTS = """
apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: alice}
spec: {owner: {kind: User, name: alice@example.com}}
---
apiVersion: v1
kind: Namespace
metadata:
  name: alice
  labels: {app.kubernetes.io/part-of: kubeflow-profile}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: work, namespace: alice}
data: {notes: mine}
"""
KEPT = ("CustomResourceDefinition/", "PersistentVolumeClaim/", "Profile/", "Namespace/")


PROFILES = (
    *deployment.LOGIN,
    *("admission-webhook", "jupyter-ui", "kubeflow-dashboard", "kubeflow-profiles"),
    "pvcviewer-operator",
)


@pytest.fixture
def model() -> jujusim.Model:
    """Profiles and what has to do with them, and what a user has made."""
    model = deployment.deploy(only=PROFILES, seed=2)
    deployment.assert_well(model)
    with transport.connected(deployment.cluster(model)):
        generic_resource.create_global_resource("kubeflow.org", "v1", "Profile", "profiles")
        client = lightkube.Client(field_manager="alice")
        for obj in codecs.load_all_yaml(USERS_OBJECTS):
            client.create(obj)
    model.update_status()
    model.settle()
    return model


def labelled(model: jujusim.Model) -> list[str]:
    """What charms have made and what is still there."""
    found = deployment.objects(model).items()
    return [
        name for name, obj in found if manifests.APP_LABEL in obj["metadata"].get("labels", {})
    ]


@pytest.mark.seeds(2)
def test_removing_everything_in_random_order(seed: int):
    model = deployment.deploy(seed=seed)
    apps = list(model.apps)
    random.Random(seed).shuffle(apps)  # noqa: S311
    for app in apps:
        model.remove_application(app)
    model.settle()
    failed = [record for record in model.trace if record.failed]
    assert not failed, failed[0].traceback
    assert not model.apps
    left = [name for name in labelled(model) if not name.startswith(KEPT)]
    assert not left


def test_what_belongs_to_users_stays(model: jujusim.Model):
    before = deployment.objects(model)
    for app in list(model.apps):
        model.remove_application(app)
    model.settle()
    after = deployment.objects(model)
    for name in ("Profile//alice", "Namespace//alice", "ConfigMap/alice/work"):
        assert after[name]["metadata"]["uid"] == before[name]["metadata"]["uid"]
    assert "CustomResourceDefinition//profiles.kubeflow.org" in after
    assert not [name for name in after if "WebhookConfiguration/" in name]


def test_users_namespaces_follow_the_security_policy(model: jujusim.Model):
    model.configure("kubeflow-profiles", {"security-policy": "restricted"})
    model.settle()
    labels = deployment.objects(model)["Namespace//alice"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_purging_asks_for_the_models_name(model: jujusim.Model):
    refused = model.run_action("kubeflow-profiles/0", "purge", {"confirm": "yes"})
    assert refused.status == "failed"
    assert "Profile//alice" in deployment.objects(model)
    done = model.run_action("kubeflow-profiles/0", "purge", {"confirm": "kubeflow"})
    assert done.results == {"deleted": "profiles.kubeflow.org"}
    assert "Profile//alice" not in deployment.objects(model)


def test_an_application_that_comes_back_is_as_before(model: jujusim.Model):
    before = deployment.end_state(model)
    charm, config = model.app("kubeflow-dashboard").charm, model.app("kubeflow-dashboard").config
    relations = [
        ends
        for ends in deployment.relations("kubeflow-dashboard")
        if {end.partition(":")[0] for end in ends} <= {*PROFILES}
    ]
    model.remove_application("kubeflow-dashboard")
    model.settle()
    model.deploy(charm, "kubeflow-dashboard", config=config, trust=True)
    for ends in relations:
        model.integrate(*ends)
    model.settle()
    deployment.assert_well(model)
    after = deployment.difference(deployment.end_state(model), before)
    assert not [name for name in after if name.startswith("objects")]
