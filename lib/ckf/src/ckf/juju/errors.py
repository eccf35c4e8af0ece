"""What can go wrong in a model, apart from a charm's own exceptions."""

from __future__ import annotations


class JujuError(Exception):
    """A request that Juju would refuse; the message is one sentence for a person."""


class CharmError(JujuError):
    """A charm directory that cannot be loaded."""


class Livelock(JujuError):
    """Hooks keep causing hooks; the message names the units and events that do."""


class Killed(BaseException):
    """The process of a hook is killed; no charm can catch that."""
