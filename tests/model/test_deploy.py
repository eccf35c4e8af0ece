"""The whole bundle, in many orders of events."""

from __future__ import annotations

import pytest

from . import deployment


@pytest.mark.parametrize("seed", range(20))
def test_every_application_becomes_active(seed: int):
    model = deployment.deploy(seed=seed)
    deployment.assert_well(model)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_written_when_nothing_has_changed(seed: int):
    model = deployment.deploy(seed=seed)
    first = len(model.trace)
    model.update_status()
    model.settle()
    for record in model.trace[first:]:
        assert not record.kubernetes, record
        assert not record.databags, record
        assert not record.secrets, record
        assert not record.pebble, record


def test_the_order_of_events_makes_no_difference():
    states = [deployment.end_state(deployment.deploy(seed=seed)) for seed in range(4)]
    for state in states[1:]:
        assert not deployment.difference(state, states[0])


def test_the_same_seed_is_the_same_run():
    runs = [deployment.deploy(seed=5, faults=2).trace for _ in range(2)]
    events = [[(record.unit, record.event, record.status) for record in run] for run in runs]
    assert events[0] == events[1]
