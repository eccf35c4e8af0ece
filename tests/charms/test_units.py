# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""More than one unit: who serves, who writes, and what happens when the leader changes."""

from __future__ import annotations

import dataclasses

from jujusim.testing import Charm, Result, observe
from ops import pebble, testing


def three(charm: Charm) -> list[Result]:
    """Units 0, 1 and 2 in turn; 0 leads."""
    first = charm.run(charm.state(units=3), "config_changed")
    others = [
        charm.run(charm.as_unit(first.state, unit), unit=unit, cluster=first.cluster)
        for unit in (1, 2)
    ]
    return [first, *others]


def runs_services(result: Result) -> bool:
    running = pebble.ServiceStatus.ACTIVE.value
    return any(running in states.values() for states in result.seen["services"].values())


def test_all_are_active(charm: Charm):
    assert {result.status[0] for result in three(charm)} == {"active"}


def test_those_that_do_not_lead_write_nothing_shared(charm: Charm):
    first, *others = three(charm)
    for other in others:
        assert not other.writes
        assert other.seen["objects"] == first.seen["objects"]
        assert other.seen["secrets"] == first.seen["secrets"]
        for name, bag in first.seen["databags"].items():
            assert other.seen["databags"][name]["app"] == bag["app"]


def test_every_unit_serves_or_one_alone(charm: Charm):
    serving = [runs_services(result) for result in three(charm)]
    has_workload = bool(charm.directory.containers)
    alone = charm.parts.alone
    assert serving == [has_workload, has_workload and not alone, has_workload and not alone]


def test_every_unit_that_serves_serves_the_same(charm: Charm):
    """A password, a file or a command that differs between units is a password lost."""
    first, *others = three(charm)
    if not charm.parts.alone:
        for other in others:
            assert other.seen["files"] == first.seen["files"]
            assert _services(other) == _services(first)


def _services(result: Result) -> object:
    """The services of each plan; a unit may say its own name, by which one is elected."""
    services = [plan.get("services") for plan in result.seen["plans"].values()]
    return observe.replaced(services, r"\b[a-z0-9-]+-\d\b", "unit")


def test_standby_says_why_and_is_not_ready(charm: Charm):
    first, *others = three(charm)
    assert first.status == ("active", "")
    for other in others if charm.parts.alone else []:
        assert other.status[1].startswith(f"standby: {charm.name}/0 is active")
        for plan in other.seen["plans"].values():
            levels = {check["level"] for check in plan["checks"].values()}
            ports = [check["tcp"]["port"] for check in plan["checks"].values()]
            assert levels == {"ready"}
            assert ports == [1], "nothing listens there"


def test_standby_is_at_rest(charm: Charm):
    for unit, result in enumerate(three(charm)):
        again = charm.run(result.state, unit=unit, cluster=result.cluster)
        assert again.seen == result.seen
        assert again.status == result.status


def test_before_the_leader_has_done_anything(charm: Charm):
    """Nothing is raised, nothing is served that others would serve differently."""
    state = charm.as_unit(charm.state(units=3), 1)
    result = charm.run(state, "start", unit=1)
    assert result.status[0] in ("active", "waiting")
    assert not result.writes


def test_new_leader_changes_nothing(charm: Charm):
    first, second, _ = three(charm)
    state = charm.as_unit(first.state, 1, leader=True)
    # What the unit itself has said and runs stays, only the leadership moves.
    state = _with_own(state, second.state)
    after = charm.run(state, "leader_elected", unit=1, cluster=first.cluster)
    assert after.status == second.status
    assert not after.writes
    assert _whoever_leads(charm, after) == _whoever_leads(charm, second)


def _whoever_leads(charm: Charm, result: Result) -> object:
    """What is seen, without the leader's name, which stands in what is told to COS."""
    names = rf"{charm.name}/\d+|\"uuid\": \"[^\"]+\""
    return observe.replaced(result.seen, names, "leader")


def test_whoever_serves_stays_when_the_leader_goes(charm: Charm):
    """The data is where it was: leadership says nothing about that."""
    first, second, _ = three(charm)
    state = _with_own(charm.as_unit(first.state, 1, leader=True), second.state)
    elected = charm.run(state, "leader_elected", unit=1, cluster=first.cluster)
    old = charm.as_unit(elected.state, 0)
    old = _with_own(old, first.state)
    again = charm.run(old, unit=0, cluster=elected.cluster)
    assert runs_services(again) == runs_services(first)


def test_new_pod_changes_nothing(charm: Charm):
    """Nothing that matters is in the pod: no password, no key, no id."""
    first = charm.complete
    fresh = charm.as_unit(first.state, 0, leader=True)
    after = charm.run(fresh, "start", cluster=first.cluster)
    assert after.status == first.status
    assert after.seen == first.seen
    assert not [item for item in after.writes if item.changed]


def _with_own(state: testing.State, own: testing.State) -> testing.State:
    """The state with a unit's own containers, ports and databags."""
    bags = {item.id: item.local_unit_data for item in own.relations}
    relations = [
        dataclasses.replace(item, local_unit_data=bags[item.id]) for item in state.relations
    ]
    return dataclasses.replace(
        state,
        relations=relations,
        containers=own.containers,
        opened_ports=own.opened_ports,
    )
