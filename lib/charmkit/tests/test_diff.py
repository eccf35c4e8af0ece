"""Whether what is wanted is there, as the API server sees it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from charmkit import compare

NOTHING: list[Any] = [None, [], {}]


@pytest.mark.parametrize(
    ("wanted", "actual"),
    [
        (1, 1),
        ("a", "a"),
        ({}, {"a": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}),
        ([1, 2], [1, 2]),
        ([{"a": 1}, {"b": 2}], [{"a": 1, "x": 0}, {"b": 2}]),
        ({"a": [{"b": {}}]}, {"a": [{"c": 1}]}),
        ({"a": {"b": None}}, {}),
        ({"a": {"b": []}}, {"a": None}),
    ],
)
def test_holds(wanted: Any, actual: Any) -> None:
    assert compare.holds(wanted, actual)


@pytest.mark.parametrize("wanted", NOTHING)
@pytest.mark.parametrize("actual", NOTHING)
def test_nothing_is_nothing(wanted: Any, actual: Any) -> None:
    assert compare.holds(wanted, actual)
    assert compare.holds({"a": wanted}, {"a": actual})
    assert compare.holds({"a": wanted}, {})


@pytest.mark.parametrize(
    ("wanted", "actual"),
    [
        (1, 2),
        (1, None),
        (0, None),
        (False, None),
        ("", None),
        ("1", 1),
        ({"a": 1}, {}),
        ({"a": 1}, None),
        ({"a": 1}, []),
        ({"a": 1}, "a"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}),
        ([1], []),
        ([1], None),
        ([1], {"0": 1}),
        ([1, 2], [1]),
        ([1], [1, 2]),
        ([], [1]),
        (None, 1),
        (None, [1]),
        (None, {"a": 1}),
        ([1, 2], [2, 1]),
        ([{"a": 1}], [{"a": 2}]),
    ],
)
def test_does_not_hold(wanted: Any, actual: Any) -> None:
    assert not compare.holds(wanted, actual)


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        ({}, {}, {}),
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2, "d": 3}}}, {"a": {"b": {"c": 2, "d": 3}}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
    ],
)
def test_merged(one: dict[str, Any], other: dict[str, Any], result: dict[str, Any]) -> None:
    before = copy.deepcopy((one, other))
    assert compare.merged(one, other) == result
    assert (one, other) == before
