# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a running program exposes, beside what its charm asks for and what is recorded of it."""

from __future__ import annotations

from ..observability import exposition, expressions, running, shipped

mislabelled = running.mislabelled


def missing(charm: str, scraped: str, *, late: bool = False) -> set[str]:
    """Return the metrics that are asked for and that a program does not expose.

    Args:
        charm: Whose rules and dashboards ask.
        scraped: What the program has answered, in Prometheus' text format.
        late: The program has done its work, so that also those have to be there that come late.
    """
    asked = {
        selector.metric
        for expression in shipped.expressions(charm)
        for selector in expressions.selectors(expression)
    }
    recorded = exposition.of(charm)
    awaited = {metric for metric in asked if late or not recorded.is_lazy(metric)}
    return awaited - running.labels(scraped).keys() - exposition.MADE_BY_PROMETHEUS
