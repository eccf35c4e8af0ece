# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Measure every charm against `import ops`, and fail if one is above the bar."""

from __future__ import annotations

import argparse
import datetime
import pathlib
import platform
import statistics
import sys
from collections.abc import Iterable, Sequence

import ops

from . import charms, measure

BAR = 1.8
"""The CPU of a cold `import charm` may be so many times that of a cold `import ops`."""

RESULTS = pathlib.Path(__file__).parent / "RESULTS.md"

Line = tuple[str, ...]


def main() -> int:
    """Measure, print, and compare with the bar.

    Returns:
        The exit status: 1 if a charm is above the bar.
    """
    arguments = _arguments()
    base, rows = charms.compare(arguments.rounds)
    print(f"import ops: {base.cpu * 1000:.0f} ms of CPU\n")
    print(_table(_times(base, rows)))
    if arguments.save:
        RESULTS.write_text(_report(base, rows, arguments.rounds))
    above = [row.name for row in rows if _ratio(row.imported, base) > BAR]
    if above:
        print(f"\nabove {BAR} times the CPU of import ops: {', '.join(above)}")
    return 1 if above else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=_positive, default=9, help="how often all is measured")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)


def _ratio(cost: measure.Cost, base: measure.Cost) -> float:
    return cost.cpu / base.cpu


def _times(base: measure.Cost, rows: Sequence[charms.Row]) -> Iterable[Line]:
    yield "charm", "import, ms CPU", "ratio", "hook, ms CPU", "bare", "hook tools", "bare"
    for row in rows:
        yield (
            row.name,
            f"{row.imported.cpu * 1000:.0f}",
            f"{_ratio(row.imported, base):.2f}",
            f"{row.hook.cpu * 1000:.0f}",
            f"{row.bare.cpu * 1000:.0f}",
            str(row.tools),
            str(row.bare_tools),
        )


def _ratios(base: measure.Cost, rows: Sequence[charms.Row]) -> Iterable[Line]:
    yield "charm", "import, CPU", "hook, CPU", "bare", "hook, wall", "bare", "hook tools", "bare"
    for row in rows:
        yield (
            row.name,
            f"{_ratio(row.imported, base):.2f}",
            f"{_ratio(row.hook, base):.2f}",
            f"{_ratio(row.bare, base):.2f}",
            f"{row.hook.wall / base.wall:.2f}",
            f"{row.bare.wall / base.wall:.2f}",
            str(row.tools),
            str(row.bare_tools),
        )
    yield "median", *_medians(base, rows)


def _medians(base: measure.Cost, rows: Sequence[charms.Row]) -> Line:
    hook, bare = measure.median(row.hook for row in rows), measure.median(row.bare for row in rows)
    imported = measure.median(row.imported for row in rows)
    ratios = [_ratio(cost, base) for cost in (imported, hook, bare)]
    ratios += [hook.wall / base.wall, bare.wall / base.wall]
    tools = statistics.median(row.tools for row in rows)
    bare_tools = statistics.median(row.bare_tools for row in rows)
    return *(f"{ratio:.2f}" for ratio in ratios), f"{tools:g}", f"{bare_tools:g}"


def _table(lines: Iterable[Line]) -> str:
    head, *body = lines
    rule = ("---", *("---:" for _ in head[1:]))
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *body))


def _report(base: measure.Cost, rows: Sequence[charms.Row], rounds: int) -> str:
    today = datetime.datetime.now(datetime.timezone.utc).date()
    versions = f"Python {platform.python_version()}, ops {ops.__version__}"
    return f"""# What a hook costs

Medians of {rounds} rounds on {today}, {versions}, as multiples of a cold `import ops`: the CPU of
a cold `import charm`, and CPU and wall time of a whole update-status hook of the leader in which
nothing has changed, with everything related, stub hook tools and no Pebble. "Bare" is the same
hook of a charm that has the same endpoints and does nothing but ask which relations there are and
list one kind of object: what ops and lightkube cost by themselves. The bar for the import is
{BAR}. `python -m tests.benchmarks --save` writes this file.

{_table(_ratios(base, rows))}
"""


if __name__ == "__main__":
    sys.exit(main())
