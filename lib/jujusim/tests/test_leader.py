# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Leadership."""


def test_a_new_leader_is_elected_and_the_old_one_is_told_nothing(model, charm):
    model.deploy(charm("server"), units=2)
    model.settle()
    old = model.unit("server/leader").name
    new = next(unit for unit in model.units if unit != old)
    since = len(model.trace)
    model.elect("server", new)
    assert model.units[new].is_leader
    assert not model.units[old].is_leader
    model.settle()
    assert model.trace.events(new, since=since) == ["leader-elected"]
    assert model.trace.events(old, since=since) == []


def test_electing_the_leader_changes_nothing(pair):
    since = len(pair.trace)
    pair.elect("server", "server/0")
    pair.settle()
    assert pair.trace.events(since=since) == []


def test_when_the_leader_goes_another_unit_takes_over(make_model, charm):
    for seed in range(10):
        model = make_model(seed=seed)
        model.deploy(charm("server"), units=2)
        model.settle()
        model.elect("server", "server/1")
        model.settle()
        since = len(model.trace)
        model.remove_unit("server")
        model.settle()
        assert "leader-elected" in model.trace.events("server/0", since=since)


def test_a_leader_that_is_removed_leads_to_its_end(model, charm):
    model.deploy(charm("server"))
    model.deploy(charm("client"))
    model.settle()
    model.remove_application("server")
    assert model.unit("server/leader").name == "server/0"
