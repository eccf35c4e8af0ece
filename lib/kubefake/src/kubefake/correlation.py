# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The parts of an object, and what they were before a change, as the API server tells them apart.

See k8s.io/apiserver/pkg/cel/common: fields and values of maps by their name, items of lists with
keys by their keys, items of other lists not at all.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .schema import Schema
from .values import is_list, is_map, same


class Optional(NamedTuple):
    """A value that may be absent."""

    present: bool
    value: Any = None


ABSENT = Optional(False)


Part = tuple[str, Any, Schema | None, Any]
"""A part of a value: its path in the object, its name or place, its schema (if any), its value."""


def parts(schema: Schema, value: Any, path: str = "") -> Iterator[Part]:
    """Yield the parts of a map or list; a map may lose the part in hand meanwhile."""
    if is_map(value):
        for key, item in list(value.items()):
            child = schema.fields.get(key) or schema.values
            yield f"{path}.{key}" if path else key, key, child, item
    elif is_list(value):
        for index, item in enumerate(value):
            yield f"{path}[{index}]", index, schema.items, item


def unchanged(old: Optional, value: Any) -> bool:
    """Tell whether a value is what it was."""
    return old.present and same(old.value, value)


def before(schema: Schema, old: Optional, key: Any, value: Any) -> Optional:
    """Return what a part of a value was, by the value's schema and what that was."""
    if is_map(old.value) and key in old.value:
        return Optional(True, old.value[key])
    if schema.keys and is_list(old.value) and is_map(value):
        for item in old.value:
            if is_map(item) and all(item.get(name) == value.get(name) for name in schema.keys):
                return Optional(True, item)
    return ABSENT
