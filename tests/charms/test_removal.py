# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The end of a unit, and of the application."""

from __future__ import annotations

import dataclasses
from typing import Any

from charmkit import _manifests as manifests
from jujusim.testing import Charm, Result, faults
from kubefake import Cluster

USERS_DATA = ("CustomResourceDefinition", "Namespace", "PersistentVolumeClaim", "Profile")
WEBHOOKS = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")


def remove(charm: Charm, left: int, cluster: Cluster | None = None, **changes: Any) -> Result:
    """One unit goes, and so many are left."""
    state = dataclasses.replace(charm.complete.state, planned_units=left, **changes)
    return charm.run(state, "remove", cluster=cluster or charm.complete.cluster)


def own(charm: Charm, result: Result) -> dict[str, Any]:
    """The objects that are labelled as the application's."""
    labels = {manifests.APP_LABEL: charm.name, manifests.MODEL_LABEL: "kubeflow"}.items()
    objects = result.seen["objects"].items()
    return {
        name: obj for name, obj in objects if labels <= obj["metadata"].get("labels", {}).items()
    }


def test_one_unit_takes_nothing_along(charm: Charm):
    after = remove(charm, left=2)
    assert not after.requests
    assert after.seen == charm.complete.seen


def test_the_application_takes_all_but_users_data(charm: Charm):
    before, after = charm.complete, remove(charm, left=0)
    kept = {name for name, obj in own(charm, before).items() if obj["kind"] in USERS_DATA}
    assert own(charm, after).keys() == kept


def aggregated(result: Result) -> set[str]:
    """Return the ClusterRoles that Kubernetes makes of others."""
    objects = result.seen["objects"]
    return {name for name in objects if "aggregationRule" in objects[name]}


def test_the_application_takes_nothing_of_others(charm: Charm):
    before, after = charm.complete, remove(charm, left=0)
    others = before.seen["objects"].keys() - own(charm, before).keys() - aggregated(before)
    assert {name: after.seen["objects"][name] for name in others} == {
        name: before.seen["objects"][name] for name in others
    }


def test_whoever_is_last_removes(charm: Charm):
    leads, follows = remove(charm, left=0), remove(charm, left=0, leader=False)
    assert follows.seen["objects"].keys() == leads.seen["objects"].keys()


def test_everything_gone_already(charm: Charm):
    after = remove(charm, left=0, cluster=Cluster())
    assert not after.writes


def test_removed_twice(charm: Charm):
    once = remove(charm, left=0)
    twice = remove(charm, left=0, cluster=once.cluster)
    assert not twice.writes
    assert twice.seen["objects"] == once.seen["objects"]


def test_webhooks_go_first(charm: Charm):
    """A webhook whose server is gone stands in the way of everything else."""
    deleted = [item.resource for item in remove(charm, left=0).requests if item.verb == "delete"]
    others = [index for index, name in enumerate(deleted) if name not in WEBHOOKS]
    webhooks = [index for index, name in enumerate(deleted) if name in WEBHOOKS]
    assert not others or not webhooks or max(webhooks) < min(others)


def test_missing_permission_does_not_keep_it(charm: Charm):
    cluster = faults.refuse(charm.complete.cluster, 403)
    after = remove(charm, left=0, cluster=cluster)
    assert own(charm, after).keys() == own(charm, charm.complete).keys()


def test_bad_config_does_not_keep_it(charm: Charm):
    options = charm.directory.options
    config = {name: 1 for name, option in options.items() if option["type"] == "int"}
    after = remove(charm, left=0, config=config)
    assert own(charm, after).keys() == own(charm, remove(charm, left=0)).keys()
