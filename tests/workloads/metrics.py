"""What a running program exposes, beside what its charm asks for and what is recorded of it."""

from __future__ import annotations

import re

from ..observability import exposition, expressions, shipped

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="(?:[^"\\]|\\.)*"')


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
    return asked - late - labels(scraped).keys() - exposition.MADE_BY_PROMETHEUS


def mislabelled(charm: str, scraped: str) -> dict[str, set[str]]:
    """Return by metric the labels that either its record or the running program has, not both.

    Args:
        charm: Whose record in `tests/exposition` is compared.
        scraped: What the program has answered, in Prometheus' text format.
    """
    running = labels(scraped)
    recorded = {
        metric: {label for sample in samples for label in sample}
        for metric, samples in exposition.of(charm).samples.items()
    }
    both = recorded.keys() & running.keys()
    return {
        name: recorded[name] ^ running[name] for name in both if recorded[name] ^ running[name]
    }


def labels(scraped: str) -> dict[str, set[str]]:
    """Return the labels that samples of each metric have."""
    found: dict[str, set[str]] = {}
    for name, text in _SAMPLE.findall(scraped):
        found.setdefault(name, set()).update(_LABEL.findall(text))
    return found
