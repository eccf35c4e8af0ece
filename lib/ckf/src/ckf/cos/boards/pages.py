# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Dashboards of what users see: the login and the pages."""

from __future__ import annotations

from ..panels import Board, Panel, graph, label, number, up_to
from . import parts

_LOGINS = "60 * sum(rate(http_requests_total{T,%s}[$__rate_interval]))"

DEX = Board(
    charm="dex-auth",
    title="Dex",
    about="Login: is it up, who asks, what is refused, what fails.",
    status=(
        *parts.answering(),
        *parts.started(),
        label(
            "Version",
            "The version that runs.",
            "version",
            "max by (version) (dex_build_info{T})",
        ),
        parts.answered_well("http_requests_total", "code"),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Requests",
            "HTTP requests, by what is asked for; health checks are left out.",
            "reqps",
            {
                "{{handler}}": "sum by (handler)"
                ' (rate(http_requests_total{T,handler!="/healthz"}[$__rate_interval]))'
            },
        ),
        graph(
            "Answers",
            "HTTP answers, by status code.",
            "reqps",
            {"{{code}}": "sum by (code) (rate(http_requests_total{T}[$__rate_interval]))"},
        ),
    ),
    errors=(
        parts.failed_share("http_requests_total", "code"),
        graph(
            "Failed requests",
            "Answers with status 5xx: Dex itself fails, or what it depends on.",
            "reqps",
            {
                "{{handler}} {{code}}": "sum by (handler, code)"
                ' (rate(http_requests_total{T,code=~"5.."}[$__rate_interval]))'
            },
        ),
    ),
    duration=(
        parts.scrape(
            "Dex measures no request times; how long it takes to tell its metrics stands in for"
            " them."
        ),
        graph(
            "Garbage collection",
            "The share of time spent on it, by unit.",
            "percentunit",
            {"{{juju_unit}}": "rate(go_gc_duration_seconds_sum{T}[$__rate_interval])"},
        ),
    ),
    saturation=(*parts.process(), parts.goroutines()),
    special=(
        graph(
            "Logins",
            "Steps of a login per minute: begun, come back from a connector, ended with a token.",
            "opm",
            {
                "begun": _LOGINS % 'handler="/auth"',
                "from a connector": _LOGINS % 'handler=~"/callback.*"',
                "token issued": _LOGINS % 'handler="/token",code="200"',
            },
        ),
        graph(
            "Refused logins",
            "Wrong passwords per minute, and wrong client secrets at /token.",
            "opm",
            {
                "{{handler}}": "60 * sum by (handler)"
                ' (rate(http_requests_total{T,code="401"}[$__rate_interval]))'
            },
        ),
    ),
)

_ANSWERS = "rest_http_request_total{T%s}[$__rate_interval]"
_TOOK = "rate(rest_http_request_duration_seconds_%s{T}[$__rate_interval])"
CENTRAL = Board(
    charm="kubeflow-dashboard",
    title="Dashboard",
    about="The users' start page: is it up, what is asked of it, what fails, how fast it answers.",
    status=(
        *parts.answering(),
        *parts.started(),
        label("Version", "The version that runs.", "version", "max by (version) (app_info{T})"),
        parts.answered_well("rest_http_request_total", "status"),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Requests",
            "HTTP requests, by part of the server: its API, or empty for pages and files.",
            "reqps",
            {"{{path}}": f"sum by (path) ({_TOOK % 'count'})"},
        ),
        graph(
            "Answers",
            "HTTP answers, by status code.",
            "reqps",
            {"{{status}}": "sum by (status) (rate(" + _ANSWERS % "" + "))"},
        ),
    ),
    errors=(
        parts.failed_share("rest_http_request_total", "status"),
        graph(
            "Failed requests",
            "Answers with status 5xx: the dashboard itself fails, or what it asks.",
            "reqps",
            {
                "{{method}} {{status}}": "sum by (method, status)"
                " (rate(" + _ANSWERS % ',status=~"5.."' + "))"
            },
        ),
        graph(
            "Refused requests",
            "Answers with status 4xx: asked for what is not there or not allowed.",
            "reqps",
            {
                "{{method}} {{status}}": "sum by (method, status)"
                " (rate(" + _ANSWERS % ',status=~"4.."' + "))"
            },
        ),
    ),
    duration=(
        graph(
            "Time to answer",
            "The average, by unit. The metric's name says seconds, its values are milliseconds.",
            "ms",
            {
                "{{juju_unit}}": f"sum by (juju_unit) ({_TOOK % 'sum'})"
                f" / sum by (juju_unit) ({_TOOK % 'count'})"
            },
        ),
    ),
    saturation=parts.process(),
    special=(
        graph(
            "Event loop",
            "How late the process gets to its next task, the 99th percentile. High means that it"
            " lacks CPU.",
            "s",
            {"{{juju_unit}}": "nodejs_eventloop_lag_p99_seconds{T}"},
        ),
        graph(
            "Heap",
            "Memory in use by the programs, by unit.",
            "bytes",
            {"{{juju_unit}}": "nodejs_heap_size_used_bytes{T}"},
        ),
        graph(
            "Garbage collection",
            "The share of time spent on it, by unit.",
            "percentunit",
            {
                "{{juju_unit}}": "sum by (juju_unit)"
                " (rate(nodejs_gc_duration_seconds_sum{T}[$__rate_interval]))"
            },
        ),
    ),
)

