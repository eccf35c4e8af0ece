# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pages of the documentation: what panels are for."""

from collections.abc import Iterable

from .panels import Board

_HEAD = """\
# Dashboards

What each panel is for. Written by `ckf cos` from `ckf.cos.boards`;
[observability](observability.md) says where the metrics come from. Every dashboard begins
with whether the units answer.
"""


def dashboards(boards: Iterable[Board]) -> str:
    """Return the page on all panels."""
    return _HEAD + "".join(_board(board) for board in sorted(boards, key=lambda each: each.charm))


def _board(board: Board) -> str:
    rows = "".join(
        f"| {row} | {panel.title} | {panel.about} |\n"
        for row, panels in board.rows.items()
        for panel in panels
    )
    head = f"\n## {board.charm}\n\n`ckf-{board.charm}`. {board.about}\n"
    return f"{head}\n| Row | Panel | What it shows |\n| --- | --- | --- |\n{rows}"
