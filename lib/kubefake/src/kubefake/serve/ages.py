"""How long ago something was, as kubectl shows it (k8s.io/apimachinery/pkg/util/duration)."""

from __future__ import annotations

import datetime

UNKNOWN = "<unknown>"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = 365 * _DAY

_STEPS = (
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)
"""Up to how many seconds, in which unit, and in which smaller one the rest."""


def since(time: object, now: datetime.datetime) -> str:
    """Return how long ago a time of the API was, such as `3m5s`.

    Args:
        time: As objects have it, such as `2025-01-01T00:00:00Z`.
        now: The server's time.
    """
    then = read(time)
    return human((now - then).total_seconds()) if then else UNKNOWN


def read(time: object) -> datetime.datetime | None:
    """Return a time of the API; None where there is none."""
    if not isinstance(time, str):
        return None
    try:
        return datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    except ValueError:
        return None


def human(seconds: float) -> str:
    """Return a duration in one or two units, the shorter the longer it is."""
    if seconds < -1:
        return "<invalid>"
    count = max(int(seconds), 0)
    for limit, size, unit, rest_size, rest_unit in _STEPS:
        if count < limit:
            rest = count % size // rest_size if rest_size else 0
            return f"{count // size}{unit}" + (f"{rest}{rest_unit}" if rest else "")
    return f"{count // _YEAR}y"
