# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Demands of charms on the controller and on the storage that they are deployed with.

Sources: Juju, core/assumes (the expressions in a charm's `assumes`, and the features of a
controller) and apiserver/facades/client/application (the minimum size of a storage).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

import jujusim

from .errors import Problem
from .spec import Application

MINIMUM_JUJU = "3.6.4"
"""The oldest Juju that the platform is deployed with: every charm's `assumes` says the same."""

_EXPRESSION = re.compile(r"([a-z0-9-]+)(?:\s*(>=|<)\s*(\d+(?:\.\d+)*))?")
_FACTORS = {"M": 1, "G": 1024, "T": 1024**2, "P": 1024**3, "": 1}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([MGTP]?)(?:i?B)?")


def problems(app: Application, charm: jujusim.CharmDir) -> Iterator[Problem]:
    """Yield what the charm of an application demands and does not get."""
    yield from _assumes(app, charm)
    yield from _storage(app, charm)


def _assumes(app: Application, charm: jujusim.CharmDir) -> Iterator[Problem]:
    for expression in cast("list[Any]", charm.meta.get("assumes") or []):
        reason = unmet(expression)
        if reason:
            yield app.problem(f"its charm {reason}", "charm")


def unmet(expression: Any) -> str:
    """Return why the oldest supported Juju does not meet an expression; empty if it does.

    Args:
        expression: An entry of `assumes`: a feature, with or without a version, or a mapping with
            `any-of` or `all-of` and entries below it.
    """
    if isinstance(expression, str):
        return _unmet_feature(expression)
    (name, below), *more = cast("dict[str, Sequence[Any]]", expression).items()
    if more or name not in ("any-of", "all-of"):
        return f"assumes something that is no expression: {expression}"
    reasons = [reason for each in below if (reason := unmet(each))]
    if name == "any-of" and len(reasons) < len(below):
        return ""
    return reasons[0] if reasons else ""


def _unmet_feature(expression: str) -> str:
    found = _EXPRESSION.fullmatch(expression.strip())
    if not found:
        return f'assumes something that is no expression: "{expression}"'
    name, operator, wanted = found.groups()
    if name == "k8s-api":
        return ""
    if name != "juju":
        return f'assumes the feature "{name}", which no Kubernetes model has'
    has, wants = _version(MINIMUM_JUJU), _version(wanted or "0")
    met = has < wants if operator == "<" else has >= wants
    return "" if met else f'assumes "{expression}", the platform\'s minimum is {MINIMUM_JUJU}'


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _storage(app: Application, charm: jujusim.CharmDir) -> Iterator[Problem]:
    for name, directive in app.storage.items():
        minimum = str(charm.storage.get(name, {}).get("minimum-size") or "")
        given = _given(directive)
        if minimum and given and _mebibytes(given) < _mebibytes(minimum):
            message = f'storage "{name}" has {given}, its charm needs at least {minimum}'
            yield app.problem(message, "storage", name)


def _given(directive: str) -> str:
    """Return the size in a directive `[pool,][count,][size]`."""
    sizes = [part for part in directive.split(",") if _SIZE.fullmatch(part)]
    return next((size for size in reversed(sizes) if not size.isdecimal()), "")


def _mebibytes(size: str) -> float:
    number, unit = _SIZE.fullmatch(size.strip()).groups()  # pyright: ignore[reportOptionalMemberAccess]
    return float(number) * _FACTORS[unit]
