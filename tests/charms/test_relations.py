# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every relation: missing, silent, malformed, twice, broken."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import pytest
from jujusim.testing import Charm, Result, Side, observe
from ops import testing


def other(side: Side) -> str:
    return f"other-{side.name}"


def relation_of(state: testing.State, side: Side) -> testing.Relation:
    found = state.get_relations(side.name)[0]
    assert isinstance(found, testing.Relation)
    return found


def replaced(state: testing.State, side: Side, **changes: Any) -> testing.State:
    old = relation_of(state, side)
    new = dataclasses.replace(old, **changes)
    return dataclasses.replace(state, relations={*state.relations} - {old} | {new})


def removed(state: testing.State, side: Side) -> testing.State:
    return dataclasses.replace(state, relations={*state.relations} - {relation_of(state, side)})


def new(charm: Charm) -> testing.State:
    """A unit that has done nothing yet, in an application that has made its secrets.

    Two runs from it can be compared: nothing is generated in them.
    """
    made, state = charm.complete.state, charm.state()
    peers = {item for item in made.relations if isinstance(item, testing.PeerRelation)}
    named = {text for item in peers for text in item.local_app_data.values()}
    secrets = {item for item in made.secrets if item.id in named}
    others = {item for item in state.relations if isinstance(item, testing.Relation)}
    return dataclasses.replace(state, relations=peers | others, secrets={*state.secrets, *secrets})


@functools.cache
def without(charm: Charm, side: Side) -> Result:
    """What is done without the relation."""
    return charm.run(removed(new(charm), side), cluster=charm.defined)


@functools.cache
def gone(charm: Charm, side: Side) -> Result:
    """What is left when the relation is no longer there."""
    return charm.run(removed(charm.complete.state, side), cluster=charm.complete.cluster)


def elsewhere(result: Result, side: Side) -> dict[str, Any]:
    """What is seen, without the relation's own databag and the ids of secrets."""
    seen = dict(result.seen)
    bags = seen["databags"].items()
    seen["databags"] = {name: bag for name, bag in bags if not name.startswith(f"{side.name}:")}
    seen["objects"] = {name: _spec(obj) for name, obj in seen["objects"].items()}
    del seen["secrets"]
    return observe.replaced(seen, r"secret:\w+", "secret:id")


def _spec(obj: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in obj.items() if name != "metadata"}


def test_every_endpoint_has_code(charm: Charm):
    """A declared endpoint that does nothing is a defect."""
    declared = [item for item in charm.directory.endpoints.values() if item.role != "peers"]
    sides = charm.parts.sides
    assert {item.name: item.interface for item in declared} == {
        name: side.interface.name for name, side in sides.items()
    }


def test_needed_in_metadata_and_in_code(charm: Charm):
    needed = set(charm.parts.sides) - set(charm.optional())
    assert needed == {side.name for side in charm.parts.sides.values() if side.required}


def test_missing_blocks(charm: Charm, required_side: Side):
    result = charm.run(charm.state(without=[required_side.name]), "config_changed")
    name, interface = required_side.name, required_side.interface.name
    message = f"relate {name} to an application that offers {interface}"
    assert result.status == ("blocked", message)


def test_missing_blocks_units_that_do_not_lead(charm: Charm, required_side: Side):
    first = charm.run(charm.state(without=[required_side.name]), "config_changed")
    state = charm.as_unit(first.state, 1)
    assert charm.run(state, unit=1, cluster=first.cluster).status == first.status


@pytest.mark.parametrize("leader", [True, False])
def test_silent(charm: Charm, side: Side, leader: bool):
    state = charm.state(bags={side.name: {}}, leader=leader)
    first = charm.run(state, "config_changed", cluster=charm.defined)
    status, message = first.status
    if leader and not side.required:
        assert status in ("active", "waiting")
    if leader and side.required:
        assert status == "waiting"
        assert side.name in message
        assert other(side) in message
    assert status in ("active", "waiting")


def test_no_unit_yet(charm: Charm, side: Side):
    """After relation-created there is an application, but no unit of it."""
    state = replaced(charm.state(), side, remote_units_data={}, remote_app_data={})
    relation = relation_of(state, side)
    result = charm.run(state, "relation_created", relation, cluster=charm.defined)
    assert result.status[0] in ("active", "waiting")


def test_malformed(charm: Charm, side: Side, what: str, bag: dict[str, str]):
    """It is named, and everything else is done as without the relation."""
    result = charm.run(replaced(new(charm), side, remote_app_data=bag), cluster=charm.defined)
    status, message = result.status
    assert status == "blocked", what
    assert f"relation {side.name}: bad data from {other(side)}: " in message
    assert elsewhere(result, side) == elsewhere(without(charm, side), side)


def test_malformed_later(charm: Charm, side: Side, what: str, bag: dict[str, str]):
    """What a required relation has brought about stays; of an optional one, only that goes."""
    before = charm.complete
    state = replaced(before.state, side, remote_app_data=bag)
    relation = relation_of(state, side)
    worse = charm.run(state, "relation_changed", relation, cluster=before.cluster, remote_unit=0)
    assert worse.status[0] == "blocked", what
    expected = before if side.required else gone(charm, side)
    assert elsewhere(worse, side) == elsewhere(expected, side)
    good = relation_of(before.state, side).remote_app_data
    healed = charm.run(replaced(worse.state, side, remote_app_data=good), cluster=worse.cluster)
    assert healed.status == before.status
    assert elsewhere(healed, side) == elsewhere(before, side)


def test_related_twice(charm: Charm, side: Side):
    """Either it takes both, or it names the two."""
    state = charm.state()
    relation = relation_of(state, side)
    second = dataclasses.replace(relation, id=99, remote_app_name="second")
    twice = dataclasses.replace(state, relations={*state.relations, second})
    status, message = charm.run(twice, "config_changed", cluster=charm.defined).status
    if status != "active":
        assert status == "blocked"
        assert side.name in message
        assert other(side) in message
        assert "second" in message


@pytest.mark.parametrize("event", ["created", "joined", "changed", "departed"])
def test_events(charm: Charm, side: Side, event: str):
    state = charm.state()
    relation = relation_of(state, side)
    details: dict[str, Any] = {} if event == "created" else {"remote_unit": 0}
    result = charm.run(state, f"relation_{event}", relation, cluster=charm.defined, **details)
    assert result.status == ("active", "")


def test_broken(charm: Charm, side: Side):
    """The same is left as without the relation."""
    before = charm.complete
    state = replaced(before.state, side, remote_units_data={})
    relation = relation_of(state, side)
    after = charm.run(state, "relation_broken", relation, cluster=before.cluster)
    expected = gone(charm, side)
    assert after.status == expected.status
    assert elsewhere(after, side) == elsewhere(expected, side)
    assert after.status[0] == ("blocked" if side.required or side.missed else "active")


def test_broken_takes_its_secret_back(charm: Charm, side: Side):
    before = charm.complete.state
    relation = relation_of(before, side)
    mine = {item.id for item in before.secrets if relation.id in item.remote_grants}
    cluster = charm.complete.cluster
    after = charm.run(before, "relation_broken", relation, cluster=cluster)
    assert not mine & {item.id for item in after.state.secrets}
