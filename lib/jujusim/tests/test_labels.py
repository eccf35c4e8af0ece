# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju labels what applications' accounts write, and deletes by these labels."""

from __future__ import annotations

from typing import Any

import jujusim
import kubefake
import lightkube
import pytest
from kubefake import transport
from lightkube import codecs

OWNER = """
    import lightkube, ops, pathlib
    from lightkube import codecs

    class C(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            framework.observe(self.on.config_changed, self._on)

        def _on(self, _):
            client = lightkube.Client(field_manager=self.app.name)
            text = (self.charm_dir / "objects.yaml").read_text()
            for obj in codecs.load_all_yaml(text):
                client.apply(obj, force=True)
            self.unit.status = ops.ActiveStatus()
"""
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.x.io%s}
spec:
  group: x.io
  scope: %s
  names: {kind: Thing, plural: things}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""
THING = {"apiVersion": "x.io/v1", "kind": "Thing"}
KEPT = (
    ", labels: {model.juju.is/disable-webhook: 'true', "
    "app.kubernetes.io/managed-by: charmed-kubeflow}"
)
OBJECTS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: plain, namespace: ml}
data: {key: value}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: managed, namespace: ml, labels: {app.kubernetes.io/managed-by: helm}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: opted-out, namespace: ml, labels: {model.juju.is/disable-webhook: "no"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: elsewhere, namespace: users}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: ml}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1G}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: wide, labels: {model.juju.is/name: another}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
"""


def juju_labels(model: jujusim.Model, app: str = "owner") -> dict[str, str]:
    return {
        "app.juju.is/created-by": app,
        "app.kubernetes.io/managed-by": "juju",
        "model.juju.is/id": model.uuid,
        "model.juju.is/name": "ml",
    }


@pytest.fixture
def cluster() -> kubefake.Cluster:
    cluster = kubefake.Cluster()
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "users"}})
    return cluster


@pytest.fixture
def deploy(make_model, write_charm, cluster):
    """Deploy a charm that applies some objects."""

    def deploy(text: str = OBJECTS, **options: Any) -> jujusim.Model:
        files = {
            "charmcraft.yaml": "name: owner",
            "src/charm.py": OWNER,
            "objects.yaml": text,
        }
        model = make_model("ml", cluster=cluster, **options)
        model.deploy(jujusim.CharmDir.load(write_charm("owner", files)), trust=True)
        model.settle()
        assert not model.trace.failures()
        return model

    return deploy


def client_of(cluster: kubefake.Cluster) -> lightkube.Client:
    """The client of the charm's hooks."""
    with transport.connected(cluster, "system:serviceaccount:ml:owner", "ml"):
        return lightkube.Client(field_manager="owner")


def labels(cluster: kubefake.Cluster, kind: str, name: str) -> dict[str, str]:
    return cluster.object(kind, name)["metadata"].get("labels", {})


def kinds(cluster: kubefake.Cluster) -> set[tuple[str, str]]:
    return {(obj["kind"], obj["metadata"]["name"]) for obj in cluster.objects()}


def test_what_a_charm_writes_in_its_model_is_labelled(deploy, cluster):
    model = deploy()
    assert labels(cluster, "ConfigMap", "plain") == juju_labels(model)
    assert labels(cluster, "ClusterRole", "wide") == juju_labels(model)


def test_another_manager_is_left_alone(deploy, cluster):
    model = deploy()
    expected = {**juju_labels(model), "app.kubernetes.io/managed-by": "helm"}
    assert labels(cluster, "ConfigMap", "managed") == expected


def test_what_the_webhook_does_not_see_is_not_labelled(deploy, cluster):
    deploy()
    assert labels(cluster, "ConfigMap", "opted-out") == {"model.juju.is/disable-webhook": "no"}
    assert labels(cluster, "ConfigMap", "elsewhere") == {}
    assert labels(cluster, "PersistentVolumeClaim", "data") == {}
    assert labels(cluster, "ValidatingWebhookConfiguration", "guard") == {}


def test_nobody_owns_the_labels_so_that_an_apply_leaves_them(deploy, cluster):
    model = deploy()
    fields = cluster.object("ConfigMap", "plain")["metadata"].get("managedFields", [])
    assert not [entry for entry in fields if "f:labels" in str(entry)]
    before = cluster.object("ConfigMap", "plain")
    model.configure("owner", {})
    model.churn("owner/0")
    model.settle()
    assert cluster.object("ConfigMap", "plain") == before


def test_a_workload_with_the_applications_account_is_labelled_too(deploy, cluster):
    model = deploy()
    made = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token", "namespace": "ml"}}
    cluster.create(made, "system:serviceaccount:ml:owner")
    assert labels(cluster, "Secret", "token") == juju_labels(model)


def test_an_account_of_nobodys_application_is_not_labelled(deploy, cluster):
    deploy("")
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "stranger"}}
    account["metadata"]["namespace"] = "ml"
    cluster.create(account)
    made = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token", "namespace": "ml"}}
    cluster.create(made, "system:serviceaccount:ml:stranger")
    assert labels(cluster, "Secret", "token") == {}


