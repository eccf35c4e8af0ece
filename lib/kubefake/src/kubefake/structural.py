# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Reading objects against their schema: unknown fields, defaults and validation."""

import base64
import operator
import re
from collections.abc import Callable
from typing import Any

from . import correlation, errors, quantity
from .correlation import Optional
from .errors import Cause
from .schema import ANY, Schema
from .values import copy, dumps, is_list, is_map


def prune(schema: Schema, value: Any, path: str = "") -> list[str]:
    """Remove, in place, the fields that the schema does not know.

    Returns:
        The removed fields as warnings name them, such as `spec.ports[0].prot`.
    """
    found: list[str] = []
    for where, key, child, item in correlation.parts(schema, value, path):
        if child is not None:
            found += prune(child, item, where)
        elif is_map(value) and not schema.open:
            del value[key]
            found.append(where)
    return found


def drop_empty(schema: Schema, value: Any) -> None:
    """Remove, in place, what Go's encoder leaves out: nulls, and empty lists and maps.

    Structures stay when they are empty, and so do fields that must be given.
    """
    if is_map(value):
        for key in list(value):
            child, item = schema.child(key), value[key]
            drop_empty(child, item)
            listed = child.type == "array" or child.values is not None
            bare = listed and not item and item.__class__ in _CONTAINERS
            if item is None or (bare and key not in schema.required):
                del value[key]
    elif is_list(value):
        for item in value:
            drop_empty(schema.items or ANY, item)


def fill(schema: Schema, value: Any) -> None:
    """Fill in, in place, defaults of fields that are not given (or are null and may not be).

    Quantities are brought into their canonical form.

    Raises:
        ValueError: A quantity or base64 cannot be read.
    """
    if is_map(value):
        for key, preset in schema.defaults.items():
            given = value.get(key, None)
            if given is None and not (key in value and schema.child(key).nullable):
                value[key] = copy(preset)
        for key, item in value.items():
            if item.__class__ in _CONTAINERS:
                fill(schema.child(key), item)
            elif schema.child(key).type == "quantity":
                value[key] = quantity.canonical(item)
            elif schema.child(key).type == "bytes":
                _check_base64(item)
    elif is_list(value) and schema.items is not None:
        for item in value:
            fill(schema.items, item)


_CONTAINERS = (dict, list)


def _check_base64(text: Any) -> None:
    try:
        base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError("illegal base64 data at input byte 0") from error


def drop_forbidden_nulls(schema: Schema, value: Any) -> None:
    """Remove, in place, nulls of fields that are not nullable, as a CRD's pruning does."""
    for _, key, child, item in correlation.parts(schema, value):
        if child is None:
            continue
        if is_map(value) and item is None and not child.nullable:
            del value[key]
        else:
            drop_forbidden_nulls(child, item)


_PYTHON_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": is_map,
    "array": is_list,
    "string": lambda value: isinstance(value, str),
    "bytes": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: (isinstance(value, int) and not isinstance(value, bool))
    or (isinstance(value, float) and value.is_integer()),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "int-or-string": lambda value: isinstance(value, int | str) and not isinstance(value, bool),
    "quantity": lambda value: isinstance(value, int | float | str)
    and not isinstance(value, bool),
    "any": lambda _: True,
}  # fmt: skip


def kind_of(value: Any) -> str:
    """Return the JSON type's name as validation messages use it."""
    for name in ("object", "array", "string", "boolean", "integer", "number"):
        if _PYTHON_TYPES[name](value):
            return name
    return "null"


def fits(schema: Schema, value: Any) -> bool:
    """Tell whether the value has the JSON type that the schema demands."""
    return _PYTHON_TYPES[schema.type](value)


def mismatch(schema: Schema, value: Any, path: str = "", *, declared: bool = False) -> str:
    """Describe the first part of a value that does not fit its schema; empty when all fits.

    Where it is to be `declared`, fields that the schema does not know do not fit either.
    """
    if value is None:
        return ""
    if not fits(schema, value):
        return f".{path}: expected {_TYPED.get(schema.type, schema.type)}, got {kind_of(value)}"
    for where, _, child, item in correlation.parts(schema, value, path):
        if child is None and declared and is_map(value) and not schema.open:
            return f".{where}: field not declared in schema"
        found = mismatch(child or ANY, item, where, declared=declared)
        if found:
            return found
    return ""


_TYPED = {"bytes": "string", "object": "map", "array": "list"}


def validate(
    schema: Schema, value: Any, path: str = "", old: Optional = correlation.ABSENT
) -> list[Cause]:
    """Check a value, after pruning and defaulting, against a CustomResourceDefinition's schema.

    Parts that are unchanged stay, whatever they are.

    Returns:
        What is wrong, in the words of the server's validator.
    """
    if (value is None and schema.nullable) or correlation.unchanged(old, value):
        return []
    if not fits(schema, value):
        kind = kind_of(value)
        wanted = "integer,string" if schema.type == "int-or-string" else schema.type
        shown = f'Invalid value: "{kind}": {path} in body must be of type'
        return [Cause("FieldValueTypeInvalid", f'{shown} {wanted}: "{kind}"', path)]
    found = _validate_rules(schema, value, path)
    if is_map(value):
        lacking = [name for name in schema.required if name not in value]
        found += [errors.required(f"{path}.{name}" if path else name) for name in lacking]
    for where, key, child, item in correlation.parts(schema, value, path):
        if child is not None and where != "metadata":
            before = correlation.before(schema, old, key, item)
            found += validate(child, item, where, before)
    if schema.associative and is_list(value):
        found += _duplicates(schema, value, path)
    return found


