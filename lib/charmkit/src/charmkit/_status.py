# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Why something is not ready, as an exception that carries a unit status.

Reading something that is not there yet raises one of these; the reconcile loop turns it into the
unit's status. Any other exception is a bug and must surface as a hook error.
"""

from __future__ import annotations

import ops


class NotReady(Exception):
    """Something that a component needs is not there.

    Args:
        message: what a person reads in `juju status`.
    """

    status_type: type[ops.StatusBase] = ops.WaitingStatus

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def status(self) -> ops.StatusBase:
        """The unit status that says this."""
        return self.status_type(self.message)


class Waiting(NotReady):
    """It will come without anybody's help."""


class Maintenance(NotReady):
    """The charm itself is at work on it."""

    status_type = ops.MaintenanceStatus


class Blocked(NotReady):
    """A person must act; the message says what to do."""

    status_type = ops.BlockedStatus
