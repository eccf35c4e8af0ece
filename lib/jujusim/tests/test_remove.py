# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Removing relations, units and applications."""

import jujusim
import pytest

SEEDS = range(15)


def test_relation_departs_unit_by_unit_then_breaks(model, charm):
    model.deploy(charm("server"), units=2)
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.settle()
    since = len(model.trace)
    model.remove_relation("server", "client")
    model.settle()
    assert model.trace.events("client/0", since=since) == [
        "api-relation-departed (server/0)",
        "api-relation-departed (server/1)",
        "api-relation-broken (server)",
    ]
    for number in range(2):
        assert model.trace.events(f"server/{number}", since=since) == [
            "api-relation-departed (client/0)",
            "api-relation-broken (client)",
        ]
    assert not any(not relation.is_peer for relation in model.relations.values())
    assert model.status().apps["client"].status.message == "needs api"


def test_a_relation_that_nobody_has_seen_leaves_no_trace(model, charm):
    model.deploy(charm("server"))
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.remove_relation("server:api", "client:api")
    model.settle()
    assert not any("api-" in event for event in model.trace.events())


def test_unknown_relation(pair):
    with pytest.raises(jujusim.JujuError, match="not found"):
        pair.remove_relation("server", "client:spare")


@pytest.mark.parametrize("seed", SEEDS)
def test_scaling_down_removes_the_highest_number(make_model, charm, seed):
    model = make_model(seed=seed)
    model.deploy(charm("server"), units=3)
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.settle()
    since = len(model.trace)
    assert model.remove_unit("server") == ["server/2"]
    assert model.app("server").planned_units == 2
    model.settle()
    gone = model.trace.events("server/2", since=since)
    assert gone[-2:] == ["stop", "remove"]
    assert gone.index("api-relation-departed (client/0)") < gone.index(
        "api-relation-broken (client)"
    )
    assert gone[0] == "data-storage-detaching"
    assert not any("peers-relation-broken" in event for event in gone)
    for number in range(2):
        peers = model.trace.events(f"server/{number}", since=since)
        assert [e for e in peers if "departed" in e] == ["peers-relation-departed (server/2)"]
    assert model.trace.events("client/0", since=since) == ["api-relation-departed (server/2)"]
    assert model.unit("server/leader").name in ("server/0", "server/1")


def test_who_departs_is_named(model, charm):
    model.deploy(charm("server"), units=2)
    model.settle()
    model.remove_unit("server")
    model.settle()
    departed = [r for r in model.trace if r.event.startswith("peers-relation-departed")]
    assert {r.details["departing"] for r in departed} == {"server/1"}
    assert {r.unit for r in departed} == {"server/0", "server/1"}


def test_a_number_is_used_again(model, charm):
    model.deploy(charm("server"), units=2)
    model.settle()
    model.scale("server", 1)
    model.settle()
    since = len(model.trace)
    model.scale("server", 2)
    model.settle()
    assert "install" in model.trace.events("server/1", since=since)
    assert "peers-relation-joined (server/1)" in model.trace.events("server/0", since=since)


def test_more_units_than_there_are(pair):
    with pytest.raises(jujusim.JujuError, match="has 1 units"):
        pair.remove_unit("server", 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_removing_an_application(make_model, charm, seed):
    model = make_model(seed=seed)
    model.deploy(charm("server"), units=2)
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.settle()
    since = len(model.trace)
    model.remove_application("server")
    assert model.app("server").planned_units == 0
    model.settle()
    assert list(model.apps) == ["client"]
    assert list(model.relations) == []
    for number in range(2):
        events = model.trace.events(f"server/{number}", since=since)
        assert events[-2:] == ["stop", "remove"]
        assert "api-relation-broken (client)" in events
    assert model.status().apps["client"].status.message == "needs api"
    assert not model.trace.failures()


def test_removing_what_has_not_started(model, charm):
    model.deploy(charm("server"))
    model.remove_application("server")
    model.settle()
    assert not model.apps
    assert not model.trace


def test_removing_half_way_through_the_start(make_model, charm):
    for steps in range(1, 9):
        model = make_model(seed=steps)
        model.deploy(charm("server"))
        model.run(until=steps)
        model.remove_application("server")
        model.settle()
        assert not model.apps
        assert model.trace.events()[-1] == "remove" or "install" not in model.trace.events()


def test_data_of_a_departed_unit_is_gone(model, charm):
    model.deploy(charm("server"), units=2)
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.settle()
    assert model.status().apps["client"].status.message == "port 80 of server/0 server/1"
    model.remove_unit("server")
    model.settle()
    assert model.status().apps["client"].status.message == "port 80 of server/0"


def test_an_application_can_come_back(pair, charm):
    pair.remove_application("server")
    pair.settle()
    pair.deploy(charm("server"), config={"port": 90})
    pair.integrate("server:api", "client:api")
    pair.settle()
    assert pair.status().apps["client"].status.message == "port 90 of server/0"
