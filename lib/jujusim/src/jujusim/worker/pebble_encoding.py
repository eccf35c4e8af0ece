# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pebble's checks, notices and changes as its API encodes them, and the changes of one hook."""

import datetime
import itertools
import re
from typing import Any, cast

from ops import pebble

from ..pebble import Pebble

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def check(info: pebble.CheckInfo) -> dict[str, Any]:
    """Return a check."""
    about: dict[str, Any] = {
        name: getattr(info, name) for name in ("name", "successes", "failures", "threshold")
    }
    about |= {name: text(getattr(info, name)) for name in ("level", "startup", "status")}
    about["change-id"] = str(info.change_id or "")
    return {key: value for key, value in about.items() if value not in (None, "")}


def notice(found: pebble.Notice) -> dict[str, Any]:
    """Return a notice."""
    about: dict[str, Any] = {
        "id": found.id,
        "user-id": found.user_id,
        "type": text(found.type),
        "key": found.key,
        "first-occurred": found.first_occurred.isoformat(),
        "last-occurred": found.last_occurred.isoformat(),
        "last-repeated": found.last_repeated.isoformat(),
        "occurrences": found.occurrences,
        "last-data": found.last_data,
        "repeat-after": _span(found.repeat_after),
        "expire-after": _span(found.expire_after),
    }
    return {key: value for key, value in about.items() if value is not None}


def notify(engine: Pebble, asked: dict[str, Any]) -> str:
    """Record a notice, and return its id."""
    after = _DURATION.findall(asked.get("repeat-after") or "")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in after)
    return engine.notify(
        pebble.NoticeType(asked["type"]),
        asked["key"],
        data=asked.get("data"),
        repeat_after=datetime.timedelta(seconds=seconds) if after else None,
    )


def change(found: pebble.Change) -> dict[str, Any]:
    """Return a change of the engine, such as that of a check, as Pebble tells it."""
    return {
        "id": str(found.id),
        "kind": found.kind,
        "summary": found.summary,
        "status": found.status,
        "ready": found.ready,
        "spawn-time": moment(found.spawn_time),
        **({"ready-time": moment(found.ready_time)} if found.ready_time else {}),
        "tasks": [],
    }


def moment(when: datetime.datetime) -> str:
    """Return a time in UTC, as RFC 3339 has it."""
    return when.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def _span(span: datetime.timedelta | None) -> str | None:
    return f"{span.total_seconds()}s" if span is not None else None


def text(value: Any) -> str:
    """Return an enumeration's value, or another one's text."""
    return str(value.value) if hasattr(value, "value") else str(value or "")


class Changes:
    """The changes that a hook has made in one container; each is over when it is answered."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._changes: dict[str, dict[str, Any]] = {}
        self._outputs: dict[str, dict[str, bytes]] = {}

    def add(self, kind: str, summary: str, data: dict[str, Any] | None = None) -> str:
        """Note a change that has been made, and return its number; its one task has the data."""
        number = str(next(self._numbers))
        now = moment(datetime.datetime.now(datetime.timezone.utc))
        common = {
            "id": number,
            "kind": kind,
            "summary": summary,
            "status": "Done",
            "spawn-time": now,
            "ready-time": now,
        }
        progress = {"label": "", "done": 1, "total": 1}
        task: dict[str, Any] = {**common, "log": [], "progress": progress, "data": data or {}}
        self._changes[number] = {**common, "ready": True, "tasks": [task]}
        return number

    def get(self, number: str) -> dict[str, Any] | None:
        """Return a change by its number."""
        return self._changes.get(number)

    def chosen(self, select: str) -> list[dict[str, Any]]:
        """Return the changes in a state: ``in-progress``, ``ready`` or ``all``."""
        return [] if select == "in-progress" else list(self._changes.values())

    def execute(self, engine: Pebble, asked: dict[str, Any]) -> tuple[str, str]:
        """Run a command, and return the numbers of the change and of its task.

        Raises:
            pebble.APIError: Nobody has said what the command does.
        """
        command: list[str] = asked["command"]
        process = engine.exec(
            command,
            service_context=asked.get("service-context") or None,
            environment=asked.get("environment") or {},
            encoding=None,
        )
        try:
            code, (output, errors) = 0, process.wait_output()
        except pebble.ExecError as error:  # pyright: ignore[reportUnknownVariableType]
            failed = cast("pebble.ExecError[bytes]", error)
            code, output, errors = failed.exit_code, failed.stdout, failed.stderr
        number = self.add("exec", f"Execute command {command[0]!r}", {"exit-code": code})
        streams = {"stdio": output or b"", "stderr": errors or b"", "control": b""}
        if not asked.get("split-stderr"):
            streams["stdio"] += streams["stderr"]
        self._outputs[number] = streams
        return number, number

    def output(self, task: str, stream: str) -> bytes | None:
        """Return what a command has written to ``stdio`` or ``stderr``; None if there is none."""
        return self._outputs.get(task, {}).get(stream)
