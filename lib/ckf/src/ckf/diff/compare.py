# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What differs between two snapshots, and what starts anew between them."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .snapshot import Snapshot

_KEY = re.compile(r"(?P<indent> *)(?P<item>- )?(?P<key>[^\s:#-][^:]*):(?: |$)")


@dataclass(frozen=True)
class Difference:
    """A file that differs.

    Attributes:
        path: Its path, such as ``kubernetes/<app>/<object>.yaml``.
        change: ``added``, ``removed`` or ``changed``.
        lines: The change in unified form; one that is only in secrets has no lines.
    """

    path: str
    change: str
    lines: tuple[str, ...]


def differences(one: Snapshot, two: Snapshot) -> Iterator[Difference]:
    """Yield every file that is not the same, by its path."""
    for path in sorted({*one.files, *two.files}):
        if one.digests.get(path) == two.digests.get(path):
            continue
        change = "changed"
        if path not in one.files or path not in two.files:
            change = "added" if path in two.files else "removed"
        before, after = (side.files.get(path, "").splitlines() for side in (one, two))
        yield Difference(path, change, tuple(_unified(path, before, after)))


def disruptions(one: Snapshot, two: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield each service and pod that is not the same, by name, and what it does on the way."""
    for name in sorted({*one.runs, *two.runs}):
        if name not in one.runs or name not in two.runs:
            yield name, "starts" if name in two.runs else "ends"
        elif one.runs[name] != two.runs[name]:
            yield name, "is refreshed" if name.endswith("charm") else "restarts"


def _unified(path: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Yield a unified diff, each part headed by the keys above its first change."""
    lines = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="", n=2)
    hunk: list[str] = []
    for line in [*lines, "@@"]:
        if line.startswith("@@"):
            yield from _headed(hunk, before)
            hunk = []
        hunk.append(line)


def _headed(hunk: Sequence[str], before: Sequence[str]) -> Iterator[str]:
    # In a file that was not there nothing stands above.
    if not hunk or not hunk[0].startswith("@@") or not before:
        yield from hunk
        return
    start = int(hunk[0].split()[1].lstrip("-").partition(",")[0]) - 1
    kept = next(i for i, line in enumerate(hunk[1:]) if not line.startswith(" "))
    above = ".".join(_keys(before, start + kept))
    yield f"{hunk[0]} {above}".rstrip()
    yield from hunk[1:]


def _keys(lines: Sequence[str], number: int) -> list[str]:
    """Return the keys of YAML above a line, the outermost first."""
    found: list[str] = []
    here = lines[number] if number < len(lines) else ""
    depth = len(here) - len(here.lstrip(" -"))
    for line in reversed(lines[:number]):
        match = _KEY.match(line)
        if not match:
            continue
        indent = len(match["indent"]) + len(match["item"] or "")
        # A list stands as deep as its key.
        if indent < depth or (
            indent == depth and line.endswith(":") and here.lstrip()[:2] == "- "
        ):
            found.insert(0, match["key"])
            depth, here = len(match["indent"]), line
    return found
