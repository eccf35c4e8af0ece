# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What each charm costs: its import, and a hook in which nothing has changed."""

from __future__ import annotations

import dataclasses
import pathlib
import tempfile

from jujusim.testing import Charm, process

from . import measure

CHARMS = pathlib.Path(__file__).parents[2] / "charms"


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
    """

    name: str
    imported: measure.Cost
    hook: measure.Cost
    tools: int


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
    imports: dict[str, list[measure.Cost]] = {charm.name: [] for charm in charms}
    hooks: dict[str, list[measure.Cost]] = {charm.name: [] for charm in charms}
    tools: dict[str, int] = {}
    for turn in range(rounds + 1):
        ops.append(measure.program("import ops"))
        for charm in charms:
            imports[charm.name].append(measure.program(_importing(charm)))
            spent, tools[charm.name] = _hook(charm)
            hooks[charm.name].append(spent)
        if turn == 0:
            # The first turn may have compiled modules, which a unit does once.
            for costs in (ops, *imports.values(), *hooks.values()):
                costs.clear()
    rows = [
        Row(name, measure.median(imports[name]), measure.median(hooks[name]), tools[name])
        for name in imports
    ]
    return measure.median(ops), rows


def _importing(charm: Charm) -> str:
    """A program with the path of `python src/charm.py`, which is how a unit runs it."""
    return f"import sys; sys.path.insert(0, {str(charm.directory.root / 'src')!r}); import charm"


def _hook(charm: Charm) -> tuple[measure.Cost, int]:
    """Run the hook; its cost, and how many hook tools it has called."""
    settled = charm.complete
    with tempfile.TemporaryDirectory() as folder, measure.cost() as spent:
        done = process.run(
            charm, settled.state, "update-status", pathlib.Path(folder), settled.cluster.copy()
        )
    if done.code:
        raise RuntimeError(f"{charm.name}: update-status fails: {done.errors}")
    return spent, len(done.calls)
