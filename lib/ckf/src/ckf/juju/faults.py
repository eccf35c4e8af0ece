"""Faults at every boundary, drawn from the seed; they end, so that a model can settle."""

from __future__ import annotations

from ckf.juju.pebble import Pebble


class Faults:
    """No faults at all; the base of those that do harm."""

    def in_pebble(self, container: Pebble) -> None:
        """Called before every request to a Pebble."""
