# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm that lacks nothing: active, and at rest."""

from __future__ import annotations

import collections
from typing import Any

import pytest
from jujusim.testing import Charm, Result, faults

EVENTS = ("update_status", "config_changed", "leader_elected", "upgrade_charm", "start")


def settled(charm: Charm, **details: Any) -> Result:
    return charm.run(charm.state(**details), "config_changed") if details else charm.complete


def test_active_with_every_relation(charm: Charm):
    assert settled(charm).status == ("active", "")


def test_active_with_no_optional_relation(charm: Charm):
    """One of several that take each other's place is not optional."""
    without = [name for name in charm.optional() if not charm.parts.sides[name].missed]
    assert settled(charm, without=without).status == ("active", "")


def test_active_with_published_neighbours(charm: Charm):
    assert settled(charm, versions=("v1",)).status == ("active", "")


def test_first_event_is_enough(charm: Charm):
    on_start = charm.run(charm.state(), "start")
    assert on_start.status == ("active", "")
    assert on_start.seen["objects"].keys() == settled(charm).seen["objects"].keys()


@pytest.mark.parametrize("event", EVENTS)
def test_at_rest(charm: Charm, event: str):
    first = settled(charm)
    again = charm.run(first.state, event, cluster=first.cluster)
    assert again.status == first.status
    assert again.seen == first.seen
    assert not again.writes


def test_at_rest_with_published_neighbours(charm: Charm):
    first = settled(charm, versions=("v1",))
    again = charm.run(first.state, cluster=first.cluster)
    assert again.seen == first.seen
    assert not again.writes


@pytest.mark.parametrize("leader", [True, False])
def test_asks_nothing_of_pebble(charm: Charm, leader: bool):
    """What is there already is not written again, nor is anything restarted."""
    first = settled(charm)
    unit, state = (0, first.state) if leader else (1, charm.as_unit(first.state, 1))
    state = charm.run(state, unit=unit, cluster=first.cluster).state
    with faults.pebble_counted() as count:
        charm.run(state, unit=unit, cluster=first.cluster)
    assert count.changes == []
    assert bool(count.made) == bool(charm.directory.containers)


def test_reads_each_kind_once(charm: Charm):
    first = settled(charm)
    again = charm.run(first.state, cluster=first.cluster)
    reads = collections.Counter((item.verb, item.group, item.resource) for item in again.requests)
    # Those with the charm's own labels, and those that Juju has labelled: the metadata alone.
    twice = {("list", "apiextensions.k8s.io", "customresourcedefinitions")}
    assert {question for question, times in reads.items() if times > 1} <= twice
    assert max(reads.values(), default=0) <= 2


def test_logs_nothing(charm: Charm):
    first = settled(charm)
    again = charm.run(first.state, cluster=first.cluster)
    assert [line for line in first.log if line[0] in ("DEBUG", "TRACE")] == []
    assert again.log == []


@pytest.mark.parametrize("leader", [True, False])
def test_asks_juju_each_question_once(charm: Charm, leader: bool):
    first = settled(charm)
    state = first.state if leader else charm.as_unit(first.state, 1)
    with faults.questions_recorded() as asked:
        charm.run(state, cluster=first.cluster, unit=0 if leader else 1)
    times = collections.Counter(asked)
    assert not {question: count for question, count in times.items() if count > 1}


def test_drift_is_repaired(charm: Charm):
    """Whatever the application has made is made again when somebody deletes it."""
    first = settled(charm)
    bare = charm.run(first.state)
    made = {name for name in first.seen["objects"] if "Service/" not in name}
    assert made <= bare.seen["objects"].keys()
