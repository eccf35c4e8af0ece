"""Whether the world already is as it should be."""

from __future__ import annotations

from typing import Any, cast


def holds(wanted: Any, actual: Any) -> bool:
    """Whether everything that is wanted is there; what is there beyond it does not matter.

    Absent, null, empty list and empty mapping are one to the API server, and so to this.
    """
    if isinstance(wanted, dict):
        fields = cast("dict[str, Any]", wanted)
        there = cast("dict[str, Any]", actual) if isinstance(actual, dict) else {}
        return all(holds(value, there.get(name)) for name, value in fields.items())
    if isinstance(wanted, list):
        return _holds_items(cast("list[Any]", wanted), actual)
    return actual in (None, [], {}) if wanted is None else wanted == actual


def _holds_items(wanted: list[Any], actual: Any) -> bool:
    there = cast("list[Any]", actual) if isinstance(actual, list) else []
    return len(there) == len(wanted) and all(map(holds, wanted, there))


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """One mapping with another laid over it, mapping by mapping; neither is changed."""
    result = dict(one)
    for name, value in other.items():
        below = result.get(name)
        both = isinstance(below, dict) and isinstance(value, dict)
        result[name] = merged(cast("Any", below), cast("Any", value)) if both else value
    return result