def test_an_update_labels_what_somebody_else_has_made(deploy, cluster):
    model = deploy("")
    metadata = {"name": "plain", "namespace": "ml"}
    config = codecs.from_dict({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    with transport.connected(cluster, "admin", "ml"):
        lightkube.Client(field_manager="owner").apply(config)
    assert labels(cluster, "ConfigMap", "plain") == {}
    client_of(cluster).apply(config)
    assert labels(cluster, "ConfigMap", "plain") == juju_labels(model)


def test_removal_deletes_by_labels(deploy, cluster):
    model = deploy()
    model.remove_application("owner")
    model.settle()
    left = kinds(cluster)
    gone = {("ConfigMap", "plain"), ("ClusterRole", "wide")}
    assert not left & gone
    assert left >= {
        ("ConfigMap", "managed"),
        ("ConfigMap", "opted-out"),
        ("ConfigMap", "elsewhere"),
        ("PersistentVolumeClaim", "data"),
        ("ValidatingWebhookConfiguration", "guard"),
    }


def test_other_applications_and_models_are_left_alone(deploy, cluster, make_model, charm):
    model = deploy()
    other = make_model("other", cluster=cluster)
    other.deploy(charm("server"), trust=True)
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "of-server"}}
    made["metadata"]["namespace"] = "other"
    cluster.create(made, "system:serviceaccount:other:server")
    assert labels(cluster, "ConfigMap", "of-server")["model.juju.is/id"] == other.uuid
    model.remove_application("owner")
    model.settle()
    assert ("ConfigMap", "of-server") in kinds(cluster)


@pytest.mark.parametrize("scope", ["Cluster", "Namespaced"])
def test_a_labelled_definition_goes_with_all_objects_and_what_they_own(deploy, cluster, scope):
    model = deploy(DEFINITION % ("", scope))
    where = {"namespace": "users"} if scope == "Namespaced" else {}
    thing = cluster.create({**THING, "metadata": {"name": "mine", **where}})
    owner = {**THING, "name": "mine", "uid": thing["metadata"]["uid"]}
    owned = {"name": "owned", "namespace": "users", "ownerReferences": [owner]}
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": owned})
    model.remove_application("owner")
    model.settle()
    assert not {name for _, name in kinds(cluster)} & {"things.x.io", "mine", "owned"}


@pytest.mark.parametrize("destroy", [False, True])
def test_a_definition_that_has_opted_out_outlives_its_application(deploy, cluster, destroy):
    model = deploy(DEFINITION % (KEPT, "Cluster"))
    cluster.create({**THING, "metadata": {"name": "mine"}})
    model.destroy() if destroy else model.remove_application("owner")
    model.settle()
    assert {name for _, name in kinds(cluster)} >= {"things.x.io", "mine"}


def test_opting_out_later_is_not_enough_while_juju_manages_it(deploy, cluster):
    """Nobody owns the labels that Juju has put there, so no apply takes them away."""
    model = deploy(DEFINITION % ("", "Cluster"))
    only = ", labels: {model.juju.is/disable-webhook: 'true'}"
    client_of(cluster).apply(
        next(iter(codecs.load_all_yaml(DEFINITION % (only, "Cluster")))), force=True
    )
    model.remove_application("owner")
    model.settle()
    assert ("CustomResourceDefinition", "things.x.io") not in kinds(cluster)


def test_opting_out_later_with_another_manager_keeps_it(deploy, cluster):
    model = deploy(DEFINITION % ("", "Cluster"))
    client_of(cluster).apply(
        next(iter(codecs.load_all_yaml(DEFINITION % (KEPT, "Cluster")))), force=True
    )
    model.remove_application("owner")
    model.settle()
    assert ("CustomResourceDefinition", "things.x.io") in kinds(cluster)


@pytest.mark.parametrize("seed", range(4))
def test_juju_deletes_some_time_after_the_last_hook(deploy, cluster, charm, seed):
    model = deploy(DEFINITION % ("", "Cluster"), seed=seed)
    model.deploy(charm("pingpong"), "busy")
    model.remove_application("owner")
    while "remove" not in model.trace.events("owner/0"):
        model.step()
    assert model.app("owner").dying
    model.settle()
    assert "owner" not in model.apps
    assert ("CustomResourceDefinition", "things.x.io") not in kinds(cluster)


# The whole model.


WIDE = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: %s%s}
---
"""


def test_a_destroyed_model_takes_its_namespace(deploy, cluster):
    model = deploy()
    model.destroy()
    model.settle()
    assert not model.apps
    assert not cluster.objects(namespace="ml")
    assert ("Namespace", "ml") not in kinds(cluster)
    assert ("ConfigMap", "elsewhere") in kinds(cluster)


def test_no_remove_hook_runs_in_units_whose_pods_are_taken_first(make_model, charm, cluster):
    model = make_model("ml", cluster=cluster)
    model.deploy(charm("server"), units=3)
    model.settle()
    since = len(model.trace)
    model.destroy(graceful=["server/1"])
    model.settle()
    removed = {unit for unit in ("server/0", "server/1", "server/2")
               if "remove" in model.trace.events(unit, since=since)}  # fmt: skip
    assert removed == {"server/1"}
    assert not model.apps


def test_few_units_run_their_last_hooks(make_model, charm):
    removed = 0
    for seed in range(10):
        model = make_model(seed=seed)
        model.deploy(charm("server"), units=6)
        model.settle()
        model.destroy()
        model.settle()
        removed += model.trace.events().count("remove")
    assert 0 < removed < 20


def test_kubernetes_collects_what_the_namespace_owns(deploy, cluster):
    model = deploy(WIDE % ("unowned", ""))
    uid = cluster.object("Namespace", "ml")["metadata"]["uid"]
    owner = f"{{apiVersion: v1, kind: Namespace, name: ml, uid: {uid}}}"
    for obj in codecs.load_all_yaml(WIDE % ("owned", f", ownerReferences: [{owner}]")):
        client_of(cluster).apply(obj)
    model.destroy(graceful=[])
    model.settle()
    left = kinds(cluster)
    assert ("ValidatingWebhookConfiguration", "owned") not in left
    assert ("ValidatingWebhookConfiguration", "unowned") in left


def test_a_model_without_applications_is_destroyed_at_once(make_model, cluster):
    model = make_model("ml", cluster=cluster)
    model.destroy()
    assert ("Namespace", "ml") not in kinds(cluster)
