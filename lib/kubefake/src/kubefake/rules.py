# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules of custom resources in the Common Expression Language: `x-kubernetes-validations`.

https://kubernetes.io/docs/reference/using-api/cel and
k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel. The cost of a rule is not estimated.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from . import cel, correlation
from .cel import Expression
from .correlation import ABSENT, Optional
from .errors import Cause
from .evaluation import CelError, Scope
from .schema import Schema
from .values import Object, dumps, is_list, is_map

FIELD = "x-kubernetes-validations"

_BLOCKING = {
    "FieldValueNotSupported",
    "FieldValueRequired",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
}
_SKIPPED = (
    "some validation rules were not checked because the object was invalid; correct the existing "
    "errors to complete validation"
)
_SHOWN = {
    "FieldValueDuplicate": "Duplicate value: {kind}: {message}",
    "FieldValueForbidden": "Forbidden: {message}",
    "FieldValueInvalid": "Invalid value: {kind}: {message}",
    "FieldValueRequired": "Required value: {message}",
}


class Rule(NamedTuple):
    """A rule of one place in a schema.

    Attributes:
        expression: What must be true.
        message: What is said where it is not; empty for the expression itself.
        message_expression: What makes the message; None where it is fixed.
        reason: The reason of the cause.
        path: The field that is blamed, below the rule's own place.
        optional_old: `oldSelf` is an optional value, and the rule is for new objects too.
    """

    expression: Expression
    message: str = ""
    message_expression: Expression | None = None
    reason: str = "FieldValueInvalid"
    path: str = ""
    optional_old: bool = False

    @property
    def transition(self) -> bool:
        """The rule compares a value with what it was."""
        return "oldSelf" in self.expression.names


class Place(NamedTuple):
    """A value in an object, and what it was.

    Attributes:
        value: The value.
        old: The value before; absent where it cannot be told.
        path: Where it stands; empty for the object.
    """

    value: Any
    old: Optional
    path: str


def _compiled(rule: Object) -> Rule:
    """Compile a rule.

    Raises:
        CelError: It cannot be compiled.
    """
    said = rule.get("messageExpression")
    return Rule(
        cel.compile_text(rule["rule"]),
        rule.get("message", "").strip(),
        cel.compile_text(said) if said else None,
        rule.get("reason", "FieldValueInvalid"),
        rule.get("fieldPath", ""),
        bool(rule.get("optionalOldSelf")),
    )


def problems(spec: Object, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the rules of one place in a schema.

    Args:
        spec: The schema there.
        path: Where it stands in the CustomResourceDefinition.
    """
    for index, rule in enumerate(spec.get(FIELD, ())):
        where = f"{path}.{FIELD}[{index}]"
        try:
            compiled = _compiled(rule)
        except CelError as error:
            why = f"compilation failed: ERROR: {error}"
            yield _invalid(f"{where}.rule", rule, why)
            continue
        if compiled.optional_old and not compiled.transition:
            why = "may not be set if oldSelf is not used in rule"
            yield _invalid(f"{where}.optionalOldSelf", True, why)
        if compiled.path and not _declared(spec, compiled.path):
            yield _invalid(f"{where}.fieldPath", compiled.path, "must be a valid path")


def _invalid(field: str, value: Any, why: str) -> Cause:
    return Cause("FieldValueInvalid", f"Invalid value: {dumps(value)}: {why}", field)


def _declared(spec: Object, path: str) -> bool:
    for name in path.removeprefix(".").split("."):
        spec = spec.get("properties", {}).get(name, {})
    return bool(spec)


def validate(schema: Schema, new: Object, old: Object | None, found: list[Cause]) -> list[Cause]:
    """Return which rules an object breaks.

    Args:
        schema: The compiled schema.
        new: The object.
        old: The object as it is stored; None for a new one.
        found: What is wrong with the object already.
    """
    if not schema.ruled:
        return []
    if any(cause.reason in _BLOCKING for cause in found):
        return [_invalid("<nil>", None, _SKIPPED)]
    before = ABSENT if old is None else Optional(True, old)
    return list(_broken(schema, Place(new, before, "")))


def _broken(schema: Schema, place: Place) -> Iterator[Cause]:
    if not schema.ruled or place.value is None:
        return
    for rule in schema.validations:
        yield from _applied(_compiled(rule), schema, place)
    for child, part in _parts(schema, place):
        yield from _broken(child, part)


def _applied(rule: Rule, schema: Schema, place: Place) -> Iterator[Cause]:
    scope = {"self": place.value}
    if rule.transition:
        if not rule.optional_old and not place.old.present:
            return
        scope["oldSelf"] = place.old if rule.optional_old else place.old.value
    elif correlation.unchanged(place.old, place.value):
        return  # what was stored before the rule was made may stay as it is
    try:
        if rule.expression.evaluate(scope) is True:
            return
        message = _message(rule, scope)
    except CelError as error:
        message = f"{error} evaluating rule: {rule.message or rule.expression.text.strip()}"
    field = f"{place.path}{rule.path}".removeprefix(".") or "<nil>"
    shown = _SHOWN[rule.reason].format(kind=dumps(schema.type), message=message)
    yield Cause(rule.reason, shown, field)


def _message(rule: Rule, scope: Scope) -> str:
    fixed = rule.message or f"failed rule: {rule.expression.text.strip()}"
    if rule.message_expression is None:
        return fixed
    try:
        return str(rule.message_expression.evaluate(scope)).strip() or fixed
    except CelError:
        return fixed


def _parts(schema: Schema, place: Place) -> Iterator[tuple[Schema, Place]]:
    if is_map(place.value):
        for key, item in place.value.items():
            child = schema.fields.get(key)
            if child is not None:
                path = f"{place.path}.{key}" if place.path else key
                yield child, Place(item, correlation.field(place.old, key), path)
            elif schema.values is not None:
                yield (
                    schema.values,
                    Place(item, correlation.field(place.old, key), f"{place.path}[{key}]"),
                )
    elif is_list(place.value) and schema.items is not None:
        for index, item in enumerate(place.value):
            old = correlation.item(schema, place.old, item)
            yield schema.items, Place(item, old, f"{place.path}[{index}]")
