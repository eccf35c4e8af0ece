# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""500 profiles: what Metacontroller writes for them, and what it does not.

The sync servers answer with what the charms have written for them; Metacontroller is a model, and
the Kubernetes API the one in memory, which drops and defaults as the real one does.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import pytest
import yaml
from charmkit.programs import sync_server
from jujusim.testing import Charm, Result
from kubefake import Cluster
from ops import testing

from . import metacontroller

CHARMS = pathlib.Path(__file__).parents[2] / "charms"
PROFILES = Charm.at(CHARMS / "kfp-profile-controller")
DISPATCHER = Charm.at(CHARMS / "resource-dispatcher")
DATA = "/var/lib/pebble/default/manifests.json"
NAMESPACES = 500
LABELS = {"pipelines.kubeflow.org/enabled": "true", "user.kubeflow.org/enabled": "true"}

BUDGET = {"first": 9, "resync": 0, "rotation": 1, "withdrawal": 1}
"""Writes that a profile may cost: when it is new, when nothing has changed, when the object store
has a new key, when an application takes an object back."""


def cluster_with(namespaces: int) -> Cluster:
    cluster = PROFILES.cluster()
    for number in range(namespaces):
        metadata = {"name": f"user-{number}", "labels": LABELS}
        cluster.install("", "namespaces", {"metadata": metadata})
    cluster.install("", "namespaces", {"metadata": {"name": "no-profile"}})
    return cluster


def pipelines(key: str, local_gateway: dict[str, str] | None = None, **config: Any) -> Result:
    """What the profile controller of pipelines does, with what knative-serving sends, if any."""
    store = {
        "access-key": "minio",
        "namespace": "kubeflow",
        "port": 9000,
        "secret-key": key,
        "secure": False,
        "service": "minio",
    }
    bag = {"_supported_versions": "- v1\n", "data": yaml.safe_dump(store)}
    bags, without = {"object-storage": bag}, list[str]()
    if local_gateway is None:
        without = ["local-gateway"]
    else:
        bags["local-gateway"] = local_gateway
    state = PROFILES.state(config=config, bags=bags, without=without)
    return PROFILES.run(state, "config_changed")


def dispatched(*manifests: Any) -> Result:
    fresh = DISPATCHER.state(without=DISPATCHER.optional())
    listed = {"kubernetes_manifests": json.dumps(manifests)}
    relation = testing.Relation("secrets", "kubernetes_manifest", remote_app_data=listed)
    return DISPATCHER.run(dataclasses.replace(fresh, relations=[relation]), "config_changed")


def decorator(cluster: Cluster, result: Result, container: str) -> metacontroller.Decorator:
    """Metacontroller with the charm's controller, and the server with the charm's data."""
    (controller,) = [
        obj
        for name, obj in result.seen["objects"].items()
        if name.startswith("DecoratorController")
    ]
    answers = sync_server.Answers(json.loads(result.files(container)[DATA]))

    def ask(request: dict[str, Any]) -> dict[str, Any]:
        parsed = sync_server.parse_request(json.dumps(request).encode())
        return json.loads(answers.of(*parsed))

    return metacontroller.Decorator(cluster, controller, ask)


def test_500_profiles_stay_within_the_budget():
    cluster = cluster_with(NAMESPACES)
    first = decorator(cluster, pipelines("a-key"), "kfp-profile-controller")
    assert first.resync() == BUDGET["first"] * NAMESPACES
    assert first.resync() == BUDGET["resync"] * NAMESPACES
    rotated = decorator(cluster, pipelines("another-key"), "kfp-profile-controller")
    assert rotated.resync() == BUDGET["rotation"] * NAMESPACES
    assert rotated.resync() == 0
    assert {secret_key(cluster, number) for number in range(NAMESPACES)} == {"YW5vdGhlci1rZXk="}


def secret_key(cluster: Cluster, number: int) -> str:
    found = cluster.store.get(("", "secrets"), (f"user-{number}", "mlpipeline-minio-artifact"))
    assert found
    return found.obj["data"]["secretkey"]


@pytest.mark.parametrize(
    "config",
    [
        {"artifact-proxy": False},
        {"visualization-server": True},
        {"artifact-proxy-resources": "{requests: {cpu: 0.1, memory: 1024Mi}}"},
        {"artifact-proxy-resources": ""},
    ],
    ids=json.dumps,
)
def test_resync_writes_nothing_with_any_option(config: dict[str, Any]):
    cluster = cluster_with(2)
    controller = decorator(cluster, pipelines("a-key", **config), "kfp-profile-controller")
    assert controller.resync() > 0
    assert controller.resync() == 0


def test_proxy_that_is_switched_off_goes_from_every_profile():
    cluster = cluster_with(2)
    decorator(cluster, pipelines("a-key"), "kfp-profile-controller").resync()
    config: dict[str, Any] = {"artifact-proxy": False}
    off = decorator(cluster, pipelines("a-key", **config), "kfp-profile-controller")
    assert off.resync() == 3 * 2
    left = [stored.obj["kind"] for _, _, stored in cluster.store.everything()]
    assert "Deployment" not in left


def test_namespace_that_is_no_profile_gets_nothing():
    cluster = cluster_with(1)
    decorator(cluster, pipelines("a-key"), "kfp-profile-controller").resync()
    assert not cluster.store.get(("", "secrets"), ("no-profile", "mlpipeline-minio-artifact"))


SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "keys", "annotations": {}, "labels": None},
    "stringData": {"key": "text"},
}


def test_dispatched_object_comes_stays_and_is_withdrawn():
    cluster = cluster_with(3)
    there = decorator(cluster, dispatched(SECRET), "resource-dispatcher")
    assert there.resync() == 3
    assert there.resync() == 0
    gone = decorator(cluster, dispatched(), "resource-dispatcher")
    assert gone.resync() == BUDGET["withdrawal"] * 3
    assert not cluster.store.get(("", "secrets"), ("user-0", "keys"))
