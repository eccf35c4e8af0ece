# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Structured data against a schema, checked down to the field that is wrong.

The schema is a structural one, as in a CustomResourceDefinition: `type`, `properties`, `required`,
`additionalProperties`, `items`, `enum`, `pattern`, `minimum`, `maximum`, `minItems`, `minLength`
and `x-kubernetes-int-or-string`. Fields that it does not name are refused, unless it has
`x-kubernetes-preserve-unknown-fields`. Kubernetes' own parts come from `kubernetes("Volume")`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from . import _crd_schema

Schema = Mapping[str, Any]

_KINDS: dict[str, tuple[type[Any] | tuple[type[Any], ...], str]] = {
    "object": (Mapping, "a mapping"),
    "array": (list, "a list"),
    "string": (str, "text"),
    "boolean": (bool, "true or false"),
    "integer": (int, "a whole number"),
    "number": ((int, float), "a number"),
}
_QUOTES = "; put it in quotes"


def fields(
    required: Mapping[str, Schema] | None = None, optional: Mapping[str, Schema] | None = None
) -> Schema:
    """Return the schema of a mapping with these fields and no others."""
    needed = required or {}
    properties = {**needed, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(needed)}


def items(schema: Schema, *, at_least: int = 0) -> Schema:
    """Return the schema of a list whose entries are all of one shape."""
    return {"type": "array", "items": schema, "minItems": at_least}


def values(schema: Schema) -> Schema:
    """Return the schema of a mapping with any keys, whose values are all of one shape."""
    return {"type": "object", "additionalProperties": schema}


def word(*choices: str) -> Schema:
    """Return the schema of one of some words."""
    return {"type": "string", "enum": list(choices)}


TEXT: Schema = {"type": "string"}
FULL_TEXT: Schema = {"type": "string", "minLength": 1}
BOOLEAN: Schema = {"type": "boolean"}
INTEGER: Schema = {"type": "integer"}
ANYTHING: Schema = {"x-kubernetes-preserve-unknown-fields": True}


@functools.cache
def kubernetes(name: str) -> Schema:
    """Return the schema of a type of Kubernetes, by its name, for example `Volume`."""
    return getattr(_crd_schema.KubernetesSchema(), name)


def check(value: Any, schema: Schema, path: str = "") -> None:
    """Refuse what does not fit a schema.

    Args:
        value: the data.
        schema: what it has to be.
        path: what the value is called, if anything.

    Raises:
        ValueError: beginning with the path of the part that is wrong; no text of the data is shown
            but names of fields.
    """
    if schema.get("x-kubernetes-int-or-string"):
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise _wrong(path, "is not text or a whole number")
    elif "type" in schema:
        _check_type(value, schema["type"], path)
    for rule, refuse in _RULES.items():
        if rule in schema:
            refuse(value, schema[rule], path)
    if isinstance(value, Mapping):
        _check_fields(cast("Mapping[str, Any]", value), schema, path)
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(cast("list[Any]", value)):
            check(item, schema["items"], f"{path}[{index}]")


def _check_type(value: Any, kind: str, path: str) -> None:
    types, article = _KINDS[kind]
    is_flag = isinstance(value, bool) and kind != "boolean"
    if isinstance(value, types) and not is_flag:
        return
    if kind == "string" and value is not None and not isinstance(value, (list, Mapping)):
        article += _QUOTES
    if kind == "boolean" and value in ("true", "false"):
        article += ", without quotes"
    raise _wrong(path, f"is not {article}")


def _check_fields(value: Mapping[str, Any], schema: Schema, path: str) -> None:
    for name in schema.get("required", ()):
        if name not in value:
            raise _wrong(_join(path, name), "is missing")
    for name, item in value.items():
        field = _field(schema, name, path)
        if field is not None and item is not None:
            check(item, field, _join(path, name))
        elif item is None and name in schema.get("required", ()):
            raise _wrong(_join(path, name), "is empty")


def _field(schema: Schema, name: Any, path: str) -> Schema | None:
    """The schema of a field; None if it may be anything."""
    if not isinstance(name, str):
        raise _wrong(path, f"has a field {name} that is not text{_QUOTES}")
    properties = schema.get("properties", {})
    if name in properties:
        return properties[name]
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        return cast("Schema", others)
    is_open = others or schema.get("x-kubernetes-preserve-unknown-fields") or not properties
    if is_open:
        return None
    known = f", only {', '.join(properties)}" if len(properties) <= 12 else ""
    raise _wrong(_join(path, name), f"is not known{known}")


def _one_of(value: Any, choices: list[Any], path: str) -> None:
    if value not in choices:
        raise _wrong(path, f"is not {' or '.join(map(str, choices))}")


def _like(value: Any, pattern: str, path: str) -> None:
    if isinstance(value, str) and not re.search(pattern, value):
        raise _wrong(path, "is not written as it has to be")


def _at_least(value: Any, lowest: float, path: str) -> None:
    if not isinstance(value, (int, float)) or value < lowest:
        raise _wrong(path, f"is not {lowest} or more")


def _at_most(value: Any, highest: float, path: str) -> None:
    if not isinstance(value, (int, float)) or value > highest:
        raise _wrong(path, f"is not {highest} or less")


def _long_enough(value: Any, length: int, path: str) -> None:
    if len(value) < length:
        raise _wrong(path, "is empty" if length == 1 else f"has not {length} entries")


_RULES: dict[str, Callable[[Any, Any, str], None]] = {
    "enum": _one_of,
    "pattern": _like,
    "minimum": _at_least,
    "maximum": _at_most,
    "minItems": _long_enough,
    "minLength": _long_enough,
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _wrong(path: str, what: str) -> ValueError:
    return ValueError(f"{path}: {what}" if path else what)
