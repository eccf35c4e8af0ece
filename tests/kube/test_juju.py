# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's own part in the cluster, as the simulator plays it on both servers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import jujusim
import pytest
from jujusim import real

if TYPE_CHECKING:
    import pathlib

    from .conftest import Server

CHARM = """
import lightkube, ops
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
ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
MAPS = "/api/v1/namespaces/{me}-model/configmaps"
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: work, namespace: ME-model}
spec:
  selector: {matchLabels: {app: work}}
  template:
    metadata: {labels: {app: work}}
    spec:
      serviceAccountName: owner
      containers:
      - {name: work, image: example.com/work, envFrom: [{secretRef: {name: settings}}]}
---
"""
OBJECTS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: plain, namespace: ME-model}
data: {key: value}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ME-plain}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ME-kept, labels: {model.juju.is/disable-webhook: "true"}}
rules: []
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: ME-owned
  ownerReferences: [{apiVersion: v1, kind: Namespace, name: ME-model, uid: UID}]
---
"""


@pytest.fixture
def model(server: Server, tmp_path: pathlib.Path) -> Iterator[jujusim.Model]:
    cloud = real.Server(server.backend.http, f"{server.me}-model", consent=True, own=True)
    if not server.real:
        # Nobody makes pods there.
        cloud.kubelet.timeout = 0
    model = jujusim.Model(cloud.namespace, cluster=cloud)
    server.cleanup("/api/v1/namespaces/{me}-model")
    for path in (f"{ROLES}/{{me}}-plain", f"{ROLES}/{{me}}-kept", f"{HOOKS}/{{me}}-owned"):
        server.cleanup(path)
    uid = server.get("/api/v1/namespaces/{me}-model").ok()["metadata"]["uid"]
    root = tmp_path / "owner"
    (root / "src").mkdir(parents=True)
    (root / "charmcraft.yaml").write_text("name: owner")
    (root / "src/charm.py").write_text(CHARM)
    text = OBJECTS + (DEPLOYMENT if server.real else "")
    (root / "objects.yaml").write_text(text.replace("ME", server.me).replace("UID", uid))
    with contextlib.closing(model):
        model.deploy(jujusim.CharmDir.load(root), trust=True)
        model.settle()
        assert not model.trace.failures()
        yield model


def labels(server: Server, path: str) -> dict[str, str]:
    return server.get(path).ok()["metadata"].get("labels", {})


def test_labels_follow_what_an_application_writes(server: Server, model: jujusim.Model) -> None:
    expected = {
        "app.juju.is/created-by": "owner",
        "app.kubernetes.io/managed-by": "juju",
        "model.juju.is/id": model.uuid,
        "model.juju.is/name": f"{server.me}-model",
    }
    assert labels(server, f"{MAPS}/plain") == expected
    assert labels(server, f"{ROLES}/{{me}}-plain") == expected
    assert labels(server, f"{ROLES}/{{me}}-kept") == {"model.juju.is/disable-webhook": "true"}


def test_no_field_manager_owns_the_labels(server: Server, model: jujusim.Model) -> None:
    before = server.get(f"{MAPS}/plain").ok()
    managers = {entry["manager"] for entry in before["metadata"]["managedFields"]}
    assert managers == {"owner"}
    model.churn("owner/0")
    model.settle()
    assert server.get(f"{MAPS}/plain").ok() == before


def test_removal_deletes_what_is_labelled(server: Server, model: jujusim.Model) -> None:
    model.remove_application("owner")
    model.settle()
    server.eventually(lambda: server.gone(f"{ROLES}/{{me}}-plain"))
    server.eventually(lambda: server.gone(f"{MAPS}/plain"))
    assert not server.gone(f"{ROLES}/{{me}}-kept")
    assert not server.gone(f"{HOOKS}/{{me}}-owned")


def test_a_destroyed_model_takes_what_its_namespace_owns(
    server: Server, model: jujusim.Model
) -> None:
    model.destroy(graceful=())
    model.settle()
    server.eventually(lambda: server.gone("/api/v1/namespaces/{me}-model"))
    server.eventually(lambda: server.gone(f"{HOOKS}/{{me}}-owned"))
    assert not server.gone(f"{ROLES}/{{me}}-kept")


WORK = "/apis/apps/v1/namespaces/{me}-model/deployments/work"


def available(server: Server) -> bool:
    status = server.get(WORK).ok()["status"]
    found = {each["type"]: each["status"] for each in status["conditions"]}
    return found["Available"] == "True"


def waiting(server: Server) -> tuple[str, str]:
    pods = server.get("/api/v1/namespaces/{me}-model/pods", labelSelector="app=work").ok()
    (status,) = [pod["status"] for pod in pods["items"]]
    (container,) = status["containerStatuses"]
    state = container["state"].get("waiting", {})
    return state.get("reason", ""), state.get("message", "")


@pytest.mark.only_real("its controllers make the pods")
def test_pods_of_a_deployment_fail_and_recover(server: Server, model: jujusim.Model) -> None:
    assert not available(server)
    assert waiting(server) == ("CreateContainerConfigError", 'secret "settings" not found')
    server.create("/api/v1/namespaces/{me}-model/secrets", {"metadata": {"name": "settings"}}).ok()
    model.heal_pods("work")
    assert waiting(server) == ("", "")
    server.eventually(lambda: available(server))
    model.fail_pods("work", "CrashLoopBackOff")
    assert waiting(server)[0] == "CrashLoopBackOff"
    server.eventually(lambda: not available(server))
