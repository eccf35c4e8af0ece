"""What a running program exposes, beside what rules and dashboards of its charm ask for."""

from __future__ import annotations

import re

from ..observability import exposition, expressions, shipped

_NAME = re.compile(r"^([a-zA-Z_:][\w:]*)[ {]", re.MULTILINE)


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
    return awaited - set(_NAME.findall(scraped)) - exposition.MADE_BY_PROMETHEUS


def unknown_labels(charm: str, scraped: str) -> dict[str, set[str]]:
    """Return the labels that `tests/exposition` has of metrics, and no sample of a program.

    Args:
        charm: Whose metrics are recorded.
        scraped: See `missing`.
    """
    exposed = exposition.parse(scraped).samples
    recorded = exposition.of(charm).samples
    differing = {
        metric: _labels(samples) - _labels(exposed[metric])
        for metric, samples in recorded.items()
        if metric in exposed
    }
    return {metric: labels for metric, labels in differing.items() if labels}


def _labels(samples: list[dict[str, str]]) -> set[str]:
    return {name for sample in samples for name in sample}
