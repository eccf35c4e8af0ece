# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the units agree on, and which of them serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import charmkit
import ops
import pytest
from charmkit import _peers
from ops import testing

META = {"peers": {"peers": {"interface": "charmkit_peers"}}}


@pytest.fixture
def unit(context: Any) -> Callable[..., testing.Context[Any]]:
    """Make the context of one unit of a charm that has an active unit."""

    def make(number: int, when: Callable[[], bool] = lambda: True) -> testing.Context[Any]:
        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            relation = charmkit.Peers(charm)
            return [relation, charmkit.ActiveUnit(charm, relation, when=when)]

        return context(components, meta=META, unit_id=number)

    return make


def state(holder: str = "", *, leader: bool = False, units: int = 3) -> testing.State:
    """The state of any unit, with the unit that is recorded."""
    data = {"holder": holder} if holder else {}
    relation = testing.PeerRelation("peers", local_app_data=data)
    return testing.State(leader=leader, relations=[relation], planned_units=units)


def recorded(after: testing.State) -> str | None:
    (relation,) = after.relations
    return relation.local_app_data.get(_peers.ACTIVE_UNIT_KEY)


def run(ctx: testing.Context[Any], before: testing.State) -> testing.State:
    return ctx.run(ctx.on.update_status(), before)


def test_a_unit_waits_until_juju_has_set_up_the_relation(unit: Any) -> None:
    after = run(unit(0), testing.State(leader=True))
    message = "waiting for Juju to set up the relation peers"
    assert after.unit_status == ops.WaitingStatus(message)


@pytest.mark.parametrize(
    "event", ["relation_created", "relation_joined", "relation_changed", "relation_departed"]
)
def test_what_happens_between_the_units_runs_the_charm(unit: Any, event: str) -> None:
    ctx = unit(0)
    relation = testing.PeerRelation("peers", peers_data={1: {}})
    before = testing.State(leader=True, relations=[relation])
    after = ctx.run(getattr(ctx.on, event)(relation), before)
    assert recorded(after) == "app/0"


@pytest.mark.parametrize("leader", [0, 1, 2])
def test_unit_0_is_the_first_that_is_active(unit: Any, leader: int) -> None:
    after = run(unit(leader), state(leader=True))
    assert recorded(after) == "app/0"


def test_another_unit_does_not_choose(unit: Any) -> None:
    after = run(unit(0), state())
    assert recorded(after) is None
    message = "waiting for the leader to choose the active unit"
    assert after.unit_status == ops.WaitingStatus(message)


@pytest.mark.parametrize("leader", [0, 1, 2])
@pytest.mark.parametrize("holder", [0, 1, 2])
def test_a_new_leader_leaves_it_where_it_is(unit: Any, leader: int, holder: int) -> None:
    """Also one that has not met the other units yet."""
    after = run(unit(leader), state(f"app/{holder}", leader=True))
    assert recorded(after) == f"app/{holder}"


def test_it_is_chosen_again_when_its_unit_is_gone(unit: Any) -> None:
    assert recorded(run(unit(0), state("app/2", leader=True, units=2))) == "app/0"
    assert recorded(run(unit(0), state("app/2", leader=True, units=3))) == "app/2"


@pytest.mark.parametrize("units", [0, 1])
def test_unit_0_is_never_gone(unit: Any, units: int) -> None:
    assert recorded(run(unit(0), state("app/0", leader=True, units=units))) == "app/0"


def test_only_one_unit_serves_and_the_others_say_which(unit: Any) -> None:
    statuses = [run(unit(number), state("app/1")).unit_status for number in range(3)]
    standby = ops.ActiveStatus("standby: app/1 is active")
    assert statuses == [standby, ops.ActiveStatus(), standby]


@pytest.mark.parametrize("number", [0, 1])
def test_where_it_does_not_apply_every_unit_serves(unit: Any, number: int) -> None:
    ctx = unit(number, when=lambda: False)
    assert run(ctx, state()).unit_status == ops.ActiveStatus()
    with ctx(ctx.on.update_status(), state()) as manager:
        assert manager.charm.made[1].is_this_unit()


def test_a_unit_knows_whether_it_serves(unit: Any) -> None:
    for number, here in ((0, False), (1, True)):
        ctx = unit(number)
        with ctx(ctx.on.update_status(), state("app/1")) as manager:
            assert manager.charm.made[1].is_this_unit() is here


@pytest.mark.parametrize(
    ("number", "units", "leaving"), [(0, 1, False), (1, 1, True), (2, 3, False), (0, 0, True)]
)
def test_a_unit_that_is_being_removed_has_one_of_the_highest_numbers(
    unit: Any, number: int, units: int, leaving: bool
) -> None:
    ctx = unit(number)
    with ctx(ctx.on.update_status(), state(units=units)) as manager:
        assert _peers.is_leaving(manager.charm) is leaving


def test_every_unit_reads_what_the_leader_has_written(unit: Any) -> None:
    for leader in (True, False):
        ctx = unit(1)
        with ctx(ctx.on.update_status(), state("app/1", leader=leader)) as manager:
            assert dict(manager.charm.made[0].data) == {"holder": "app/1"}


def test_a_charm_that_was_packed_without_its_peer_relation_waits(context: Any) -> None:
    def components(charm: ops.CharmBase) -> list[charmkit.Component]:
        relation = charmkit.Peers(charm)
        return [relation, charmkit.ActiveUnit(charm, relation)]

    message = "waiting for Juju to set up the relation peers"
    after = run(context(components), testing.State(leader=True))
    assert after.unit_status == ops.WaitingStatus(message)
