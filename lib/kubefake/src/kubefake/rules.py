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
from .errors import Cause, invalid_value
from .evaluation import CelError, Scope
from .schema import Schema
from .values import Object, dumps, is_map

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
    """A rule of one place in a schema."""

    expression: Expression
    message: str = ""  # what is said where it is not; empty for the expression itself
    message_expression: Expression | None = None  # what makes the message; None where it is fixed
    reason: str = "FieldValueInvalid"
    path: str = ""  # the field that is blamed, below the rule's own place
    optional_old: bool = False  # `oldSelf` is optional, and the rule is for new objects too

    @property
    def transition(self) -> bool:
        """The rule compares a value with what it was."""
        return "oldSelf" in self.expression.names


def _compiled(rule: Object) -> Rule:
    """Compile a rule. Raises CelError where that cannot be done."""
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
    """Yield what is wrong with the rules of one place in a CustomResourceDefinition's schema."""
    for index, rule in enumerate(spec.get(FIELD, ())):
        where = f"{path}.{FIELD}[{index}]"
        try:
            compiled = _compiled(rule)
        except CelError as error:
            why = f"compilation failed: ERROR: {error}"
            yield invalid_value(f"{where}.rule", rule, why)
            continue
        if compiled.optional_old and not compiled.transition:
            why = "may not be set if oldSelf is not used in rule"
            yield invalid_value(f"{where}.optionalOldSelf", True, why)
        place = spec
        for name in filter(None, compiled.path.split(".")):
            place = place.get("properties", {}).get(name, {})
        if not place:
            yield invalid_value(f"{where}.fieldPath", compiled.path, "must be a valid path")


def validate(schema: Schema, new: Object, old: Object | None, found: list[Cause]) -> list[Cause]:
    """Return which rules an object breaks.

    Args:
        schema: The compiled schema.
        new: The object.
        old: The object as it is stored; None for a new one.
        found: What is wrong already: rules are not for objects that are wrong enough.
    """
    if not schema.ruled:
        return []
    if any(cause.reason in _BLOCKING for cause in found):
        return [invalid_value("<nil>", None, _SKIPPED)]
    before = ABSENT if old is None else Optional(True, old)
    return list(_broken(schema, new, before, ""))


def _broken(schema: Schema, value: Any, old: Optional, path: str) -> Iterator[Cause]:
    if not schema.ruled or value is None:
        return
    for rule in schema.validations:
        yield from _applied(_compiled(rule), dumps(schema.type), value, old, path)
    for where, key, child, item in correlation.parts(schema, value, path):
        if child is not None:
            entry = is_map(value) and key not in schema.fields
            before = correlation.before(schema, old, key, item)
            yield from _broken(child, item, before, f"{path}[{key}]" if entry else where)


def _applied(rule: Rule, kind: str, value: Any, old: Optional, path: str) -> Iterator[Cause]:
    scope = {"self": value}
    if rule.transition:
        if not rule.optional_old and not old.present:
            return
        scope["oldSelf"] = old if rule.optional_old else old.value
    elif correlation.unchanged(old, value):
        return  # what was stored before the rule was made may stay as it is
    try:
        if rule.expression.evaluate(scope) is True:
            return
        message = _message(rule, scope)
    except CelError as error:
        message = f"{error} evaluating rule: {rule.message or rule.expression.text.strip()}"
    field = f"{path}{rule.path}".removeprefix(".") or "<nil>"
    yield Cause(rule.reason, _SHOWN[rule.reason].format(kind=kind, message=message), field)


def _message(rule: Rule, scope: Scope) -> str:
    fixed = rule.message or f"failed rule: {rule.expression.text.strip()}"
    if rule.message_expression is None:
        return fixed
    try:
        return str(rule.message_expression.evaluate(scope)).strip() or fixed
    except CelError:
        return fixed
