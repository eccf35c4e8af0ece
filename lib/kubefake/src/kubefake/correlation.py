# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What parts of an object were before a change, as the API server tells them from each other.

See k8s.io/apiserver/pkg/cel/common: fields and values of maps by their name, items of lists with
keys by their keys, items of other lists not at all.
"""

from typing import Any, NamedTuple

from .schema import Schema
from .values import is_list, is_map, same


class Optional(NamedTuple):
    """A value that may be absent."""

    present: bool
    value: Any = None


ABSENT = Optional(False)


def unchanged(old: Optional, value: Any) -> bool:
    """Tell whether a value is what it was."""
    return old.present and same(old.value, value)


def field(old: Optional, key: str) -> Optional:
    """Return what a field, or a value of a map, was."""
    if old.present and is_map(old.value) and key in old.value:
        return Optional(True, old.value[key])
    return ABSENT


def item(schema: Schema, old: Optional, value: Any) -> Optional:
    """Return what an item of a list was.

    Args:
        schema: The list's schema.
        old: What the list was.
        value: The item.
    """
    if not schema.keys or not old.present or not is_list(old.value) or not is_map(value):
        return ABSENT
    for before in old.value:
        if is_map(before) and all(before.get(key) == value.get(key) for key in schema.keys):
            return Optional(True, before)
    return ABSENT
