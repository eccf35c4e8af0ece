# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a running program exposes, beside what its charm asks for and what is recorded of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from ..observability import exposition, expressions, running, shipped
from . import cluster


def scrape(pod: Any, jobs: list[Any]) -> tuple[int, str]:
    """Ask for metrics as Prometheus does by its jobs, of units and of Services.

    Returns:
        The worst status, and what all expose.
    """
    answers = [
        _ask(pod, target, job.get("metrics_path", "/metrics"))
        for job in jobs
        for static in job["static_configs"]
        for target in static["targets"]
    ]
    return max(status for status, _ in answers), "\n".join(text for _, text in answers)


def _ask(pod: Any, target: str, path: str) -> tuple[int, str]:
    host, _, port = target.rpartition(":")
    if host == "*":
        return pod.http(int(port), path)
    node = pod.node
    return cluster.fetch(node.network, int(port), path, host=node.hosts()[host])


def check(
    pod: Any, charm: str, scrape: Callable[[], tuple[int, str]], *, late: bool = False
) -> None:
    """Assert that a program exposes what is asked for, once all that counts in it has started.

    Args:
        pod: Where the program runs, which waits.
        charm: Whose rules and dashboards ask.
        scrape: Returns an HTTP status and metrics in Prometheus' text format.
        late: The program has done its work, so that also those have to be there that come late.
    """
    status, text = 0, ""

    def complete() -> bool:
        nonlocal status, text
        with contextlib.suppress(OSError):
            status, text = scrape()
        return status == 200 and not _missing(charm, text, late)

    try:
        pod.wait(complete)
    finally:
        assert (status, _missing(charm, text, late)) == (200, set())
    assert not running.mislabelled(charm, text)


def _missing(charm: str, scraped: str, late: bool) -> set[str]:
    asked = {
        selector.metric
        for expression in shipped.expressions(charm)
        for selector in expressions.selectors(expression)
    }
    recorded = exposition.of(charm)
    awaited = {metric for metric in asked if late or not recorded.is_lazy(metric)}
    return awaited - running.labels(scraped).keys() - exposition.MADE_BY_PROMETHEUS
