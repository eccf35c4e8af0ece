# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How Katib's controller is run.

Source: cmd/katib-controller and pkg/controller.v1beta1/consts of github.com/kubeflow/katib,
v0.19.0.
"""

from __future__ import annotations

import charmkit
import katib_config
from charmkit import pebble
from charmkit.interfaces import k8s_service

CONFIG = "/katib-config/katib-config.yaml"


def layer(model: str, database: k8s_service.PlainService, kinds: str) -> charmkit.Layer:
    """Return the Pebble layer.

    Args:
        model: the model's name.
        database: the Service that keeps measurements; a name alone is in the same model.
        kinds: the kinds of trials that are defined. The controller does not read this: it looks
            for them at its start alone, and one that comes later restarts it.
    """
    host, _, namespace = database.name.partition(".")
    environment = {
        "KATIB_CORE_NAMESPACE": model,
        "KATIB_DB_MANAGER_SERVICE_IP": host,
        "KATIB_DB_MANAGER_SERVICE_NAMESPACE": namespace or model,
        "KATIB_DB_MANAGER_SERVICE_PORT": database.port,
        "TRIAL_KINDS": kinds,
    }
    return pebble.layer(
        "katib-controller",
        f"./katib-controller --katib-config={CONFIG}",
        summary="Katib's controller",
        environment=environment,
        checks=[pebble.http_check(katib_config.HEALTH_PORT, "/readyz", threshold=4)],
    )
