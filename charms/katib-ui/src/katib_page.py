# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the server of Katib's page is run.

Source: cmd/ui and pkg/ui/v1beta1 of github.com/kubeflow/katib, v0.19.0.
"""

from __future__ import annotations

import charmkit
from charmkit import pebble
from charmkit.interfaces import k8s_service

PREFIX = "/katib/"

DATABASE_MANAGER = k8s_service.PlainService("katib-db-manager", "6789")
"""Where measurements are if no relation says so."""


def layer(port: int, model: str, database: k8s_service.PlainService) -> charmkit.Layer:
    """Return the Pebble layer.

    Args:
        port: where the page is served.
        model: the model's name.
        database: the Service that keeps measurements; a name alone is in the same model.
    """
    host = database.name if "." in database.name else f"{database.name}.{model}"
    environment = {
        # By default it asks nobody whether they may: everybody sees everything.
        "APP_DISABLE_AUTH": "false",
        "KATIB_CORE_NAMESPACE": model,
        "USERID_HEADER": "kubeflow-userid",
        # By default the first colon is taken out of the user's name.
        "USERID_PREFIX": "",
    }
    return pebble.layer(
        "katib-ui",
        f"./katib-ui --port={port} --db-manager-address={host}:{database.port}",
        summary="Katib's page",
        environment=environment,
        working_dir="/app",
        checks=[pebble.http_check(port, PREFIX)],
    )
