# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Reasons for not being ready, as statuses."""

from __future__ import annotations

import ops
import pytest
from charmkit import _status


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        (_status.NotReady("m"), ops.WaitingStatus("m")),
        (_status.Waiting("m"), ops.WaitingStatus("m")),
        (_status.Maintenance("m"), ops.MaintenanceStatus("m")),
        (_status.Blocked("m"), ops.BlockedStatus("m")),
    ],
)
def test_each_reason_is_a_status(raised: _status.NotReady, shown: ops.StatusBase) -> None:
    assert raised.status == shown
    assert (raised.message, str(raised)) == ("m", "m")
