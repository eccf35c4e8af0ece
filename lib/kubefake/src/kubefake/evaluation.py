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
"""An operation and its operands, such as `("select", ("name", "self"), "spec")`."""


class CelError(Exception):
    """An expression that cannot be compiled or evaluated."""


class Type(NamedTuple):
    """The type of a value."""

    name: str


TYPES = {
    name: Type(name) for name in ("bool", "double", "int", "list", "map", "null_type", "string")
}
"""The types of JSON values, by name."""

_OF_PYTHON = {
    bool: "bool",
    float: "double",
    int: "int",
    list: "list",
    dict: "map",
    type(None): "null_type",
    str: "string",
}


def evaluate(node: Node, scope: Scope) -> Any:
    """Return the value of an operation.

    Raises:
        CelError: There is none.
    """
    return _OPERATIONS[node[0]](scope, *node[1:])


def _name(scope: Scope, name: str) -> Any:
    if name not in scope:
        raise CelError(f"undeclared reference to '{name}' (in container '')")
    return scope[name]


def _select(scope: Scope, owner: Node, name: str) -> Any:
    return _at(evaluate(owner, scope), name)


def _at(value: Any, key: Any) -> Any:
    if isinstance(value, Optional):
        return Optional(True, _at(value.value, key)) if value.present else ABSENT
    if is_map(value):
        if key in value:
            return value[key]
        raise CelError(f"no such key: {key}")
    if is_list(value):
        if isinstance(key, int) and 0 <= key < len(value):
            return value[key]
        raise CelError(f"index out of bounds: {key}")
    raise CelError("no such overload")


def _index(scope: Scope, owner: Node, key: Node) -> Any:
    return _at(evaluate(owner, scope), evaluate(key, scope))


def _maybe(scope: Scope, owner: Node, key: Node) -> Optional:
    value = evaluate(owner, scope)
    if isinstance(value, Optional):
        if not value.present:
            return ABSENT
        value = value.value
    try:
        return Optional(True, _at(value, evaluate(key, scope)))
    except CelError:
        return ABSENT


def _has(scope: Scope, owner: Node, name: str) -> bool:
    value = evaluate(owner, scope)
    if isinstance(value, Optional):
        value = value.value
    return is_map(value) and name in value


def _either(scope: Scope, left: Node, right: Node, *, decisive: bool) -> bool:
    """Evaluate `||` or `&&`: one side that decides makes up for an error in the other."""
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


def _or(scope: Scope, left: Node, right: Node) -> bool:
    return _either(scope, left, right, decisive=True)


def _and(scope: Scope, left: Node, right: Node) -> bool:
    return _either(scope, left, right, decisive=False)


