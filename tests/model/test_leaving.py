# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Units that leave see relations break that stand for the others; they say nothing about those."""

from __future__ import annotations

import jujusim
import pytest

from . import deployment

TWO = 2
pytestmark = pytest.mark.xdist_group("leaving")


@pytest.fixture(scope="module")
def leaving() -> tuple[jujusim.Model, dict[str, list[jujusim.Record]]]:
    """The bundle with one unit less of each application, and the last hooks of those that left."""
    model = deployment.deploy(scale=dict.fromkeys(deployment.applications(), TWO), seed=5)
    deployment.assert_well(model)
    hooks: dict[str, list[jujusim.Record]] = {}
    for app in list(model.apps):
        since = len(model.trace)
        (unit,) = model.remove_unit(app)
        model.settle()
        hooks[unit] = [record for record in model.trace[since:] if record.unit == unit]
    return model, hooks


def test_a_leaving_unit_sees_its_relations_break(
    leaving: tuple[jujusim.Model, dict[str, list[jujusim.Record]]],
):
    model, hooks = leaving
    related = {
        side.app for each in model.relations.values() for side in each.sides if not each.is_peer
    }
    for unit, records in hooks.items():
        broken = [record for record in records if "-relation-broken" in record.event]
        assert bool(broken) == (unit.partition("/")[0] in related), unit
        assert records[-1].event == "remove"


def test_a_leaving_unit_is_never_blocked(
    leaving: tuple[jujusim.Model, dict[str, list[jujusim.Record]]],
):
    _, hooks = leaving
    blocked = [
        f"{unit} after {record.event}: {record.status[1]}"
        for unit, records in hooks.items()
        for record in records
        if record.status[1].startswith("blocked")
    ]
    assert not blocked


def test_those_that_stay_are_well(
    leaving: tuple[jujusim.Model, dict[str, list[jujusim.Record]]],
):
    model, _ = leaving
    deployment.assert_well(model)
    assert {len(app.units) for app in model.apps.values()} == {1}
