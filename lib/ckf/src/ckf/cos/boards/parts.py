# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Panels that several dashboards have."""

from __future__ import annotations

from ..panels import AT_LEAST_ONE, Panel, from_on, graph, number, states, up_to

STANDBY = "How many units answer Prometheus now; one that stands by is not asked."
WEBHOOKS = (
    "How many units answer Prometheus now. Each serves the webhooks; one is elected as controller."
)
SCRAPE = "How long a scrape takes, by unit: it waits like any request."


def answering(about: str = "How many units answer Prometheus now.") -> tuple[Panel, ...]:
    """Return whether it is up, and was."""
    return (
        number("Units answering", about, "short", "sum(up{T})", AT_LEAST_ONE),
        number(
            "Availability",
            "The share of the chosen time in which at least one unit answered.",
            "percentunit",
            "avg_over_time(max(up{T})[$__range:1m])",
            from_on(0.95, 0.99),
        ),
    )


def started(metric: str = "process_start_time_seconds") -> tuple[Panel, ...]:
    """Return how long the process has run, and how often it started.

    Args:
        metric: The time of its start, in seconds since 1970.
    """
    changes = "sum(changes(max by (juju_unit) (%s{T})[$__range:1m]))"
    return (
        number(
            "Uptime",
            "How long the process that started last has run.",
            "dtdurations",
            f"time() - max({metric}{{T}})",
        ),
        number(
            "Restarts",
            "How often a process started anew in the chosen time.",
            "short",
            changes % metric,
            up_to(1, 5),
        ),
    )


def over_time() -> Panel:
    """Return which unit was up when."""
    return states(
        "Units over time",
        "Whether each unit answered Prometheus.",
        {"{{juju_unit}}": "min by (juju_unit) (up{T})"},
    )


def scrape(about: str = SCRAPE) -> Panel:
    """Return what stands in for the duration of requests where a program measures none."""
    return graph(
        "Time to answer Prometheus", about, "s", {"{{juju_unit}}": "scrape_duration_seconds{T}"}
    )


def quantiles(title: str, about: str, histogram: str, unit: str = "s") -> Panel:
    """Return the median and the 99th percentile of a histogram.

    Args:
        title: The panel's title.
        about: What is measured.
        histogram: Its buckets, with matchers.
        unit: Grafana's id of the unit.
    """
    rates = f"sum by (le) (rate({histogram}[$__rate_interval]))"
    return graph(
        title,
        f"{about}: half of them, and 99 of 100.",
        unit,
        {
            "half": f"histogram_quantile(0.5, {rates})",
            "99 %": f"histogram_quantile(0.99, {rates})",
        },
    )


def failed_share(metric: str, label: str) -> Panel:
    """Return the share of answers with status 5xx.

    Args:
        metric: The counter of answers.
        label: Its label with the status.
    """
    failed = f'sum(rate({metric}{{T,{label}=~"5.."}}[$__rate_interval]))'
    return graph(
        "Share that failed",
        "Answers with status 5xx in all; the alerts on the error budget begin at 6 %.",
        "percentunit",
        {"failed": f"({failed} or vector(0)) / sum(rate({metric}{{T}}[$__rate_interval]))"},
    )


def answered_well(metric: str, label: str) -> Panel:
    """Return the share of requests that did not fail, in the chosen time."""
    failed = f'sum(increase({metric}{{T,{label}=~"5.."}}[$__range]))'
    return number(
        "Answered well",
        "The share of requests in the chosen time that got another answer than 5xx.",
        "percentunit",
        f"1 - ({failed} or vector(0)) / sum(increase({metric}{{T}}[$__range]))",
        from_on(0.9, 0.99),
    )


