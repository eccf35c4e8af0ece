# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Envoy's configuration: who is served, and what of its administration is open."""

from __future__ import annotations

import json
from typing import Any

import envoy_config

CONFIG: dict[str, Any] = json.loads(
    envoy_config.config(http_port=9090, admin_port=9901, server="metadata", server_port=8080)
)
STATIC = CONFIG["static_resources"]
CLUSTERS = {cluster["name"]: cluster for cluster in STATIC["clusters"]}


def routes(listener: str) -> dict[str, str]:
    """The routes of a listener: what they match, and the cluster that they lead to."""
    (found,) = [item for item in STATIC["listeners"] if item["name"] == listener]
    manager = found["filter_chains"][0]["filters"][0]["typed_config"]
    (host,) = manager["route_config"]["virtual_hosts"]
    return {str(item["match"]): item["route"]["cluster"] for item in host["routes"]}


def address(cluster: str) -> dict[str, Any]:
    (endpoints,) = CLUSTERS[cluster]["load_assignment"]["endpoints"]
    return endpoints["lb_endpoints"][0]["endpoint"]["address"]


def test_listeners_have_the_ports_of_the_options():
    ports = {
        item["name"]: item["address"]["socket_address"]["port_value"]
        for item in STATIC["listeners"]
    }
    assert ports == {"browsers": 9090, "admin": 9901}


def test_browsers_are_led_to_the_metadata_server():
    assert routes("browsers") == {str({"prefix": "/"}): "metadata"}
    assert address("metadata")["socket_address"] == {"address": "metadata", "port_value": 8080}


def test_only_metrics_and_readiness_of_the_administration_are_open():
    """The rest of it shows the configuration, and can stop Envoy."""
    opened = {str({"path": path}): "admin" for path in ("/ready", "/stats/prometheus")}
    assert routes("admin") == opened
    assert CONFIG["admin"]["address"] == address("admin")
    assert "pipe" in address("admin")
