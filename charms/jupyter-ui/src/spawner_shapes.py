# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Shapes of data that options hold, checked down to the field that is wrong.

A check takes the path of a value, for example `gpu-vendors[1].limitsKey`, and the value; it raises
ValueError that begins with the path of the part that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[str, Any], None]


def wrong(path: str, what: str) -> ValueError:
    """What a check raises."""
    return ValueError(f"{path}: {what}")


def text(path: str, value: Any) -> None:
    """Text that is not empty."""
    if not isinstance(value, str) or not value:
        raise wrong(path, "is not text" if value else "is empty")


def any_text(path: str, value: Any) -> None:
    """Text, also none."""
    if not isinstance(value, str):
        raise wrong(path, "is not text")


def any_mapping(path: str, value: Any) -> None:
    """A mapping with whatever in it."""
    if not isinstance(value, Mapping):
        raise wrong(path, "is not a mapping")


def boolean(path: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong(path, "is not true or false")


def number(lowest: int, highest: int) -> Check:
    """A whole number in a range."""

    def check(path: str, value: Any) -> None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not lowest <= value <= highest:
            raise wrong(path, f"is not a number from {lowest} to {highest}")

    return check


def word(*choices: str) -> Check:
    """One of some words."""

    def check(path: str, value: Any) -> None:
        if value not in choices:
            raise wrong(path, f"is {value}, not {' or '.join(choices)}")

    return check


def named(is_name: Callable[[str], bool], what: str) -> Check:
    """Text that is a name of some sort.

    Args:
        is_name: whether it is one.
        what: completes the sentence "it is not ...".
    """

    def check(path: str, value: Any) -> None:
        text(path, value)
        if not is_name(value):
            raise wrong(path, f"is {value}, not {what}")

    return check


def items(check_item: Check, *, at_least: int = 0) -> Check:
    """A list whose entries are all of one shape."""

    def check(path: str, value: Any) -> None:
        if not isinstance(value, list):
            raise wrong(path, "is not a list")
        if len(value) < at_least:
            raise wrong(path, "is empty")
        for index, item in enumerate(value):
            check_item(f"{path}[{index}]", item)

    return check


def values(check_value: Check) -> Check:
    """A mapping whose values are all of one shape."""

    def check(path: str, value: Any) -> None:
        any_mapping(path, value)
        for name, item in value.items():
            text(f"{path}: name {name}", name)
            check_value(f"{path}.{name}", item)

    return check


def fields(
    required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None
) -> Check:
    """A mapping with fields of their own shapes, and no others."""
    needed, known = required or {}, {**(required or {}), **(optional or {})}

    def check(path: str, value: Any) -> None:
        any_mapping(path, value)
        for name in needed:
            if name not in value:
                raise wrong(f"{path}.{name}", "is missing")
        for name, item in value.items():
            if name not in known:
                raise wrong(f"{path}.{name}", f"is not known, only {', '.join(known)}")
            known[name](f"{path}.{name}", item)

    return check


def both(*checks: Check) -> Check:
    """Several checks of one value, one after the other."""

    def check(path: str, value: Any) -> None:
        for each in checks:
            each(path, value)

    return check
