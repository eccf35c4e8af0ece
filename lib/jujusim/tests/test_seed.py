# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The seed decides, and nothing else does."""

import json

import pytest


def run(make_model, charm, seed, faults=0):
    model = make_model(seed=seed, faults=faults)
    model.deploy(charm("server"), units=3)
    model.deploy(charm("client"), units=2)
    model.deploy(charm("keeper"))
    model.deploy(charm("reader"))
    model.integrate("server:api", "client:api")
    model.integrate("keeper", "reader")
    model.settle()
    model.scale("server", 1)
    model.settle()
    return model


@pytest.mark.parametrize("faults", [0, 2])
def test_the_same_seed_gives_the_same_run(make_model, charm, faults):
    runs = [run(make_model, charm, 7, faults) for _ in range(2)]
    assert bool(runs[0].faults.log) == bool(faults)
    lines = [list(each.trace.lines()) for each in runs]
    assert lines[0] == lines[1]
    assert json.loads(lines[0][0])["number"] == 1


def test_another_seed_gives_another_order_and_the_same_end(make_model, charm):
    models = [run(make_model, charm, seed) for seed in range(6)]
    assert len({tuple(model.trace.events()) for model in models}) == 6
    for model in models:
        assert model.status().apps["client"].status.message == "port 80 of server/0"
        assert model.status().apps["reader"].status.name == "active"


def test_a_run_can_be_stopped_and_goes_on(make_model, charm):
    whole = run(make_model, charm, 3)
    part = make_model(seed=3)
    part.deploy(charm("server"), units=3)
    part.deploy(charm("client"), units=2)
    part.deploy(charm("keeper"))
    part.deploy(charm("reader"))
    part.integrate("server:api", "client:api")
    part.integrate("keeper", "reader")
    record = part.run(until=20)
    assert record is not None
    assert record.number == 20
    assert part.trace.events() == whole.trace.events()[:20]
    part.settle()
    assert part.trace.events() == whole.trace.events()[: len(part.trace)]
