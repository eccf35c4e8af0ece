# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Whether what is wanted is there, as the API server sees it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from charmkit import _diff

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
def test_what_is_wanted_is_there_whatever_else_is(wanted: Any, actual: Any) -> None:
    assert _diff.is_subset(wanted, actual)


@pytest.mark.parametrize("wanted", NOTHING)
@pytest.mark.parametrize("actual", NOTHING)
def test_absent_null_and_empty_are_the_same(wanted: Any, actual: Any) -> None:
    assert _diff.is_subset(wanted, actual)
    assert _diff.is_subset({"a": wanted}, {"a": actual})
    assert _diff.is_subset({"a": wanted}, {})


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
def test_what_is_wanted_is_not_there(wanted: Any, actual: Any) -> None:
    assert not _diff.is_subset(wanted, actual)


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
def test_one_mapping_is_laid_over_another(
    one: dict[str, Any], other: dict[str, Any], result: dict[str, Any]
) -> None:
    before = copy.deepcopy((one, other))
    assert _diff.deep_merge(one, other) == result
    assert (one, other) == before
