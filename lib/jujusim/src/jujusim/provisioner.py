"""Juju's application provisioner: what Juju does in the cluster some time after the hooks.

It runs beside the units' agents. How long it takes is counted in hooks, and drawn from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Model


@dataclass(frozen=True)
class _Task:
    due: int
    act: Callable[[], None]


class Provisioner:
    """Tasks that wait for their time.

    Args:
        model: The model; its seed decides.
    """

    def __init__(self, model: Model):
        self._model = model
        self._random = random.Random(f"provisioner {model.seed}")  # noqa: S311
        self._tasks: dict[str, _Task] = {}

    def later(self, name: str, act: Callable[[], None], most: int) -> None:
        """Do something within `most` hooks from now; it is done once however often it is asked."""
        if name not in self._tasks:
            due = len(self._model.trace) + self._random.randint(0, most)
            self._tasks[name] = _Task(due, act)

    def work(self, *, eager: bool) -> bool:
        """Do what is due; everything, if nothing else is to be done in the model.

        Returns:
            Whether anything was done.
        """
        now = len(self._model.trace)
        due = [name for name, task in self._tasks.items() if eager or task.due <= now]
        for name in due:
            self._tasks.pop(name).act()
        return bool(due)