_FLASK = "flask_http_request_total{T%s}[$__rate_interval]"
_FLASK_TOOK = "rate(flask_http_request_duration_seconds_%s{T}[$__rate_interval])"


def _web_app(charm: str, title: str, things: str) -> Board:
    return Board(
        charm=charm,
        title=title,
        about=f"The page for {things}: is it up, what is asked of it, what fails, how fast it"
        " answers.",
        status=(
            *parts.answering(),
            *parts.started("gunicorn_start_time_seconds"),
            parts.answered_well("flask_http_request_total", "status"),
            parts.over_time(),
        ),
        rate=(
            graph(
                "Requests",
                "HTTP requests, by what is asked for; health checks are among them.",
                "reqps",
                {"{{url_rule}}": f"sum by (url_rule) ({_FLASK_TOOK % 'count'})"},
            ),
            graph(
                "Answers",
                "HTTP answers, by status code.",
                "reqps",
                {"{{status}}": "sum by (status) (rate(" + _FLASK % "" + "))"},
            ),
        ),
        errors=(
            parts.failed_share("flask_http_request_total", "status"),
            *(_flask_errors(*row) for row in _FLASK_ERRORS),
        ),
        duration=(
            parts.quantiles(
                "Latency",
                "How long requests take",
                "flask_http_request_duration_seconds_bucket{T}",
            ),
            graph(
                "Time by route",
                "The average, by what is asked for.",
                "s",
                {
                    "{{url_rule}}": f"sum by (url_rule) ({_FLASK_TOOK % 'sum'})"
                    f" / sum by (url_rule) ({_FLASK_TOOK % 'count'})"
                },
            ),
            parts.scrape("How long a scrape takes, by unit: it waits for a free worker."),
        ),
        saturation=(
            graph(
                "CPU",
                "Cores in use by the workers, by unit.",
                "short",
                {
                    "{{juju_unit}}": "sum by (juju_unit)"
                    " (rate(gunicorn_workers_cpu_seconds{T}[$__rate_interval]))"
                },
            ),
            graph(
                "Memory",
                "The highest memory of each worker, summed up, by unit.",
                "bytes",
                {"{{juju_unit}}": "gunicorn_workers_memory_bytes{T}"},
            ),
        ),
        special=(
            number(
                "Lost workers",
                "How many of a server's three workers had to be replaced in the chosen time.",
                "short",
                "sum(increase(gunicorn_worker_starts_total{T}[$__range]))",
                up_to(1, 5),
            ),
        ),
    )


_FLASK_ERRORS = (
    ("Failed requests", "5", "the server itself fails, or the Kubernetes API"),
    ("Refused requests", "4", "401 for nobody's login, 403 for what the user may not do"),
)


def _flask_errors(title: str, digit: str, why: str) -> Panel:
    matcher = f',status=~"{digit}.."'
    query = "sum by (method, status) (rate(" + _FLASK % matcher + "))"
    about = f"Answers with status {digit}xx: {why}."
    return graph(title, about, "reqps", {"{{method}} {{status}}": query})


BOARDS = (
    DEX,
    CENTRAL,
    _web_app("jupyter-ui", "Notebooks", "notebooks"),
    _web_app("kubeflow-volumes", "Volumes", "volumes"),
    _web_app("tensorboards-web-app", "TensorBoards", "TensorBoards"),
)
