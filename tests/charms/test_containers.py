# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Workload containers: not there yet, lost in the middle of a hook, unhealthy, new."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from jujusim.testing import Charm, Result, faults
from ops import pebble, testing


def with_container(state: testing.State, name: str, **changes: Any) -> testing.State:
    old = state.get_container(name)
    new = dataclasses.replace(old, **changes)
    return dataclasses.replace(state, containers={*state.containers} - {old} | {new})


def beside(result: Result, container: str) -> Any:
    """What is seen, without one container."""
    parts = ("plans", "services", "files")
    without = {
        part: {name: item for name, item in result.seen[part].items() if name != container}
        for part in parts
    }
    return {**result.seen, **without}


def test_not_there_yet(charm: Charm, container: str):
    """The charm waits for it, and does everything else."""
    complete = charm.complete
    state = with_container(complete.state, container, can_connect=False)
    result = charm.run(state, cluster=complete.cluster)
    assert result.status == ("waiting", f"waiting for container {container} to start")
    assert beside(result, container) == beside(complete, container)


def test_everything_else_is_done_first(charm: Charm, container: str):
    state = with_container(charm.state(), container, can_connect=False)
    result, complete = charm.run(state, "start"), charm.run(charm.state(), "start")
    assert result.seen["objects"].keys() == complete.seen["objects"].keys()
    assert result.seen["databags"].keys() == complete.seen["databags"].keys()
    for name, bag in complete.seen["databags"].items():
        assert result.seen["databags"][name]["app"].keys() == bag["app"].keys()


def test_starts_when_ready(charm: Charm, container: str):
    complete = charm.complete
    state = with_container(
        complete.state, container, layers={}, service_statuses={}, mounts={}, check_infos=[]
    )
    result = charm.run(
        state, "pebble_ready", state.get_container(container), cluster=complete.cluster
    )
    assert result.status == complete.status
    assert result.seen == complete.seen


def test_lost_in_the_middle(charm: Charm, container: str):
    """At whichever request it is lost: nothing is raised, and the next hook completes it."""
    complete = charm.complete
    state = with_container(
        complete.state, container, layers={}, service_statuses={}, mounts={}, check_infos=[]
    )
    with faults.pebble_counted() as count:
        charm.run(state, cluster=complete.cluster)
    assert count.made > 3
    for requests in range(count.made):
        with faults.pebble_lost_after(requests):
            result = charm.run(state, cluster=complete.cluster)
        assert result.status == complete.status or "waiting for container" in result.status[1]
        healed = charm.run(result.state, cluster=result.cluster)
        assert healed.status == complete.status
        assert healed.seen == complete.seen


def test_service_not_running_is_started(charm: Charm, container: str):
    complete = charm.complete
    names = complete.state.get_container(container).service_statuses
    stopped = dict.fromkeys(names, pebble.ServiceStatus.INACTIVE)
    state = with_container(complete.state, container, service_statuses=stopped)
    result = charm.run(state, cluster=complete.cluster)
    assert result.status == complete.status
    assert result.seen["services"] == complete.seen["services"]


@pytest.mark.parametrize("event", ["pebble_check_failed", "update_status"])
def test_failing_check_shows(charm: Charm, container: str, event: str):
    complete = charm.complete
    state, info = _failing(complete.state, container)
    about: dict[str, Any] = {}
    if event != "update_status":
        about = {"container": state.get_container(container), "info": info}
    result = charm.run(state, event, cluster=complete.cluster, **about)
    assert result.status == ("waiting", f"container {container}: check {info.name} fails")
    assert result.seen == complete.seen


def test_recovered_check_shows(charm: Charm, container: str):
    complete = charm.complete
    failing, _ = _failing(complete.state, container)
    failed = charm.run(failing, cluster=complete.cluster)
    well = complete.state.get_container(container).check_infos
    state = with_container(failed.state, container, check_infos=well)
    info = min(well, key=lambda item: item.name)
    result = charm.run(
        state,
        "pebble_check_recovered",
        container=state.get_container(container),
        info=info,
        cluster=complete.cluster,
    )
    assert result.status == complete.status


def test_every_service_has_a_check(charm: Charm, container: str):
    plan = charm.complete.seen["plans"][container]
    for service in plan["services"]:
        assert [name for name in plan["checks"] if name.startswith(service)]


def test_every_service_replaces_what_was(charm: Charm, container: str):
    """Otherwise keys of an older plan would stay in it."""
    plan = charm.complete.seen["plans"][container]
    entries = [*plan["services"].values(), *plan["checks"].values()]
    assert {item["override"] for item in entries} == {"replace"}
    assert {item["startup"] for item in plan["services"].values()} == {"enabled"}


def _failing(state: testing.State, container: str) -> tuple[testing.State, testing.CheckInfo]:
    infos = state.get_container(container).check_infos
    info = min(infos, key=lambda item: item.name)
    down = dataclasses.replace(info, status=pebble.CheckStatus.DOWN, failures=info.threshold)
    return with_container(state, container, check_infos={*infos} - {info} | {down}), down