def process() -> tuple[Panel, ...]:
    """Return what a process uses, by Prometheus' usual names."""
    return (
        graph(
            "CPU",
            "Cores in use, by unit.",
            "short",
            {"{{juju_unit}}": "rate(process_cpu_seconds_total{T}[$__rate_interval])"},
        ),
        graph(
            "Memory",
            "Resident memory, by unit.",
            "bytes",
            {"{{juju_unit}}": "process_resident_memory_bytes{T}"},
        ),
        graph(
            "File descriptors",
            "The share of the limit that is open, by unit.",
            "percentunit",
            {"{{juju_unit}}": "process_open_fds{T} / process_max_fds{T}"},
        ),
    )


def goroutines() -> Panel:
    """Return what is in progress in a Go program."""
    return graph(
        "Goroutines",
        "What is at work or waits in the program, by unit; steady growth is a leak.",
        "short",
        {"{{juju_unit}}": "go_goroutines{T}"},
    )


RECONCILED_WELL = number(
    "Reconciled well",
    "The share of reconciliations in the chosen time that did not fail.",
    "percentunit",
    "1 - sum(increase(controller_runtime_reconcile_errors_total{T}[$__range]))"
    " / sum(increase(controller_runtime_reconcile_total{T}[$__range]))",
    from_on(0.9, 0.99),
)
RECONCILIATIONS = graph(
    "Reconciliations",
    "How often the controller compared an object with the cluster, by how it ended.",
    "ops",
    {
        "{{controller}} {{result}}": "sum by (controller, result)"
        " (rate(controller_runtime_reconcile_total{T}[$__rate_interval]))"
    },
)
FAILED_RECONCILIATIONS = graph(
    "Failed reconciliations",
    "Those that ended with an error and are tried again.",
    "ops",
    {
        "{{controller}}": "sum by (controller)"
        " (rate(controller_runtime_reconcile_errors_total{T}[$__rate_interval]))"
    },
)
TIME_TO_RECONCILE = quantiles(
    "Time to reconcile",
    "How long it takes to handle an object",
    "controller_runtime_reconcile_time_seconds_bucket{T}",
)
TIME_IN_QUEUE = quantiles(
    "Time in queue",
    "How long objects wait before they are handled",
    "workqueue_queue_duration_seconds_bucket{T}",
)
OBJECTS_WAITING = graph(
    "Objects waiting",
    "How many objects wait in each queue.",
    "short",
    {"{{name}}": "sum by (name) (workqueue_depth{T})"},
)
RETRIES = graph(
    "Retries",
    "How often objects went back into a queue after an error.",
    "ops",
    {"{{name}}": "sum by (name) (rate(workqueue_retries_total{T}[$__rate_interval]))"},
)
WEBHOOK_CALLS = graph(
    "Webhook calls",
    "How often the API server asked, by webhook.",
    "reqps",
    {
        "{{webhook}}": "sum by (webhook)"
        " (rate(controller_runtime_webhook_requests_total{T}[$__rate_interval]))"
    },
)
FAILED_WEBHOOK_CALLS = graph(
    "Failed webhook calls",
    "Calls that were not answered well, by code; an object that is refused is answered well.",
    "reqps",
    {
        "{{webhook}} {{code}}": "sum by (webhook, code)"
        ' (rate(controller_runtime_webhook_requests_total{T,code!="200"}[$__rate_interval]))'
    },
)
TIME_OF_WEBHOOKS = quantiles(
    "Time to answer webhooks",
    "How long the API server waits for an answer",
    "controller_runtime_webhook_latency_seconds_bucket{T}",
)
CALLS = graph(
    "Calls to Kubernetes",
    "Requests to the Kubernetes API, by method.",
    "reqps",
    {"{{method}}": "sum by (method) (rate(rest_client_requests_total{T}[$__rate_interval]))"},
)
REFUSED_CALLS = graph(
    "Refused calls to Kubernetes",
    "Requests that the Kubernetes API did not answer well, by code; 404 and 409 are part of its"
    " life.",
    "reqps",
    {
        "{{method}} {{code}}": "sum by (method, code)"
        ' (rate(rest_client_requests_total{T,code!~"2.."}[$__rate_interval]))'
    },
)
