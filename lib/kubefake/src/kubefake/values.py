# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""JSON values as the Kubernetes API carries them: typed guards, copying and access."""

from collections.abc import Iterator
from typing import Any, TypeGuard

import msgspec

Object = dict[str, Any]
"""A JSON object, most often a whole Kubernetes object. Stored ones are never changed in place."""

# lightkube brings msgspec; definitions and lists are large, and it writes them five times as fast.
_PLAIN = msgspec.json.Encoder().encode
_SORTED = msgspec.json.Encoder(order="sorted").encode


def is_map(value: Any) -> TypeGuard[Object]:
    """Tell whether the value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Tell whether the value is a JSON array."""
    return isinstance(value, list)


def copy(value: Any) -> Any:
    """Return a deep copy of a JSON value; about ten times as fast as `copy.deepcopy`."""
    if is_map(value):
        return {key: copy(item) for key, item in value.items()}
    if is_list(value):
        return [copy(item) for item in value]
    return value


def same(left: Any, right: Any) -> bool:
    """Tell whether two JSON values are equal; in Python `True == 1`, in JSON it is not."""
    if is_map(left) and is_map(right):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if is_list(left) and is_list(right):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def dumps(value: Any) -> str:
    """Return compact JSON with sorted keys: the form of keys in field sets."""
    return _SORTED(value).decode()


def encode(value: Any) -> bytes:
    """Return compact JSON as it goes over the wire."""
    return _PLAIN(value)


def at(value: Any, *path: str | int) -> Any:
    """Return what lies at the path below a JSON value, or None where there is nothing."""
    for key in path:
        if isinstance(key, str):
            value = value.get(key) if is_map(value) else None
        else:
            value = value[key] if is_list(value) and key < len(value) else None
    return value


def map_at(value: Any, *path: str) -> Object:
    """Return the JSON object at the path; an empty one where there is none."""
    found = at(value, *path)
    return found if is_map(found) else {}


def list_at(value: Any, *path: str) -> list[Any]:
    """Return the JSON array at the path; an empty one where there is none."""
    found = at(value, *path)
    return found if is_list(found) else []


def replaced(obj: Object, new: Any, *path: str) -> Object:
    """Return a copy of the object with another value at the path; None removes the field.

    Only the maps along the path are copied: everything else is shared with the original.
    """
    head, *rest = path
    out = dict(obj)
    if rest:
        inner = out.get(head)
        out[head] = replaced(inner if is_map(inner) else {}, new, *rest)
    elif new is None:
        out.pop(head, None)
    else:
        out[head] = new
    return out


def maps_in(value: Any) -> Iterator[Object]:
    """Yield the members of a JSON array that are objects; nothing for any other value."""
    if is_list(value):
        yield from (item for item in value if is_map(item))


def is_true(obj: Object, kind: str) -> bool:
    """Tell whether a condition in an object's status is true."""
    conditions = maps_in(at(obj, "status", "conditions"))
    return any(each.get("type") == kind and each.get("status") == "True" for each in conditions)


def condition(old: Object | None, kind: str, status: str, now: str, **more: str) -> Object:
    """Return a condition; where its status does not change, its time is that of before."""
    before = {str(each.get("type")): each for each in maps_in(at(old, "status", "conditions"))}
    known = before.get(kind, {})
    since = known.get("lastTransitionTime") if known.get("status") == status else None
    return {"type": kind, "status": status, "lastTransitionTime": since or now, **more}
