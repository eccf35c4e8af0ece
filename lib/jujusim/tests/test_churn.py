# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A pod is replaced."""

import pytest

SEEDS = range(10)


@pytest.mark.parametrize("seed", SEEDS)
def test_stop_then_start_and_config_changed(make_model, charm, seed):
    model = make_model(seed=seed)
    model.deploy(charm("server"))
    model.settle()
    since = len(model.trace)
    model.churn("server/0")
    model.settle()
    events = model.trace.events("server/0", since=since)
    assert events[:2] == ["stop", "start"]
    assert sorted(events[2:]) == ["config-changed", "sidecar-pebble-ready", "web-pebble-ready"]


def test_a_lost_node_stops_nothing(pair):
    since = len(pair.trace)
    pair.churn("server/0", graceful=False)
    pair.settle()
    assert "stop" not in pair.trace.events("server/0", since=since)
    assert pair.trace.events("server/0", since=since)[0] == "start"


def test_the_address_is_new_and_announced(pair):
    old = pair.units["server/0"].address
    since = len(pair.trace)
    pair.churn("server/0")
    pair.settle()
    new = pair.units["server/0"].address
    assert new != old
    bag = pair.relation("server", "client").units["server/0"].content
    assert bag["ingress-address"] == new
    assert pair.trace.events("client/0", since=since) == ["api-relation-changed (server/0)"]


def test_files_plan_and_stored_state_are_lost(pair):
    unit = pair.units["server/0"]
    unit.containers["web"].push("/extra", "text")
    before = hooks_counted(unit)
    pair.churn("server/0")
    pair.settle()
    assert "/extra" not in unit.containers["web"].files()
    assert unit.containers["web"].starts == {"web": 1}
    assert hooks_counted(unit) < before


def hooks_counted(unit):
    """What the charm keeps in StoredState: how many hooks it has seen."""
    return next(s.content["hooks"] for s in unit.stored_states if s.name == "kept")


def test_before_the_first_start_there_is_no_restart(model, charm):
    model.deploy(charm("server"))
    model.run(until=2)
    model.churn("server/0")
    model.settle()
    assert model.trace.events("server/0").count("start") == 1
    assert "stop" not in model.trace.events("server/0")
