# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""One hook of a trace, as a person reads it."""

from collections.abc import Iterator, Mapping
from typing import Any

import jujusim
from rich.text import Text

from . import layout
from .redaction import Redactor


def report(record: jujusim.Record, redactor: Redactor, *, width: int) -> Iterator[Text]:
    """Yield what a hook was about and what it did."""
    yield from layout.sections(
        [Text(f"Hook {record.number}: {record.unit} {record.event}", style="bold")],
        _effects(record, redactor, width),
        _traceback(record, redactor),
    )


def _effects(record: jujusim.Record, redactor: Redactor, width: int) -> Iterator[Text]:
    for label, lines in (
        ("status", _status(record)),
        ("databags", [_bag(change) for change in record.databags]),
        ("secrets", [_words(change) for change in record.secrets]),
        ("kubernetes", [_words(change) for change in record.kubernetes]),
        ("pebble", [f"{name}: {', '.join(done)}" for name, done in record.pebble.items()]),
        ("deferred", record.deferred),
        ("injected", record.injected),
        ("log", record.logs),
    ):
        for index, line in enumerate(lines):
            text = f"{label if index == 0 else '':10}  {layout.one_line(redactor.text(line))}"
            yield from map(Text, layout.wrapped(text, width, indent=2, hanging=12))


def _status(record: jujusim.Record) -> list[str]:
    before, after = record.status
    return [after if before == after else f"{before} -> {after}"]


def _bag(change: Mapping[str, Any]) -> str:
    keys = ", ".join(change["keys"])
    return f"{change['bag']} writes {keys} to {change['endpoint']}:{change['relation']}"


def _words(change: Mapping[str, Any]) -> str:
    return " ".join(str(value) for value in change.values() if value)


def _traceback(record: jujusim.Record, redactor: Redactor) -> Iterator[Text]:
    for line in redactor.text(record.traceback).splitlines():
        yield Text(layout.printable(line), style="red")
