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


def yielding(wanted: Any, actual: Any, names: frozenset[str]) -> Any:
    """What is wanted, with the fields of these names as they are, wherever they are set in both.

    Entries of lists belong together by their `name`, else by their place.
    """
    if isinstance(wanted, dict) and isinstance(actual, dict):
        fields, there = cast("dict[str, Any]", wanted), cast("dict[str, Any]", actual)
        return {
            name: there[name]
            if name in names and name in there
            else yielding(value, there.get(name), names)
            for name, value in fields.items()
        }
    if isinstance(wanted, list) and isinstance(actual, list):
        items, others = cast("list[Any]", wanted), cast("list[Any]", actual)
        return [yielding(item, _partner(item, i, others), names) for i, item in enumerate(items)]
    return cast("Any", wanted)


def _partner(item: Any, place: int, others: list[Any]) -> Any:
    if isinstance(item, dict) and "name" in item:
        named = [other for other in others if other.get("name") == item["name"]]
        return named[0] if named else None
    return others[place] if place < len(others) else None
