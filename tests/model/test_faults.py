# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Whatever goes wrong on the way, the end is the same."""

from __future__ import annotations

import pytest

from . import deployment


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.seeds(2)
def test_a_run_with_faults_ends_like_one_without(seed: int, level: int):
    model = deployment.deploy(seed=seed, faults=level)
    deployment.assert_well(model)
    assert any(record.injected for record in model.trace), "nothing went wrong"
    assert not deployment.difference(deployment.end_state(model), deployment.reference())


@pytest.mark.seeds(1)
def test_three_units_and_faults(seed: int):
    scale = dict.fromkeys(deployment.applications(), 3)
    model = deployment.deploy(seed=seed, scale=scale, faults=2)
    deployment.assert_well(model)
    assert not deployment.difference(deployment.end_state(model), deployment.reference(units=3))
