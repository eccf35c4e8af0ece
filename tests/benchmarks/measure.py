# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""CPU and wall time of processes that this one starts."""

from __future__ import annotations

import contextlib
import dataclasses
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Generator, Iterable


@dataclasses.dataclass
class Cost:
    """What was spent in a `with` block.

    Args:
        cpu: seconds of CPU, user and system, of the processes that were started and have ended,
            with those that they started themselves; nothing of this process.
        wall: seconds that passed.
    """

    cpu: float = 0.0
    wall: float = 0.0


@contextlib.contextmanager
def cost() -> Generator[Cost]:
    """Measure a block."""
    spent = Cost()
    cpu, wall = _cpu(), time.perf_counter()
    yield spent
    spent.cpu, spent.wall = _cpu() - cpu, time.perf_counter() - wall


def program(code: str) -> Cost:
    """Run a Python program in a new interpreter.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    with cost() as spent:
        subprocess.run([sys.executable, "-c", code], check=True)
    return spent


def median(costs: Iterable[Cost]) -> Cost:
    """The median of each of the two."""
    every = list(costs)
    return Cost(
        statistics.median(item.cpu for item in every),
        statistics.median(item.wall for item in every),
    )


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
