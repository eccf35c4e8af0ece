# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Each charm refreshed to itself, one after the other: nothing of it changes anything."""

from __future__ import annotations

import pathlib

from ckf import bundle, preview
from ckf.bundle import charms

from . import deployment


def steps() -> tuple[tuple[str, pathlib.Path], ...]:
    """Every application of the bundle with the charm that it has."""
    found = bundle.load("bundle.yaml").applications
    return tuple((name, charms.directory(app)) for name, app in found.items() if app.is_local)


def test_the_same_charm_changes_nothing() -> None:
    scale = dict.fromkeys(deployment.applications(), 2)
    request = preview.Request(refreshes=steps(), seed=2, scale=scale)
    run = preview.prepare(request)
    run.settle()
    assert [each.app for each in run.refreshed] == [app for app, _ in steps()]
    for each in run.refreshed:
        touched = [one for found in each.objects for one in found]
        assert [str(one) for one in touched] == [], each.app
        restarted = {unit.partition("/")[0] for unit, _, _ in each.restarted}
        assert restarted <= {each.app}, each.app
        assert set(each.restarted.values()) <= {1}, each.app
        assert set(each.inactive) <= {each.app}, each.app
        assert (each.status.name, each.failures) == ("active", 0)
    assert run.good
