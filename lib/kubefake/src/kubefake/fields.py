# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Sets of fields, and typed merging of objects: the arithmetic of server-side apply.

A field is a path of elements in the notation of `fieldsV1`: `f:name` for a field or a map key,
`k:{"port":80}` for an item of a keyed list, `v:"x"` for a member of a set. A set of fields is a
plain set of such paths. The rules are those of sigs.k8s.io/structured-merge-diff.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .schema import ANY, Schema
from .values import Object, dumps, is_list, is_map, same

Path = tuple[str, ...]
Fields = set[Path]
_MISSING: Any = object()
_NO_PATH: Path = ()


class TypedError(Exception):
    """An object does not have the shape that its schema demands."""


def element(schema: Schema, item: Any) -> str:
    """Return the path element of an item of an associative list.

    Raises:
        TypedError: A key is missing and has no default.
    """
    if not schema.keys:
        return "v:" + dumps(item)
    values: Object = item if is_map(item) else {}
    item_schema = schema.items or ANY
    preset = {**item_schema.zero, **item_schema.defaults}
    key: Object = {}
    for name in schema.keys:
        value = values.get(name, preset.get(name, _MISSING))
        if value is not _MISSING:
            key[name] = value
    if not key:
        names = " ".join(dumps(name) for name in schema.keys)
        raise TypedError(
            f"associative list with keys has an element that omits all key fields [{names}] (and "
            "doesn't have default values for any key fields)"
        )
    return "k:" + dumps(key)


def show(path: Path) -> str:
    """Return the path as error messages write it, such as `.spec.ports[port=80].name`."""
    return "".join(_show(each) for each in path)


def _show(part: str) -> str:
    kind, rest = part[0], part[2:]
    if kind == "f":
        return f".{rest}"
    if kind == "v":
        return f"[={rest}]"
    keys = json.loads(rest)
    return "[" + ",".join(f"{name}={dumps(value)}" for name, value in keys.items()) + "]"


def to_v1(fields: Fields) -> Object:
    """Return the set as a `fieldsV1` value."""
    root: Object = {}
    for path in sorted(fields, key=len, reverse=True):
        node = root
        for part in path[:-1]:
            node = node.setdefault(part, {})
        last = node.setdefault(path[-1], {})
        if last:
            last["."] = {}
    return root


def from_v1(value: Object, path: Path = _NO_PATH) -> Fields:
    """Return the set that a `fieldsV1` value describes, below a path."""
    found: Fields = {path} if path and (not value or "." in value) else set()
    for part, rest in value.items():
        if part != ".":
            found |= from_v1(rest, (*path, part))
    return found


def owned(schema: Schema, value: Any, path: Path = _NO_PATH) -> Fields:
    """Return the fields that a configuration gives: what its applier comes to own.

    Raises:
        TypedError: A list's items cannot be told apart.
    """
    found: Fields = set()
    if is_map(value) and not schema.atomic:
        for key, item in value.items():
            at = (*path, f"f:{key}")
            found |= owned(schema.child(key), item, at)
            if item is None or item == {} or key not in schema.fields:
                found.add(at)
    elif is_list(value) and schema.associative:
        for part, item in _items(schema, value, path).items():
            found |= {(*path, part), *owned(schema.items or ANY, item, (*path, part))}
    else:
        found.add(path)
    return found


def _items(schema: Schema, items: list[Any], path: Path) -> dict[str, Any]:
    """Return the items of an associative list by their path element."""
    found: dict[str, Any] = {}
    for index, item in enumerate(items):
        try:
            part = element(schema, item)
        except TypedError as error:
            raise TypedError(f"{show(path)}: element {index}: {error}") from error
        if part in found:
            raise TypedError(f"{show(path)}: duplicate entries for key {_show(part)}")
        found[part] = item
    return found


def merge(schema: Schema, live: Any, config: Any) -> Any:
    """Lay a configuration over a live value; neither is changed.

    Where nothing differs the live value itself is returned, and so are its unchanged parts.
    """
    if is_map(live) and is_map(config) and not schema.atomic:
        merged = {
            key: merge(schema.child(key), live[key], value) if key in live else value
            for key, value in config.items()
        }
        return {**live, **merged}
    if is_list(live) and is_list(config) and schema.associative:
        return _merge_lists(schema, live, config)
    return config


