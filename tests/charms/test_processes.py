# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hooks as processes: what a unit really runs, and how often it asks Juju the same thing."""

from __future__ import annotations

import collections
import pathlib

import pytest
from jujusim.testing import Charm, process


@pytest.mark.parametrize("hook", ["config-changed", "update-status"])
def test_nothing_has_changed(charm: Charm, hook: str, tmp_path: pathlib.Path):
    settled, cluster = charm.complete.state, charm.complete.cluster.copy()
    cluster.journal.clear()
    result = process.run(charm, settled, hook, tmp_path, cluster)
    assert (result.code, result.errors) == (0, "")
    assert {item.verb for item in cluster.journal} <= {"get", "list"}
    # A secret is granted again, since Juju 4.0 may have dropped the first grant.
    told = [call[0] for call in result.of(*process.TELLING) if call[0] != "secret-grant"]
    assert told == ["status-set"]
    times = collections.Counter(result.calls)
    assert {call: count for call, count in times.items() if count > 1} == {}


def test_first_hook(charm: Charm, tmp_path: pathlib.Path):
    """The application has no leader yet: nothing is written, nothing logged below info."""
    state, cluster = charm.state(leader=False), charm.cluster()
    result = process.run(charm, state, "start", tmp_path, cluster)
    assert (result.code, result.errors) == (0, "")
    assert [call for call in result.of("juju-log") if call[2] in ("DEBUG", "TRACE")] == []
    assert result.of("status-set")


def test_leader_makes_what_is_shared(charm: Charm, tmp_path: pathlib.Path):
    cluster = charm.cluster()
    result = process.run(charm, charm.state(), "leader-elected", tmp_path, cluster)
    assert result.code == 0, result.errors
    assert {item.status for item in cluster.journal} <= {200, 201, 404}
    made = {(item.resource, item.name) for item in cluster.journal if item.changed}
    assert made == {(item.resource, item.name) for item in charm.complete.writes if item.changed}
