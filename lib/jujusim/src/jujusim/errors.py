# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Errors of a model, apart from a charm's own exceptions."""


class JujuError(Exception):
    """A request that Juju would refuse; the message is one sentence for a person."""


class NewEndpoints(JujuError):
    """A refresh to a charm with endpoints that the old one lacks, which Juju 4.0 refuses."""

    def __init__(self, names: tuple[str, ...]):
        listed = ", ".join(f'"{name}"' for name in names)
        super().__init__(f"one or more of the provided endpoints {listed} do not exist")
        self.names = names


class CharmError(JujuError):
    """A charm directory that cannot be loaded."""


class Livelock(JujuError):
    """Hooks keep causing hooks; the message names the units and events that do."""


class HookError(JujuError):
    """A hook that ran in a process of its own, and failed.

    Args:
        summary: What went wrong, in one line.
        output: The charm's traceback, and what else the process had to say.
    """

    def __init__(self, summary: str, output: str = ""):
        super().__init__(summary)
        self.summary = summary
        self.output = output


class Killed(BaseException):
    """The process of a hook is killed; no charm can catch that."""
