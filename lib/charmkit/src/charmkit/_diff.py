# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Comparing what is wanted with what is there."""

from __future__ import annotations

from typing import Any, cast


def is_subset(wanted: Any, actual: Any) -> bool:
    """Return whether everything that is wanted is there, whatever else is.

    Absent, null, empty list and empty mapping are the same to the API server, and so here.
    """
    if isinstance(wanted, dict):
        fields = cast("dict[str, Any]", wanted)
        there = cast("dict[str, Any]", actual) if isinstance(actual, dict) else {}
        return all(is_subset(value, there.get(name)) for name, value in fields.items())
    if isinstance(wanted, list):
        return _is_subset_list(cast("list[Any]", wanted), actual)
    return actual in (None, [], {}) if wanted is None else wanted == actual


def _is_subset_list(wanted: list[Any], actual: Any) -> bool:
    there = cast("list[Any]", actual) if isinstance(actual, list) else []
    return len(there) == len(wanted) and all(map(is_subset, wanted, there))


def deep_merge(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """One mapping with another laid over it, mapping by mapping; neither is changed."""
    result = dict(one)
    for name, value in other.items():
        below = result.get(name)
        both = isinstance(below, dict) and isinstance(value, dict)
        result[name] = deep_merge(cast("Any", below), cast("Any", value)) if both else value
    return result


def ignore_fields(wanted: Any, actual: Any, names: frozenset[str]) -> Any:
    """What is wanted, with the fields of these names as they are, wherever they are set in both.

    Entries of lists belong together by their `name`, else by their place.
    """
    if isinstance(wanted, dict) and isinstance(actual, dict):
        fields, there = cast("dict[str, Any]", wanted), cast("dict[str, Any]", actual)
        return {
            name: there[name]
            if name in names and name in there
            else ignore_fields(value, there.get(name), names)
            for name, value in fields.items()
        }
    if isinstance(wanted, list) and isinstance(actual, list):
        items, others = cast("list[Any]", wanted), cast("list[Any]", actual)
        return [
            ignore_fields(item, _partner(item, i, others), names) for i, item in enumerate(items)
        ]
    return cast("Any", wanted)


def _partner(item: Any, place: int, others: list[Any]) -> Any:
    if isinstance(item, dict) and "name" in item:
        named = [other for other in others if other.get("name") == item["name"]]
        return named[0] if named else None
    return others[place] if place < len(others) else None
