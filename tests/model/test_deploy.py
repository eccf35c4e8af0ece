# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The whole bundle, in many orders of events."""

from __future__ import annotations

import jujusim
import pytest

from . import deployment

DATABASES = {"katib-db-manager": "katib-db", "kfp-api": "kfp-db"}


@pytest.mark.seeds(6)
def test_any_order_of_events_ends_the_same(seed: int):
    """Active, without asking anybody for anything on the way; and then nothing is written."""
    model = deployment.deploy(seed=seed)
    deployment.assert_well(model)
    blocked = [record for record in model.trace if record.status[1].startswith("blocked")]
    assert not blocked, blocked[0]
    assert not deployment.difference(deployment.end_state(model), deployment.reference())
    _assert_nothing_is_written_when_nothing_has_changed(model)


def _assert_nothing_is_written_when_nothing_has_changed(model: jujusim.Model) -> None:
    first = len(model.trace)
    model.update_status()
    model.settle()
    assert len(model.trace) - first >= len(model.units)
    for record in model.trace[first:]:
        assert not record.kubernetes, record
        assert not record.databags, record
        # A secret is granted again, since Juju 4.0 may have dropped the first grant.
        assert not [item for item in record.secrets if item["what"] != "grant"], record
        assert not record.pebble, record


def test_a_juju_that_loses_grants_is_no_obstacle_for_our_own_charms():
    """It drops what is granted in the hook that creates the secret, and tells nobody.

    The database's charm grants its secrets only there: see docs/how-to/deploy.md for the way out.
    """
    model = deployment.deploy(juju="4.0.13", seed=1)
    lost = [each for record in model.trace for each in record.secrets if "dropped" in each["what"]]
    assert len(lost) > len(DATABASES), "Juju has dropped no grant of ours"
    waiting = {
        unit.name: unit.status.message
        for app in model.status().apps.values()
        for unit in app.units.values()
        if unit.status.name != "active"
    }
    assert waiting == {
        f"{app}/0": f"relation relational-db: waiting for {database} to grant its secret"
        for app, database in DATABASES.items()
    }
    model.secrets.drops_grants = False  # The controller is upgraded.
    for app, database in DATABASES.items():
        ends = f"{app}:relational-db", f"{database}:database"
        model.remove_relation(*ends)
        model.settle()
        model.integrate(*ends)
    model.settle()
    deployment.assert_well(model)
    # Databags are touched, so that the other side reads the secret again.
    different = deployment.difference(deployment.end_state(model), deployment.reference())
    assert {each.partition(" ")[0] for each in different} == {"databags"}
