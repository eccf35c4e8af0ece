"""What a person sees while the bundle deploys."""

from __future__ import annotations

import pytest

from . import deployment


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_blocked_on_the_way(seed: int):
    model = deployment.deploy(seed=seed)
    blocked = [record for record in model.trace if record.status[1].startswith("blocked")]
    assert not blocked, blocked[0]
