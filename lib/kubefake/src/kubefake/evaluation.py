# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What expressions in the Common Expression Language are worth: operations and functions.

Errors are values to `&&` and `||` only: there a side that decides makes up for the other.
"""

import datetime
import operator
import re
import urllib.parse
from collections.abc import Callable
from typing import Any, NamedTuple

from .correlation import ABSENT, Optional
from .values import is_list, is_map, same

Scope = dict[str, Any]
"""The values of variables."""

Node = tuple[Any, ...]
"""An operation and its operands, such as `("name", "self")` or `("call", len, ("name", "self"))`.

A call evaluates its operands first; the other operations are those of `_OPERATIONS`.
"""


class CelError(Exception):
    """An expression that cannot be compiled or evaluated."""


class Type(NamedTuple):
    """The type of a value."""

    name: str


_OF_PYTHON = {
    bool: "bool", float: "double", int: "int", list: "list", dict: "map", type(None): "null_type",
    str: "string",
}  # fmt: skip
TYPES = {name: Type(name) for name in _OF_PYTHON.values()}
"""The types of JSON values, by name."""


def evaluate(node: Node, scope: Scope) -> Any:
    """Return the value of an operation. Raises CelError where there is none."""
    return _OPERATIONS[node[0]](scope, *node[1:])


def _call(scope: Scope, function: Callable[..., Any], *operands: Node) -> Any:
    try:
        return function(*(evaluate(each, scope) for each in operands))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise CelError("no such overload") from error


def _constant(_: Scope, value: Any) -> Any:
    return value


def _name(scope: Scope, name: str) -> Any:
    if name not in scope:
        raise CelError(f"undeclared reference to '{name}' (in container '')")
    return scope[name]


def _if(scope: Scope, condition: Node, then: Node, otherwise: Node) -> Any:
    return evaluate(then if evaluate(condition, scope) else otherwise, scope)


def _either(scope: Scope, decisive: bool, left: Node, right: Node) -> bool:
    """Evaluate `||` (true decides) or `&&`; a side that decides makes up for an error."""
    failure: CelError | None = None
    for side in (left, right):
        try:
            value = evaluate(side, scope)
        except CelError as error:
            failure = failure or error
            continue
        if not isinstance(value, bool):
            raise CelError("no such overload")
        if value is decisive:
            return decisive
    if failure:
        raise failure
    return not decisive


def _macro(scope: Scope, name: str, owner: Node, variable: str, *body: Node) -> Any:
    value = evaluate(owner, scope)

    def of(item: Any, node: Node) -> Any:
        return evaluate(node, {**scope, variable: item})

    if name == "optMap":
        return Optional(True, of(value.value, body[0])) if value.present else ABSENT
    items: list[Any] = list(value)
    if name == "map":
        kept = [item for item in items if len(body) == 1 or of(item, body[0])]
        return [of(item, body[-1]) for item in kept]
    found = [item for item in items if of(item, body[0])]
    answers = {"all": len(found) == len(items), "exists": bool(found), "filter": found}
    return answers.get(name, len(found) == 1)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": _call,
    "constant": _constant,
    "either": _either,
    "if": _if,
    "macro": _macro,
    "name": _name,
}


def at(owner: Any, key: Any) -> Any:
    """Return a field, a value of a map or an item of a list."""
    if isinstance(owner, Optional):
        return Optional(True, at(owner.value, key)) if owner.present else ABSENT
    if is_map(owner):
        if key in owner:
            return owner[key]
        raise CelError(f"no such key: {key}")
    if is_list(owner):
        if isinstance(key, int) and 0 <= key < len(owner):
            return owner[key]
        raise CelError(f"index out of bounds: {key}")
    raise CelError("no such overload")


def maybe(owner: Any, key: Any) -> Optional:
    """Return what `at` returns as a value that may be absent."""
    try:
        found = at(owner, key)
    except CelError:
        return ABSENT
    return found if isinstance(owner, Optional) else Optional(True, found)


def has(owner: Any, key: Any) -> bool:
    """Tell whether a field is there."""
    value = owner.value if isinstance(owner, Optional) else owner
    return is_map(value) and key in value


def optional(*value: Any) -> Optional:
    """Return a value as one that might be absent, or an absent one."""
    return Optional(True, *value) if value else ABSENT


def listed(*items: Any) -> list[Any]:
    """Return a list of its items."""
    return list(items)


def mapped(*parts: Any) -> dict[Any, Any]:
    """Return a map of keys and values that alternate."""
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _less(left: Any, right: Any) -> bool:
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if not numbers and type(left) is not type(right):
        raise TypeError
    return left < right


def _divided(left: Any, right: Any) -> Any:
    whole = isinstance(left, int) and isinstance(right, int)
    return int(left / right) if whole else left / right  # towards zero


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": same,
    "!=": lambda left, right: not same(left, right),
    "<": _less,
    "<=": lambda left, right: not _less(right, left),
    ">": lambda left, right: _less(right, left),
    ">=": lambda left, right: not _less(left, right),
    "in": lambda item, owner: any(same(item, each) for each in owner),
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "%": lambda left, right: left - right * int(left / right),  # of the sign of the left
}
"""Operators between two values but `&&` and `||`, which do not need both."""

_UNITS = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "\u00b5s": 1e-6, "ns": 1e-9}
_PARTS = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|\u00b5s|ns|m|s)")


def _duration(text: str) -> datetime.timedelta:
    """Read a duration as Go writes it, such as `1h30m`."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
    parts = _PARTS.findall(rest)
    if "".join(number + unit for number, unit in parts) != rest or not rest:
        raise CelError(f"invalid duration: {text}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    return datetime.timedelta(seconds=sign * seconds)


def _url(text: str) -> urllib.parse.SplitResult:
    """Read an absolute URL or an absolute path."""
    try:
        found = urllib.parse.urlsplit(text)
    except ValueError as error:
        raise CelError(f"URL parse error: {error}") from error
    if not found.scheme and not text.startswith("/"):
        raise CelError(f'URL parse error: parse "{text}": invalid URI for request')
    return found


def _is_url(text: str) -> bool:
    try:
        return bool(_url(text))
    except CelError:
        return False


def _string(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(value: Optional) -> Any:
    if not value.present:
        raise CelError("optional.none() dereference")
    return value.value


def _substring(text: str, start: int, end: int | None = None) -> str:
    return text[start:end]


def _join(items: list[str], between: str = "") -> str:
    return between.join(items)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "bool": lambda value: {"true": True, "false": False}[_string(value)],
    "double": float,
    "duration": _duration,
    "dyn": lambda value: value,
    "int": int,
    "isURL": _is_url,
    "size": len,
    "string": _string,
    "type": lambda value: TYPES[_OF_PYTHON[value.__class__]],
    "url": _url,
}
"""Functions by name."""

_OF_ONE: dict[str, Callable[[Any], Any]] = {
    "getHost": lambda url: url.netloc.rpartition("@")[2],
    "getScheme": lambda url: url.scheme,
    "hasValue": lambda value: value.present,
    "isSorted": lambda items: items == sorted(items),
    "lowerAscii": str.lower,
    "max": max,
    "min": min,
    "size": len,
    "sum": sum,
    "trim": str.strip,
    "upperAscii": str.upper,
    "value": _value,
}
_OF_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "contains": lambda text, part: part in text,
    "endsWith": lambda text, part: text.endswith(part),
    "indexOf": lambda value, part: (
        value.find(part) if isinstance(value, str) else value.index(part)
    ),
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
    "or": lambda value, other: value if value.present else other,
    "orValue": lambda value, other: value.value if value.present else other,
    "startsWith": lambda text, part: text.startswith(part),
}
METHODS: dict[str, Callable[..., Any]] = {
    **_OF_ONE, **_OF_TWO,
    "join": _join, "replace": str.replace, "split": str.split, "substring": _substring,
}  # fmt: skip
"""Functions that are called on a value, by name."""
