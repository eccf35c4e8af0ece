# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Expressions of PromQL, by its grammar: which metrics they ask for, and with which labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser
from charmkit import _alert_rules as alert_rules

TOKENS = {
    alert_rules.MATCHERS_TOKEN: 'juju_application="app"',
    "$__rate_interval": "5m",
    "$__range": "6h",
}
_CHILDREN = ("lhs", "rhs", "expr", "args", "param", "vector_selector")


@dataclass(frozen=True)
class Selector:
    """A metric in an expression.

    Attributes:
        metric: Its name.
        matchers: The label, the operator as it is written, and the value of each matcher.
        labels: Labels of the result that aggregations around it keep, and joins compare.
        absent: Whether the expression asks whether it is not there.
    """

    metric: str
    matchers: tuple[tuple[str, str, str], ...]
    labels: frozenset[str]
    absent: bool


_OPERATORS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


def parse(expression: str) -> Any:
    """Return the tree of an expression, in which the charm's and Grafana's variables may stand.

    Raises:
        ValueError: It is none.
    """
    for token, value in TOKENS.items():
        expression = expression.replace(token, value)
    return promql_parser.parse(expression)


def selectors(expression: str) -> list[Selector]:
    """Return every metric that an expression asks for."""
    return list(_selectors(parse(expression), frozenset(), absent=False))


def _selectors(node: Any, labels: frozenset[str], *, absent: bool) -> Iterator[Selector]:
    if isinstance(node, promql_parser.VectorSelector):
        matchers = tuple(_matcher(each) for each in node.matchers.matchers)
        yield Selector(node.name or "", matchers, labels, absent)
        return
    labels |= _named(node)
    called = node.func.name if isinstance(node, promql_parser.Call) else ""
    for child in _children(node):
        inner = absent or called in ("absent", "absent_over_time")
        yield from _selectors(child, labels, absent=inner)


def _matcher(matcher: Any) -> tuple[str, str, str]:
    operator = str(matcher.op).rpartition(".")[2]
    return matcher.name, _OPERATORS[operator], matcher.value


def _named(node: Any) -> frozenset[str]:
    """Return the labels of an aggregation, or of a join."""
    modifier = getattr(node, "modifier", None)
    if isinstance(node, promql_parser.AggregateExpr) and modifier:
        return frozenset(modifier.labels)
    if isinstance(node, promql_parser.BinaryExpr) and modifier and modifier.matching:
        return frozenset(modifier.matching.labels)
    return frozenset()


def _children(node: Any) -> Iterator[Any]:
    for name in _CHILDREN:
        value = getattr(node, name, None)
        for child in value if isinstance(value, list) else [value]:
            if child is not None and not isinstance(child, str | int | float):
                yield child


def kept(node: Any) -> frozenset[str] | None:
    """Return the labels that a result has, or None for all that its metrics have."""
    if isinstance(node, promql_parser.AggregateExpr):
        return frozenset(node.modifier.labels) if node.modifier else frozenset()
    if isinstance(node, promql_parser.Call) and node.func.name.startswith("absent"):
        (selector,) = selectors(node.prettify())
        return frozenset(label for label, operator, _ in selector.matchers if operator == "=")
    if isinstance(node, promql_parser.BinaryExpr) and str(node.op) == "or":
        sides = [side for side in (kept(node.lhs), kept(node.rhs)) if side is not None]
        return frozenset.intersection(*sides) if sides else None
    if isinstance(node, promql_parser.BinaryExpr | promql_parser.Call | promql_parser.ParenExpr):
        found = [kept(child) for child in _children(node)]
        return next((labels for labels in found if labels is not None), None)
    return None
