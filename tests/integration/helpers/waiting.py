# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Waiting for a model, and what is said when that fails."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import jubilant
from lightkube.core.exceptions import ApiError

T = TypeVar("T")
PATIENCE = 20 * 60.0
"""Seconds that a deployment may take: images are pulled."""

LOG_LINES = 200
CHECKS = 5
"""How often in a row, five seconds apart, a state must be seen: between two hooks all is calm."""


class Pods(Protocol):
    """The cluster, as far as it is asked for a report."""

    def events(self, unit: str) -> Iterator[str]:
        """What happened to the pod of a unit."""
        ...


def active(juju: jubilant.Juju, cluster: Pods, *apps: str, units: int | None = None) -> None:
    """Wait until applications and all their units are active and idle.

    Args:
        juju: The model.
        cluster: Its cluster.
        apps: The applications; all of the model if none is named.
        units: How many units each of them must have.

    Raises:
        TimeoutError: It took too long; what is wrong has been printed.
    """

    def ready(status: jubilant.Status) -> bool:
        names = apps or tuple(status.apps)
        right = all(
            units is None or len(status.apps[name].units) == units
            for name in names
            if name in status.apps
        )
        return (
            right
            and jubilant.all_active(status, *names)
            and jubilant.all_agents_idle(status, *names)
        )

    until(juju, cluster, ready)


def gone(juju: jubilant.Juju, cluster: Pods, app: str) -> None:
    """Wait until an application is no longer in the model.

    Raises:
        TimeoutError: As for `active`.
    """
    until(juju, cluster, lambda status: app not in status.apps)


def until(
    juju: jubilant.Juju, cluster: Pods, ready: Callable[[jubilant.Status], bool]
) -> jubilant.Status:
    """Wait until a model is in a state. A hook that fails is not the end: Juju tries it again.

    Raises:
        TimeoutError: As for `active`.
    """
    try:
        return juju.wait(ready, delay=5, timeout=PATIENCE, successes=CHECKS)
    except TimeoutError:
        print("\n".join(report(juju, cluster)), flush=True)
        raise


def soon(get: Callable[[], T], *, seconds: float = 120, pause: float = 2) -> T:
    """Try until it succeeds: what is made by a controller is not there at once.

    Args:
        get: What to try; an `AssertionError`, a `LookupError` or an error of the Kubernetes API
            says that it is not so yet.
        seconds: How long.
        pause: Seconds between two tries.

    Returns:
        What it returned.

    Raises:
        AssertionError, LookupError, ApiError: The last one, when the time is over.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return get()
        except (AssertionError, LookupError, ApiError):
            if time.monotonic() > end:
                raise
        time.sleep(pause)


def stays(check: Callable[[], object], *, seconds: float = 90, pause: float = 5) -> None:
    """Check again and again: what another controller deletes is deleted some time later.

    Juju deletes what an application has left about 45 seconds after its last unit.

    Args:
        check: What must not fail.
        seconds: How long.
        pause: Seconds between two checks.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        check()
        time.sleep(pause)
    check()


def report(juju: jubilant.Juju, cluster: Pods) -> Iterator[str]:
    """What a person needs who looks for the reason, in lines.

    The status of the model; for each unit that is not well its part of the log and the events of
    its pod. What cannot be had is said, so that the rest is still shown.
    """
    yield from _section("juju status", lambda: juju.cli("status", "--relations").splitlines())
    try:
        units = failing(juju.status())
    except (jubilant.CLIError, subprocess.SubprocessError) as error:
        yield f"no list of units: {error}"
        return
    for unit in units:
        yield from _section(f"debug-log of {unit}", lambda unit=unit: _log(juju, unit))
        yield from _section(f"events of {unit}", lambda unit=unit: list(cluster.events(unit)))


def failing(status: jubilant.Status) -> list[str]:
    """The units that are not active, or whose agent has failed or is lost."""
    return sorted(
        name
        for app in status.apps.values()
        for name, unit in app.units.items()
        if unit.workload_status.current != "active"
        or unit.juju_status.current in ("error", "failed", "lost")
    )


def _log(juju: jubilant.Juju, unit: str) -> list[str]:
    limit = str(LOG_LINES)
    return juju.cli("debug-log", "--include", unit, "--limit", limit, "--no-tail").splitlines()


def _section(title: str, lines: Callable[[], list[str]]) -> Iterator[str]:
    yield f"---- {title}"
    try:
        yield from lines() or ["(nothing)"]
    except (jubilant.CLIError, subprocess.SubprocessError, ApiError) as error:
        yield f"cannot be had: {error}"
