# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The record of a run: one entry per hook, as JSON lines, with secrets masked."""

import dataclasses
import json
import pathlib
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import HookError

MASK = "********"


@dataclass
class Record:
    """One hook and its effects.

    Attributes:
        number: Counts from 1.
        status: The unit's workload status before and after.
        databags: Databag keys that changed, by relation and owner.
        secrets: What was done with secrets.
        kubernetes: Writes to the Kubernetes API, from the cluster's journal.
        pebble: Changes to plans, files and services by container.
        logs: Lines at level warning and above.
        error: The exception's last line; empty when the hook succeeded.
        traceback: The whole traceback of a failed hook.
        deferred: Events that the charm deferred.
        injected: Faults that were injected before or in the hook.
    """

    number: int
    unit: str
    event: str
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    status: tuple[str, str] = ("", "")
    databags: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    secrets: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    kubernetes: list[Any] = field(default_factory=list[Any])
    pebble: dict[str, Any] = field(default_factory=dict[str, Any])
    logs: list[str] = field(default_factory=list[str])
    error: str = ""
    traceback: str = ""
    deferred: list[str] = field(default_factory=list[str])
    injected: list[str] = field(default_factory=list[str])

    @property
    def failed(self) -> bool:
        """Tell whether the hook raised."""
        return bool(self.error)

    def fail(self, error: BaseException) -> None:
        """Record an exception; one of another process has brought its traceback along."""
        if isinstance(error, HookError):
            self.error, self.traceback = error.summary, error.output
            return
        self.error = "".join(traceback.format_exception_only(error)).strip()
        self.traceback = "".join(traceback.format_exception(error))

    def __str__(self) -> str:
        mark = f"  {self.error}" if self.error else ""
        return f"{self.number:>5} {self.unit} {self.event}{mark}"


class Trace(list[Record]):
    """All records of a run."""

    def lines(self, secrets: Iterable[str] = ()) -> Iterator[str]:
        """Yield each record as one line of JSON, in which the values of ``secrets`` are masked."""
        # Longest first, so that a value inside another one does not spoil it.
        hidden = sorted({value for value in secrets if len(value) > 3}, key=len, reverse=True)
        for record in self:
            values = {k: v for k, v in dataclasses.asdict(record).items() if v not in ("", [], {})}
            text = json.dumps(values, default=str)
            for value in hidden:
                text = text.replace(json.dumps(value)[1:-1], MASK)
            yield text

    def write(self, path: pathlib.Path, secrets: Iterable[str] = ()) -> None:
        """Write all records as JSON lines."""
        path.write_text("".join(f"{line}\n" for line in self.lines(secrets)))

    def events(self, unit: str = "", *, since: int = 0) -> list[str]:
        """Return names of the hooks that ran, with what they were about."""
        return [r.event for r in self if r.number > since and unit in ("", r.unit)]

    def failures(self) -> list[Record]:
        """Return hooks that raised."""
        return [record for record in self if record.failed]
