# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Kubernetes API: what is applied, what is refused, what others have."""

from __future__ import annotations

import functools

import httpx2
import pytest
from charmkit import _manifests as manifests
from jujusim.testing import Charm, Result, faults, objects, observe

KEPT = ("CustomResourceDefinition", "Namespace", "PersistentVolumeClaim", "Profile")
READS, WRITES = ("GET",), ("PATCH", "POST", "PUT", "DELETE")
PROBLEMS = {
    "conflict": 409,
    "too-many-requests": 429,
    "internal-error": 500,
    "unavailable": 503,
    "read-timeout": httpx2.ReadTimeout("timed out"),
    "connect-timeout": httpx2.ConnectTimeout("timed out"),
    "refused": httpx2.ConnectError("connection refused"),
}


LOOKS_ONCE = ("minio",)
"""Charms that need no rights, and look once at what a published charm has left, if they may."""


def uses(charm: Charm, methods: tuple[str, ...]) -> bool:
    """Whether the charm makes such requests at all; some have no rights in the cluster."""
    result = charm.complete
    return bool(result.writes if methods == WRITES else result.requests)


@pytest.mark.parametrize("methods", [READS, WRITES], ids=["reads", "writes"])
def test_forbidden_blocks(charm: Charm, methods: tuple[str, ...]):
    result = charm.run(
        charm.state(), "config_changed", cluster=faults.refuse(charm.cluster(), 403, methods)
    )
    if uses(charm, methods) and charm.name not in LOOKS_ONCE:
        trust = f"juju trust {charm.name} --scope=cluster"
        assert result.status == ("blocked", f"Kubernetes denied a request, run: {trust}")
    else:
        assert result.status == ("active", "")


@pytest.mark.parametrize("methods", [READS, WRITES], ids=["reads", "writes"])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_unwell_waits(charm: Charm, problem: str, methods: tuple[str, ...]):
    cluster = faults.refuse(charm.cluster(), PROBLEMS[problem], methods)
    result = charm.run(charm.state(), "config_changed", cluster=cluster)
    assert result.status[0] == ("waiting" if uses(charm, methods) else "active")


@pytest.mark.parametrize("problem", [403, 409, 500])
def test_workload_runs_all_the_same(charm: Charm, problem: int):
    """But for a webhook: what the cluster does not trust yet is not served.

    Nor does what needs a token run without one.
    """
    state = charm.state()
    if charm.parts.webhook:
        state = charm.as_unit(charm.complete.state, 0, leader=True)
    cluster = faults.refuse(charm.cluster(), problem)
    result, well = (charm.run(state, "start", cluster=each) for each in (cluster, None))
    idle = {name: {} for name in charm.directory.containers}
    assert result.seen["services"] == (idle if charm.parts.token else well.seen["services"])


def test_heals(charm: Charm):
    cluster = faults.refuse(charm.cluster(), 500)
    unwell = charm.run(charm.state(), "config_changed", cluster=cluster)
    well = charm.run(unwell.state, cluster=faults.healed(unwell.cluster))
    assert well.status == ("active", "")
    first = charm.complete
    assert well.seen["objects"].keys() == first.seen["objects"].keys()


def test_error_of_the_charm_itself_surfaces(charm: Charm):
    """A request that is wrong in itself is a bug, and no status hides it."""
    cluster = charm.cluster()
    cluster.faults = lambda _: RuntimeError("planted")
    if uses(charm, READS):
        with pytest.raises(Exception, match="planted"):
            charm.run(charm.state(), "config_changed", cluster=cluster)
    else:
        assert charm.run(charm.state(), cluster=cluster).status == ("active", "")


def test_objects_are_labelled(charm: Charm):
    labels = {manifests.APP_LABEL: charm.name, manifests.MODEL_LABEL: "kubeflow"}
    for name in made(charm, charm.complete):
        obj = charm.complete.seen["objects"][name]
        assert labels.items() <= obj["metadata"]["labels"].items()


def test_stale_objects_are_pruned(charm: Charm):
    """Objects that the application has made and no longer wants."""
    first = charm.complete
    ours, cluster, stale = made(charm, first), first.cluster.copy(), set[str]()
    for table, (namespace, name), stored in first.cluster.store.everything():
        # A set's parent records what the set has; it is no member.
        is_parent = name.endswith(".applyset")
        is_ours = observe.name(stored.obj) in ours and not is_parent
        if is_ours and stored.obj["kind"] not in KEPT:
            metadata = {**stored.obj["metadata"], "name": f"{name}-of-old"}
            old = {**stored.obj, "metadata": metadata}
            cluster.store.put(table, (namespace, f"{name}-of-old"), old, stored.managers)
            stale.add(observe.name(old))
    assert stale <= objects(cluster).keys()
    again = charm.run(first.state, cluster=cluster)
    assert again.seen["objects"].keys() == first.seen["objects"].keys()


def test_others_objects_are_left_alone(charm: Charm):
    """Also those of an application of the same charm in another model."""
    there = charm.run(charm.state(model="elsewhere"), "config_changed")
    cluster = charm.cluster()
    cluster.install("", "namespaces", {"metadata": {"name": "elsewhere"}})
    for table, key, stored in there.cluster.store.everything():
        if key[0] == "elsewhere":
            cluster.store.put(table, key, stored.obj, stored.managers)
    theirs = {name: obj for name, obj in objects(cluster).items() if "/elsewhere/" in name}
    assert f"Service/elsewhere/{charm.name}" in theirs
    here = charm.run(charm.state(), "config_changed", cluster=cluster)
    assert {name: here.seen["objects"][name] for name in theirs} == theirs


def test_only_the_leader_writes(charm: Charm):
    first = charm.run(charm.state(leader=False), "config_changed")
    assert not first.writes


@functools.cache
def made(charm: Charm, result: Result) -> list[str]:
    """The objects that the charm has made, by name; not those that every namespace gets."""
    before = charm.run(charm.state(leader=False)).seen["objects"]
    new = [name for name in result.seen["objects"] if name not in before]
    return [name for name in new if not name.endswith(("/default", "/kube-root-ca.crt"))]
