# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Envoy's configuration: gRPC-Web in, gRPC out; JSON, which Envoy reads as well as YAML.

Source of the route: kubeflow/pipelines 2.15, third_party/metadata_envoy/envoy.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from charmkit import pebble

PATH = "/var/lib/pebble/default/envoy-config.json"
ADMIN_SOCKET = "/tmp/envoy-admin.sock"  # noqa: S108  only the container's own user is in it
OPEN_PATHS = ("/ready", "/stats/prometheus")
"""What of Envoy's administration other pods may ask for; the rest can stop it."""

_EXTENSIONS = "type.googleapis.com/envoy.extensions"
_HEADERS = (
    *("keep-alive", "user-agent", "cache-control", "content-type", "content-transfer-encoding"),
    *("custom-header-1", "x-accept-content-transfer-encoding", "x-accept-response-streaming"),
    *("x-user-agent", "x-grpc-web", "grpc-timeout"),
)

Object = dict[str, Any]


def layer(log_level: str, admin_port: int) -> pebble.Layer:
    """Return the Pebble layer; Envoy ends at once when it is stopped, with requests under way.

    Args:
        log_level: one of Envoy's log levels.
        admin_port: where `OPEN_PATHS` are.
    """
    command = f"envoy -c {PATH} --log-level {log_level}"
    return pebble.layer("envoy", command, checks=[pebble.http_check(admin_port, "/ready")])


def config(*, http_port: int, admin_port: int, server: str, server_port: int) -> str:
    """Return the configuration.

    Args:
        http_port: where browsers are served.
        admin_port: where `OPEN_PATHS` are.
        server: the ML Metadata server's host name.
        server_port: its port.
    """
    return json.dumps(
        {
            "admin": {"address": {"pipe": {"path": ADMIN_SOCKET}}},
            "static_resources": {
                "listeners": [
                    _listener("browsers", http_port, _browsers(), _grpc_web_filters()),
                    _listener("admin", admin_port, _admin(), ()),
                ],
                "clusters": [_metadata(server, server_port), _admin_cluster()],
            },
        },
        indent=1,
    )


def _listener(name: str, port: int, host: Object, filters: Iterable[Object]) -> Object:
    manager = {
        "@type": f"{_EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "codec_type": "AUTO",
        "route_config": {
            "name": name,
            "virtual_hosts": [{"name": name, "domains": ["*"], **host}],
        },
        "http_filters": [*filters, _filter("router", "Router")],
    }
    chain = {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
    address = {"socket_address": {"address": "0.0.0.0", "port_value": port}}  # noqa: S104
    return {"name": name, "address": address, "filter_chains": [{"filters": [chain]}]}


def _filter(name: str, message: str) -> Object:
    kind = f"{_EXTENSIONS}.filters.http.{name}.v3.{message}"
    return {"name": f"envoy.filters.http.{name}", "typed_config": {"@type": kind}}


def _grpc_web_filters() -> list[Object]:
    return [_filter("grpc_web", "GrpcWeb"), _filter("cors", "Cors")]


def _browsers() -> Object:
    cors = {
        "@type": f"{_EXTENSIONS}.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"safe_regex": {"regex": ".*"}}],
        "allow_methods": "GET, PUT, DELETE, POST, OPTIONS",
        "allow_headers": ",".join(_HEADERS),
        "max_age": "1728000",
        "expose_headers": "custom-header-1,grpc-status,grpc-message",
    }
    route = {
        "match": {"prefix": "/"},
        "route": {
            "cluster": "metadata",
            "max_stream_duration": {"grpc_timeout_header_max": "0s"},
        },
        "typed_per_filter_config": {"envoy.filters.http.cors": cors},
    }
    return {"routes": [route]}


def _admin() -> Object:
    return {
        "routes": [{"match": {"path": path}, "route": {"cluster": "admin"}} for path in OPEN_PATHS]
    }


def _metadata(server: str, port: int) -> Object:
    address = {"socket_address": {"address": server, "port_value": port}}
    options = f"{_EXTENSIONS}.upstreams.http.v3.HttpProtocolOptions"
    return _cluster("metadata", address) | {
        "type": "LOGICAL_DNS",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": options,
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
    }


def _admin_cluster() -> Object:
    return _cluster("admin", {"pipe": {"path": ADMIN_SOCKET}}) | {"type": "STATIC"}


def _cluster(name: str, address: Object) -> Object:
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    load = {"cluster_name": name, "endpoints": endpoints}
    return {"name": name, "connect_timeout": "5s", "load_assignment": load}
