"""Reasons for not being ready, as statuses."""

from __future__ import annotations

import ops
import pytest
from charmkit import status


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        (status.NotReady("m"), ops.WaitingStatus("m")),
        (status.Waiting("m"), ops.WaitingStatus("m")),
        (status.Maintenance("m"), ops.MaintenanceStatus("m")),
        (status.Blocked("m"), ops.BlockedStatus("m")),
    ],
)
def test_each_reason_is_a_status(raised: status.NotReady, shown: ops.StatusBase) -> None:
    assert raised.status == shown
    assert (raised.message, str(raised)) == ("m", "m")
