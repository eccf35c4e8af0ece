# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What each charm costs: its import, and a hook in which nothing has changed."""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import tempfile
from collections.abc import Sequence

from jujusim.testing import Charm, process

from . import measure

CHARMS = pathlib.Path(__file__).parents[2] / "charms"
BARE = pathlib.Path(__file__).parent / "bare_charm.py"


@dataclasses.dataclass(frozen=True)
class Row:
    """The medians of a charm.

    Args:
        name: the charm's name.
        imported: a cold `import charm`.
        hook: an update-status hook of the leader, everything related, in which nothing has
            changed. There is no Pebble, and its answers cost nothing here. The wall time includes
            some 10 ms for writing down the hook tools and their answers.
        tools: how many hook tools that hook calls.
        bare: the same hook of a bare charm with these endpoints, see `bare_charm`.
        bare_tools: how many hook tools that calls.
    """

    name: str
    imported: measure.Cost
    hook: measure.Cost
    tools: int
    bare: measure.Cost
    bare_tools: int


def compare(rounds: int) -> tuple[measure.Cost, list[Row]]:
    """Measure everything in turn, `rounds` times: whatever slows the machine down slows all.

    Returns:
        The cost of a cold `import ops`, and that of each charm.

    Raises:
        subprocess.CalledProcessError: if a charm can't be imported.
        RuntimeError: if a hook fails.
    """
    charms = [Charm.at(path.parent) for path in sorted(CHARMS.glob("*/charmcraft.yaml"))]
    ops: list[measure.Cost] = []
    turns: list[list[Row]] = []
    for _ in range(rounds + 1):
        ops.append(measure.program("import ops"))
        turns.append([_row(charm) for charm in charms])
    # The first turn may have compiled modules, which a unit does once.
    return measure.median(ops[1:]), [_median(rows) for rows in zip(*turns[1:], strict=True)]


def _row(charm: Charm) -> Row:
    hook, tools = _hook(charm, charm)
    with tempfile.TemporaryDirectory() as folder:
        bare, bare_tools = _hook(_bare(charm, pathlib.Path(folder)), charm)
    imported = measure.program(_importing(charm))
    return Row(charm.name, imported, hook, tools, bare, bare_tools)


def _median(rows: Sequence[Row]) -> Row:
    """One row of those of one charm."""
    return dataclasses.replace(
        rows[0],
        imported=measure.median(row.imported for row in rows),
        hook=measure.median(row.hook for row in rows),
        bare=measure.median(row.bare for row in rows),
    )


def _bare(charm: Charm, folder: pathlib.Path) -> Charm:
    """A charm with the metadata of another, and next to no code."""
    (folder / "src").mkdir()
    shutil.copy(charm.directory.root / "charmcraft.yaml", folder)
    shutil.copy(BARE, folder / "src" / "charm.py")
    return Charm.at(folder)


def _importing(charm: Charm) -> str:
    """A program with the path of `python src/charm.py`, which is how a unit runs it."""
    return f"import sys; sys.path.insert(0, {str(charm.directory.root / 'src')!r}); import charm"


def _hook(charm: Charm, like: Charm) -> tuple[measure.Cost, int]:
    """Run the hook where another charm has settled; its cost, and its number of hook tools."""
    settled = like.complete
    with tempfile.TemporaryDirectory() as folder, measure.cost() as spent:
        done = process.run(
            charm, settled.state, "update-status", pathlib.Path(folder), settled.cluster.copy()
        )
    if done.code:
        raise RuntimeError(f"{charm.name}: update-status fails: {done.errors}")
    return spent, len(done.calls)
