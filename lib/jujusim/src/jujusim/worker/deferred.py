"""What a charm has deferred, read from where ops keeps it."""

from __future__ import annotations

import contextlib
import pathlib
import sqlite3

from ops import testing

STATE = ".unit-state.db"
"""The file in the charm's directory (ops, main.py)."""


def events(charm: pathlib.Path) -> list[testing.DeferredEvent]:
    """The events that wait in a charm's directory, each once.

    Args:
        charm: The charm's directory; a charm that keeps its state elsewhere has deferred none.
    """
    path = charm / STATE
    if not path.is_file():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        try:
            rows = database.execute(
                "SELECT event_path, observer_path, method_name FROM notice ORDER BY sequence"
            ).fetchall()
        except sqlite3.DatabaseError:
            # Not a database of ops: nothing can be said about it.
            return []
    return [testing.DeferredEvent(event, owner, observer) for event, owner, observer in rows]
