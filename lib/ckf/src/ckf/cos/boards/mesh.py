# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Dashboards of the mesh: its control plane and its gateway."""

from __future__ import annotations

from ..panels import Board, from_on, graph, number
from . import parts

_REQUESTS = 'istio_requests_total{T,reporter="source"%s}[$__rate_interval]'

PILOT = Board(
    charm="istio-pilot",
    title="Istio",
    about="The control plane of the mesh: is it up, what it sends, what is refused, how fast it"
    " is.",
    status=(
        *parts.answering("How many targets of istiod answer Prometheus now."),
        *parts.started(),
        number("Proxies", "How many proxies are connected.", "short", "sum(pilot_xds{T})"),
        number(
            "Root certificate",
            "How long the root certificate of the mesh is valid.",
            "dtdurations",
            "min(citadel_server_root_cert_expiry_timestamp{T}) - time()",
            from_on(2592000, 7776000),
        ),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Pushes",
            "Configuration sent to proxies, by what it is about.",
            "ops",
            {"{{type}}": "sum by (type) (rate(pilot_xds_pushes{T}[$__rate_interval]))"},
        ),
        graph(
            "Pods injected",
            "Pods that were given a proxy.",
            "ops",
            {"injected": "sum(rate(sidecar_injection_success_total{T}[$__rate_interval]))"},
        ),
    ),
    errors=(
        graph(
            "Refused by proxies",
            "Configuration that a proxy did not take.",
            "ops",
            {"refused": "sum(rate(pilot_total_xds_rejects{T}[$__rate_interval]))"},
        ),
        graph(
            "Refused by the webhook",
            "Objects of Istio that are not valid.",
            "ops",
            {"refused": "sum(rate(galley_validation_failed{T}[$__rate_interval]))"},
        ),
        graph(
            "Pods not injected",
            "Pods for which no proxy could be made.",
            "ops",
            {"failed": "sum(rate(sidecar_injection_failure_total{T}[$__rate_interval]))"},
        ),
    ),
    duration=(
        parts.quantiles(
            "Convergence",
            "How long it takes until a change has reached the proxies",
            "pilot_proxy_convergence_time_bucket{T}",
        ),
    ),
    saturation=(*parts.process(), parts.goroutines()),
    special=(
        graph(
            "Duplicate clusters",
            "Clusters that two services would make under one name.",
            "short",
            {"duplicates": "sum(pilot_duplicate_envoy_clusters{T})"},
        ),
    ),
)

GATEWAY = Board(
    charm="istio-gateway",
    title="Istio gateway",
    about="The platform's door: is it open, who is asked for, what fails, how fast it answers.",
    status=(
        *parts.answering("How many targets of the gateway answer Prometheus now."),
        number(
            "Uptime",
            "How long the proxy that started last has run.",
            "dtdurations",
            "min(envoy_server_uptime{T})",
        ),
        parts.answered_well("istio_requests_total", "response_code"),
        parts.over_time(),
    ),
    rate=(
        graph(
            "Requests",
            "Requests through the gateway, by the service that they are for.",
            "reqps",
            {
                "{{destination_service_name}}": "sum by (destination_service_name)"
                " (rate(" + _REQUESTS % "" + "))"
            },
        ),
        graph(
            "Answers",
            "Answers, by status code.",
            "reqps",
            {"{{response_code}}": "sum by (response_code) (rate(" + _REQUESTS % "" + "))"},
        ),
    ),
    errors=(
        parts.failed_share("istio_requests_total", "response_code"),
        graph(
            "Failed requests",
            "Answers with status 5xx, by service and by what the proxy says of them.",
            "reqps",
            {
                "{{destination_service_name}} {{response_flags}}": "sum by"
                " (destination_service_name, response_flags)"
                " (rate(" + _REQUESTS % ',response_code=~"5.."' + "))"
            },
        ),
    ),
    duration=(
        parts.quantiles(
            "Time to answer",
            "How long requests take; those that become websockets are left out",
            'istio_request_duration_milliseconds_bucket{T,response_code!="101"}',
            "ms",
        ),
        graph(
            "Slowest services",
            "The 99th percentile by service.",
            "ms",
            {
                "{{destination_service_name}}": "histogram_quantile(0.99, sum by (le,"
                " destination_service_name) (rate(istio_request_duration_milliseconds_bucket"
                '{T,response_code!="101"}[$__rate_interval])))'
            },
        ),
    ),
    saturation=(
        graph(
            "Memory",
            "Memory that the proxies have allocated.",
            "bytes",
            {"allocated": "sum(envoy_server_memory_allocated{T})"},
        ),
        graph(
            "Connections",
            "Open connections of the proxies.",
            "short",
            {"open": "sum(envoy_server_total_connections{T})"},
        ),
    ),
)

BOARDS = (PILOT, GATEWAY)
