# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What each charm's dashboard shows."""

from ..panels import Board
from . import controllers, mesh, pages, pipelines

BOARDS: dict[str, Board] = {
    board.charm: board
    for module in (controllers, mesh, pages, pipelines)
    for board in module.BOARDS
}
"""Dashboards by charm."""