def _if(scope: Scope, condition: Node, then: Node, otherwise: Node) -> Any:
    return evaluate(then if evaluate(condition, scope) else otherwise, scope)


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the operation that calls a function with the values of its operands."""

    def operation(scope: Scope, *operands: Node) -> Any:
        try:
            return function(*(evaluate(each, scope) for each in operands))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise CelError("no such overload") from error

    return operation


def _call(scope: Scope, function: Callable[..., Any], *operands: Node) -> Any:
    return _strict(function)(scope, *operands)


def _list(scope: Scope, *items: Node) -> list[Any]:
    return [evaluate(each, scope) for each in items]


def _map(scope: Scope, *pairs: tuple[Node, Node]) -> dict[Any, Any]:
    return {evaluate(key, scope): evaluate(value, scope) for key, value in pairs}


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


def _divided(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        return int(left / right)  # towards zero
    return left / right


def _compared(left: Any, right: Any) -> None:
    numbers = (int, float)
    if not (isinstance(left, numbers) and isinstance(right, numbers)) and type(left) is not type(
        right
    ):
        raise TypeError


def _less(left: Any, right: Any) -> bool:
    _compared(left, right)
    return left < right


def optional(*value: Any) -> Optional:
    """Return a value as one that might be absent, or an absent one."""
    return Optional(True, *value) if value else ABSENT


def _size(value: Any) -> int:
    return len(value)


def _string(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _or_else(value: Optional, other: Any) -> Any:
    return value.value if value.present else other


def _value(value: Optional) -> Any:
    if not value.present:
        raise CelError("optional.none() dereference")
    return value.value


def _bool(value: Any) -> bool:
    return {"true": True, "false": False}[_string(value)]


def _dyn(value: Any) -> Any:
    return value


def _has_value(value: Optional) -> bool:
    return value.present


def _or_optional(value: Optional, other: Optional) -> Optional:
    return value if value.present else other


def _index_of(value: Any, part: Any) -> int:
    return value.find(part) if isinstance(value, str) else value.index(part)


def _is_sorted(items: list[Any]) -> bool:
    return items == sorted(items)


def _join(items: list[str], between: str = "") -> str:
    return between.join(items)


def _matches(text: str, pattern: str) -> bool:
    return re.search(pattern, text) is not None


def _substring(text: str, start: int, end: int | None = None) -> str:
    return text[start:end]


def _type(value: Any) -> Type:
    return TYPES[_OF_PYTHON[value.__class__]]


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


def _is_url(text: str) -> bool:
    try:
        _url(text)
    except CelError:
        return False
    return True


def _url(text: str) -> urllib.parse.SplitResult:
    """Read an absolute URL or an absolute path."""
    try:
        found = urllib.parse.urlsplit(text)
    except ValueError as error:
        raise CelError(f"URL parse error: {error}") from error
    if not found.scheme and not text.startswith("/"):
        raise CelError(f'URL parse error: parse "{text}": invalid URI for request')
    return found


def _scheme(url: urllib.parse.SplitResult) -> str:
    return url.scheme


def _host(url: urllib.parse.SplitResult) -> str:
    return url.netloc.rpartition("@")[2]


def _contains(text: str, part: str) -> bool:
    return part in text


def _in(item: Any, owner: Any) -> bool:
    return any(same(item, each) for each in owner)


def _unequal(left: Any, right: Any) -> bool:
    return not same(left, right)


def _remainder(left: int, right: int) -> int:
    return left - right * int(left / right)  # of the sign of the left


def _at_most(left: Any, right: Any) -> bool:
    return not _less(right, left)


def _more(left: Any, right: Any) -> bool:
    return _less(right, left)


def _at_least(left: Any, right: Any) -> bool:
    return not _less(left, right)


def _constant(_: Scope, value: Any) -> Any:
    return value


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "bool": _bool,
    "double": float,
    "duration": _duration,
    "dyn": _dyn,
    "int": int,
    "isURL": _is_url,
    "size": _size,
    "string": _string,
    "type": _type,
    "url": _url,
}
"""Functions by name."""

METHODS: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "endsWith": str.endswith,
    "getHost": _host,
    "getScheme": _scheme,
    "hasValue": _has_value,
    "indexOf": _index_of,
    "isSorted": _is_sorted,
    "join": _join,
    "lowerAscii": str.lower,
    "matches": _matches,
    "max": max,
    "min": min,
    "or": _or_optional,
    "orValue": _or_else,
    "replace": str.replace,
    "size": _size,
    "split": str.split,
    "startsWith": str.startswith,
    "substring": _substring,
    "sum": sum,
    "trim": str.strip,
    "upperAscii": str.upper,
    "value": _value,
}
"""Functions that are called on a value, by name."""

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "!=": _strict(_unequal),
    "%": _strict(_remainder),
    "&&": _and,
    "*": _strict(operator.mul),
    "+": _strict(operator.add),
    "-": _strict(operator.sub),
    "/": _strict(_divided),
    "<": _strict(_less),
    "<=": _strict(_at_most),
    "==": _strict(same),
    ">": _strict(_more),
    ">=": _strict(_at_least),
    "call": _call,
    "constant": _constant,
    "has": _has,
    "if": _if,
    "in": _strict(_in),
    "index": _index,
    "list": _list,
    "macro": _macro,
    "map": _map,
    "maybe": _maybe,
    "name": _name,
    "negative": _strict(operator.neg),
    "not": _strict(operator.not_),
    "select": _select,
    "||": _or,
}
