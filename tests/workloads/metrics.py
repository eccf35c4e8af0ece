"""What a running program exposes, beside what its charm asks for and what is recorded of it."""

from __future__ import annotations

from ..observability import exposition, expressions, running, shipped

mislabelled = running.mislabelled


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
    return asked - late - running.labels(scraped).keys() - exposition.MADE_BY_PROMETHEUS