def _duplicates(schema: Schema, items: list[Any], path: str) -> list[Cause]:
    found: list[Cause] = []
    seen: set[str] = set()
    for index, item in enumerate(items):
        key = {name: item.get(name) for name in schema.keys} if is_map(item) else item
        if dumps(key) in seen:
            found.append(errors.duplicate(f"{path}[{index}]", key))
        seen.add(dumps(key))
    return found


def _validate_rules(schema: Schema, value: Any, path: str) -> list[Cause]:
    found: list[Cause] = []
    for keyword, check in _RULES.items():
        if keyword in schema.rules:
            found += check(schema.rules[keyword], value, path)
            if found and keyword in _ENOUGH:
                break
    return found


_ENOUGH = {"maxLength", "minLength", "pattern"}
"""Keywords after whose failure a string is not looked at further."""


Check = Callable[[Any, Any, str], list[Cause]]
"""Returns what is wrong by a keyword: its value, the value in the object, and where that is."""


def _unless(kind: Any, holds: Callable[[Any, Any], Any], words: str) -> Check:
    """Return the check that something holds of values of a type and the keyword's value."""

    def check(limit: Any, value: Any, path: str) -> list[Cause]:
        if not isinstance(value, kind) or holds(value, limit):
            return []
        shown = value if isinstance(value, str | int | float) else len(value)
        why = f"{path} in body should {words.format(limit)}"
        return [errors.invalid_value(path, shown, why)]

    return check


def _enum(limit: list[Any], value: Any, path: str) -> list[Cause]:
    return [] if value in limit else [errors.unsupported(path, value, limit)]


def _all_of(limit: list[Schema], value: Any, path: str) -> list[Cause]:
    return [cause for each in limit for cause in validate(each, value, path)]


def _some_of(keyword: str) -> Check:
    """Return the check of a keyword that says how many of some schemas a value has to keep."""

    def check(limit: list[Schema], value: Any, path: str) -> list[Cause]:
        valid = sum(not validate(each, value, path) for each in limit)
        message = "must validate at least one schema (anyOf)"
        if keyword == "oneOf":
            found = f"Found {valid} valid alternatives" if valid else "Found none valid"
            message = f"must validate one and only one schema (oneOf). {found}"
        if valid == 1 or (valid and keyword == "anyOf"):
            return []
        return [Cause("FieldValueInvalid", message, path)]

    return check


def _not(limit: Schema, value: Any, path: str) -> list[Cause]:
    if validate(limit, value, path):
        return []
    return [Cause("FieldValueInvalid", "must not validate the schema (not)", path)]


def _too_long(limit: int, value: Any, path: str) -> list[Cause]:
    if not isinstance(value, str) or len(value) <= limit:
        return []
    return [Cause("FieldValueTooLong", f"Too long: may not be more than {limit} bytes", path)]


def _too_many(limit: int, value: Any, path: str) -> list[Cause]:
    if not is_list(value) or len(value) <= limit:
        return []
    message = f"Too many: {len(value)}: must have at most {limit} items"
    return [Cause("FieldValueTooMany", message, path)]


_FORMATS = {
    "date-time": r"\d{4}-[01]\d-[0-3]\d[Tt ][0-2]\d:[0-5]\d:[0-6]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)",
    "date": r"\d{4}-[01]\d-[0-3]\d",
    "uuid": r"(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}",
    "ipv4": r"(\d{1,3}\.){3}\d{1,3}",
}


def _format(limit: str, value: Any, path: str) -> list[Cause]:
    if limit not in _FORMATS or not isinstance(value, str) or re.fullmatch(_FORMATS[limit], value):
        return []
    shown = dumps(value)
    message = f"Invalid value: {shown}: {path} in body must be of type {limit}: {shown}"
    return [Cause("FieldValueTypeInvalid", message, path)]


_NUMBER = (int, float)
_RULES: dict[str, Check] = {
    "enum": _enum,
    "maxLength": _too_long,
    "minLength": _unless(str, lambda text, limit: len(text) >= limit, "be at least {} chars long"),
    "pattern": _unless(str, lambda text, limit: limit.search(text), "match '{0.pattern}'"),
    "format": _format,
    "multipleOf": _unless(_NUMBER, lambda value, limit: not value % limit, "be a multiple of {}"),
    "minimum": _unless(_NUMBER, operator.ge, "be greater than or equal to {}"),
    "maximum": _unless(_NUMBER, operator.le, "be less than or equal to {}"),
    "minItems": _unless(list, lambda items, limit: len(items) >= limit, "have at least {} items"),
    "maxItems": _too_many,
    "minProperties": _unless(
        dict, lambda value, limit: len(value) >= limit, "have at least {} properties"
    ),
    "maxProperties": _unless(
        dict, lambda value, limit: len(value) <= limit, "have at most {} properties"
    ),
    "allOf": _all_of,
    "anyOf": _some_of("anyOf"),
    "oneOf": _some_of("oneOf"),
    "not": _not,
}
