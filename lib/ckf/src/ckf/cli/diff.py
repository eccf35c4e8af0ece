# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf diff`: compare two deployments."""

import argparse
import collections
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from .. import diff
from ..bundle import InputError
from ..preview import Request
from ..report import layout, redaction
from . import arguments, output

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def configure(verb: argparse.ArgumentParser) -> None:
    """Give a parser the verb's arguments."""
    verb.add_argument(
        "sides", nargs="*", metavar="SIDE", default=[],
        help="a bundle, or in quotes a bundle with options of its own, such as "
        "'bundle.yaml --scale minio=3'; the second side is by default the first",
    )  # fmt: skip
    _side(verb, bundle=False)
    shown = verb.add_argument_group("what is shown")
    shown.add_argument("--brief", "-q", action="store_true", help="only name what differs")
    shown.add_argument(
        "--new-file", "-N", action="store_true", help="show in full what only one side has"
    )
    shown.add_argument("--show-secrets", action="store_true", help="do not mask secrets")


def _side(parser: argparse.ArgumentParser, *, bundle: bool) -> None:
    if bundle:
        arguments.bundle(parser)
    group = arguments.deployment(parser)
    group.add_argument("--seed", type=int, metavar="N", help="another order of events")
    group.add_argument(
        "--revision", metavar="REV",
        help="take bundle, charms and charmkit from a revision of the repository",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Show what differs; return 1 if anything does."""
    one, two = _sides(options)
    snapshots = [diff.take(side, show=options.show_secrets) for side in (one, two)]
    found = list(diff.differences(*snapshots))
    output.show(_report((one, two), found, list(diff.disruptions(*snapshots)), options))
    return 1 if found else 0


def _sides(options: argparse.Namespace) -> tuple[diff.Side, diff.Side]:
    """Return both sides; the options of the command itself are the second's."""
    if len(options.sides) > 2:
        raise InputError("there are two sides: put one with options of its own in quotes")
    given = [shlex.split(text) for text in options.sides] or [[]]
    one, two = _parsed(given[0]), _parsed(given[-1])
    for name, value in vars(options).items():
        if not hasattr(two, name) or value in (None, []):
            continue
        setattr(two, name, getattr(two, name) + value if isinstance(value, list) else value)
    sides = _made(one), _made(two)
    if sides[0] == sides[1] and len(given) == 1:
        raise InputError("there is nothing to compare: give a second side, or what is changed")
    return sides


class _SideParser(argparse.ArgumentParser):
    """Words of a side that are wrong are wrong input."""

    def error(self, message: str) -> Any:
        raise InputError(f"a side is a bundle and options of ckf preview: {message}")


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = _SideParser(add_help=False, allow_abbrev=False)
    _side(parser, bundle=True)
    return parser.parse_args(words)


def _made(given: argparse.Namespace) -> diff.Side:
    request = arguments.request(given, given.bundle, given.seed or Request.seed)
    command = shlex.split(request.command(1, redaction.secret_options(request.config)))
    words = [word for word in command[3:-2] if word != "--seed"]
    label = shlex.join(words[:-1] if not request.seed else [*words[:-1], "--seed", words[-1]])
    if given.revision:
        label = f"{label} --revision {given.revision}"
    return diff.Side(request, given.revision or "", label)


def _report(
    sides: tuple[diff.Side, diff.Side],
    found: Sequence[diff.Difference],
    runs: Sequence[tuple[str, str]],
    options: argparse.Namespace,
) -> Iterator[Text]:
    if not found:
        yield Text("Nothing differs.", style="bold green")
        return
    for sign, side in zip("ab", sides, strict=True):
        yield Text(f"{sign}: {side.label}", style="bold")
    for each in found:
        yield from _one(each, options)
    yield Text("")
    yield from _summary(found, runs, output.width())


def _one(each: diff.Difference, options: argparse.Namespace) -> Iterator[Text]:
    if options.brief or (each.change != "changed" and not options.new_file):
        yield Text(f"{each.change:8}{each.path}", style="bold")
        return
    if not each.lines:
        yield Text(f"changed {each.path}: in a secret, which is masked", style="bold")
    for line in each.lines:
        head = line.startswith(("--- ", "+++ "))
        yield Text(line, style="bold" if head else _STYLES.get(line[:1], ""))


def _summary(
    found: Sequence[diff.Difference], runs: Sequence[tuple[str, str]], width: int
) -> Iterator[Text]:
    counts = collections.Counter(each.path.partition("/")[0] for each in found)
    items = [f"{count} {folder}" for folder, count in counts.items()]
    yield from layout.listed(items, "Differs", width)
    changes: dict[str, list[str]] = {}
    for what, change in runs:
        changes.setdefault(change, []).append(what)
    for change, names in sorted(changes.items()):
        yield from layout.listed(names, f"What {change}", width)
    if not runs:
        yield Text("No workload restarts.")
