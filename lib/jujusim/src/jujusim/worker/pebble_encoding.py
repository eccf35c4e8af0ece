# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pebble's checks, notices and changes as its API encodes them."""

import datetime
import re
from typing import Any

from ops import pebble

from ..pebble import Pebble

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def check(info: pebble.CheckInfo) -> dict[str, Any]:
    """Return a check."""
    about: dict[str, Any] = {
        "name": info.name,
        "level": _text(info.level),
        "startup": _text(info.startup),
        "status": _text(info.status),
        "successes": info.successes,
        "failures": info.failures,
        "threshold": info.threshold,
        "change-id": str(info.change_id or ""),
    }
    return {key: value for key, value in about.items() if value not in (None, "")}


def notice(found: pebble.Notice) -> dict[str, Any]:
    """Return a notice."""
    about: dict[str, Any] = {
        "id": found.id,
        "user-id": found.user_id,
        "type": _text(found.type),
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
    after = asked.get("repeat-after")
    return engine.notify(
        pebble.NoticeType(asked["type"]),
        asked["key"],
        data=asked.get("data"),
        repeat_after=_parsed(after) if after else None,
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


def _parsed(text: str) -> datetime.timedelta:
    parts = _DURATION.findall(text)
    return datetime.timedelta(seconds=sum(float(n) * _SECONDS[unit] for n, unit in parts))


def _text(value: Any) -> str:
    return str(value.value) if hasattr(value, "value") else str(value or "")
