# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What `ckf --version` and `ckf --help` cost, against starting Python.

`python -m tests.benchmarks.commands` measures, prints, and fails above the bars.
"""

from __future__ import annotations

import argparse
import sys

from . import measure

BARS = {"--version": 6.0, "--help": 12.0}
"""Their CPU may be so many times that of an interpreter that does nothing."""

SECONDS = 0.2
"""The CPU of `--version` and `--help` stays below this on any machine that is not slow itself."""


def main() -> int:
    """Measure each command in turn; return 1 if one is above its bar."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.commands")
    parser.add_argument("--rounds", type=int, default=9, help="how often all is measured")
    rounds: int = parser.parse_args().rounds
    programs = {"python": "pass", **{words: _program(words) for words in BARS}}
    costs: dict[str, list[measure.Cost]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, code in programs.items():
            costs[name].append(measure.program(code))
    medians = {name: measure.median(found).cpu for name, found in costs.items()}
    base = medians.pop("python")
    print(f"an interpreter: {base * 1000:.0f} ms of CPU")
    above: list[str] = []
    for name, spent in medians.items():
        print(f"ckf {name}: {spent * 1000:.0f} ms, {spent / base:.1f} times")
        if spent / base > BARS[name] or spent > SECONDS:
            above.append(name)
    return 1 if above else 0


def _program(words: str) -> str:
    """A program like the command, which says nothing."""
    quiet = "import contextlib, io, sys; sys.stdout = io.StringIO()"
    run = f"with contextlib.suppress(SystemExit): main({words.split()!r})"
    return f"{quiet}\nfrom ckf.cli import main\n{run}"


if __name__ == "__main__":
    sys.exit(main())
