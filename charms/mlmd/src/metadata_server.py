# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the ML Metadata server is started, and where it is found."""

from __future__ import annotations

from typing import Any

from charmkit import pebble

SERVICE = "metadata-grpc-service"
"""The Service's name; the launcher and the driver of pipelines know no other."""

KNOWN_PORT = 8080
"""The Service's port; they know no other either. Source: kubeflow/pipelines 2.15,
backend/src/v2/metadata/env.go."""

CONFIG_PATH = "/config/config.proto"
CONFIG = 'connection_config: {sqlite: {filename_uri: "file:/data/mlmd.db"}}\n'
"""The database file on the volume, as the published charm has it."""


def layer(port: int) -> pebble.Layer:
    """Return the Pebble layer; the database of an older server is migrated at the start.

    Args:
        port: where the server listens.
    """
    command = (
        f"bin/metadata_store_server --metadata_store_server_config_file={CONFIG_PATH}"
        f" --grpc_port={port} --enable_database_upgrade=true"
    )
    checks = [pebble.tcp_check(port)]
    return pebble.layer("mlmd", command, summary="ML Metadata server", checks=checks)


def service_ports(port: int) -> list[dict[str, Any]]:
    """Return the ports of the Service: the one of the option, and the one that steps know."""
    names = {port: "grpc-api"} | ({} if port == KNOWN_PORT else {KNOWN_PORT: "grpc"})
    return [
        {"name": name, "port": number, "targetPort": port, "protocol": "TCP"}
        for number, name in names.items()
    ]
