# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a component is that adds nothing."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
from ops import testing


def test_it_is_active_and_wants_nothing(context: Any) -> None:
    ctx = context(lambda charm: [charmkit.Component(charm)])
    assert ctx.run(ctx.on.update_status(), testing.State()).unit_status == ops.ActiveStatus()


def test_it_removes_nothing(context: Any) -> None:
    ctx = context(lambda charm: [charmkit.Component(charm)])
    before = testing.State(planned_units=0)
    after = ctx.run(ctx.on.remove(), before)
    assert (after.relations, after.secrets, after.containers) == (
        before.relations,
        before.secrets,
        before.containers,
    )
