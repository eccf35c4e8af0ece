# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's application provisioner: what Juju does in the cluster some time after the hooks.

It runs beside the units' agents. How long it takes is counted in hooks, and drawn from the seed.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger("juju.worker.caasapplicationprovisioner")


class Refused(Exception):
    """Kubernetes refuses what Juju wants; the provisioner logs it and tries again."""


@dataclass(frozen=True)
class _Task:
    """Something to be done after ``due`` hooks; if refused, not again before another has run."""

    due: int
    act: Callable[[], None]
    failed_at: int = -1


class Provisioner:
    """Tasks that wait for their time, and those that Kubernetes refuses, again and again.

    Attributes:
        log: What was refused, with the number of hooks that had run. No status shows it.
    """

    def __init__(self, seed: int, hooks: Callable[[], int]):
        self.log: list[tuple[int, str]] = []
        self._hooks = hooks
        self._random = random.Random(f"provisioner {seed}")  # noqa: S311
        self._tasks: dict[str, _Task] = {}

    def later(self, name: str, act: Callable[[], None], most: int) -> None:
        """Do something within `most` hooks from now; it is done once however often it is asked."""
        if name not in self._tasks:
            self._tasks[name] = _Task(self._now + self._random.randint(0, most), act)

    def work(self, *, eager: bool) -> bool:
        """Do what is due, or everything if nothing else is to be done; tell whether it was."""
        due = [
            name
            for name, task in self._tasks.items()
            if (eager or task.due <= self._now) and task.failed_at < self._now
        ]
        done = [self._try(name) for name in due]
        return any(done)

    @property
    def _now(self) -> int:
        return self._hooks()

    def _try(self, name: str) -> bool:
        task = self._tasks.pop(name)
        try:
            task.act()
        except Refused as error:
            logger.warning("%s: %s", name, error)
            self.log.append((self._now, f"{name}: {error}"))
            again = self._now + self._random.randint(1, 10)
            self._tasks[name] = _Task(again, task.act, self._now)
            return False
        return True