def _merge_lists(schema: Schema, live: list[Any], config: list[Any]) -> list[Any]:
    """Merge by item: the configuration's order, live items kept near where they were."""
    left, right = _items_leniently(schema, live), _items(schema, config, ())

    def merged(part: str) -> Any:
        if part not in left:
            return right[part]
        return merge(schema.items or ANY, left[part], right[part])

    out: list[Any] = []
    pending = list(right)
    for part, item in left.items():
        if part not in right:
            out.append(item)
        elif part == next((each for each in pending if each in left), None):
            place = pending.index(part) + 1
            out += map(merged, pending[:place])
            pending = pending[place:]
    return out + [merged(part) for part in pending]


def _items_leniently(schema: Schema, items: list[Any]) -> dict[str, Any]:
    """Return live items by element; those that cannot be told apart keep their place."""
    found: dict[str, Any] = {}
    for index, item in enumerate(items):
        try:
            part = element(schema, item)
        except TypedError:
            part = f"i:{index}"
        found[part if part not in found else f"i:{index}"] = item
    return found


@dataclass
class Comparison:
    """The difference between two values: fields added, removed and modified."""

    added: Fields = field(default_factory=set[Path])
    removed: Fields = field(default_factory=set[Path])
    modified: Fields = field(default_factory=set[Path])

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.modified)


def equal(schema: Schema, old: Any, new: Any) -> bool:
    """Tell whether two values of a schema are equal."""
    return old == new and (not schema.loose or same(old, new))


def compare(schema: Schema, old: Any, new: Any) -> Comparison:
    """Tell how the new value differs from the old one."""
    result = Comparison()
    _compare(schema, old, new, _NO_PATH, result)
    return result


def _compare(schema: Schema, old: Any, new: Any, path: Path, out: Comparison) -> None:
    if equal(schema, old, new):
        return
    left: Any = type(new)() if old is _MISSING or old is None else old
    right: Any = type(old)() if new is _MISSING or new is None else new
    olds, news = _parts(schema, left), _parts(schema, right)
    whole = not (old or new) or olds is None or news is None or is_map(left) != is_map(right)
    if whole:  # nothing inside has a counterpart; what is in a map comes or goes
        replaced = is_map(left) != is_map(right)
        olds = olds if replaced and is_map(left) else {}
        news = news if replaced and is_map(right) else {}
    pairs = _paired(olds or {}, news or {})
    for part, child, before, after in pairs:
        _compare(child, before, after, (*path, part), out)
    if path and (old is _MISSING or new is _MISSING or whole):
        found = out.added if old is _MISSING else out.removed if new is _MISSING else out.modified
        found.add(path)


_Parts = dict[str, tuple[Schema, Any]]


def _parts(schema: Schema, value: Any) -> _Parts | None:
    """Return what is in a value, by path element; None where it has one owner as a whole."""
    if is_map(value) and not schema.atomic:
        return {f"f:{key}": (schema.child(key), item) for key, item in value.items()}
    if is_list(value) and schema.associative:
        items = _items_leniently(schema, value)
        return {part: (schema.items or ANY, item) for part, item in items.items()}
    return None


def _paired(olds: _Parts, news: _Parts) -> Iterator[tuple[str, Schema, Any, Any]]:
    for part, (child, _) in {**olds, **news}.items():
        gone = (child, _MISSING)
        yield part, child, olds.get(part, gone)[1], news.get(part, gone)[1]


def without(schema: Schema, value: Any, drop: Fields) -> Any:
    """Return the value without the fields named; emptied maps and lists become None."""
    return _without(schema, value, drop, ()) if drop else value


def _without(schema: Schema, value: Any, drop: Fields, path: Path) -> Any:
    parts = _parts(schema, value)
    if not parts:
        return value
    left = {
        part: _without(child, item, drop, (*path, part))
        for part, (child, item) in parts.items()
        if (*path, part) not in drop
    }
    if is_map(value):
        return {part[2:]: item for part, item in left.items()} or None
    return list(left.values()) or None


def with_parents(schema: Schema, fields: Fields) -> Fields:
    """Return the set together with the declared fields that lie on the way to its members."""
    found = set(fields)
    seen: Fields = set()
    for path in fields:
        node = schema
        for depth, part in enumerate(path[:-1], 1):
            prefix = path[:depth]
            if part[0] == "f":
                if prefix not in seen and part[2:] in node.fields:
                    found.add(prefix)
                node = node.child(part[2:])
            else:
                node = node.items or ANY
            seen.add(prefix)
    return found
