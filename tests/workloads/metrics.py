"""What a running program exposes, beside what rules and dashboards of its charm ask for."""

from __future__ import annotations

import re

from ..observability import exposition, expressions, shipped

_NAME = re.compile(r"^([a-zA-Z_:][\w:]*)[ {]", re.MULTILINE)


def missing(charm: str, scraped: str) -> set[str]:
    """Return the metrics that are asked for and that a program should have from the beginning.

    Args:
        charm: Whose rules and dashboards ask.
        scraped: What the program has answered, in Prometheus' text format.
    """
    asked = {
        selector.metric
        for expression in shipped.expressions(charm)
        for selector in expressions.selectors(expression)
    }
    recorded = exposition.of(charm)
    late = {metric for metric in asked if recorded.is_lazy(metric)}
    return asked - late - set(_NAME.findall(scraped)) - exposition.MADE_BY_PROMETHEUS
