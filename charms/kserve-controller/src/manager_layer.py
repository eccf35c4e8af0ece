"""How KServe's manager is run, and what it looks for when it starts.

Source: kserve 0.15, cmd/manager/main.go and the `SetupWithManager` of its controllers.
"""

from __future__ import annotations

from collections.abc import Callable

import charmkit
from charmkit import kubeflow_controller
from serving_config import Gateways

RESTART_KEY = "CHARM_RESTART_KEY"
"""The manager does not read it: a change of it is a change of the plan, and restarts the manager."""

LOOKED_FOR = (
    "opentelemetrycollectors.opentelemetry.io",
    "scaledobjects.keda.sh",
    "services.serving.knative.dev",
    "virtualservices.networking.istio.io",
)
"""Definitions of resources that the manager works with only if they are there when it starts."""

ROUTES = "httproutes.gateway.networking.k8s.io"
"""The definition that it ends without, if its gateway is one of the Gateway API."""


def definitions(is_defined: Callable[[str], bool], gateways: Gateways) -> list[str]:
    """Return which of the definitions that the manager looks for are there.

    Args:
        is_defined: tells of a definition whether it is there.
        gateways: by which gateways models are reached.

    Raises:
        charmkit.Waiting: if it would not start.
    """
    if gateways.has_gateway_api and not is_defined(ROUTES):
        raise charmkit.Waiting("waiting for the Gateway API's resource definitions")
    return [name for name in LOOKED_FOR if is_defined(name)]


def layer(namespace: str, port: int, restart_key: str) -> charmkit.Layer:
    """Return the Pebble layer.

    Args:
        namespace: the model's name.
        port: where the webhooks are served.
        restart_key: what changes whenever the manager has to start again.
    """
    command = (
        f"/manager --metrics-addr=:{kubeflow_controller.METRICS_PORT}"
        f" --health-probe-addr=:{kubeflow_controller.PROBE_PORT}"
        f" --webhook-port={port} --leader-elect"
    )
    environment = {
        "POD_NAMESPACE": namespace,
        "SECRET_NAME": "kserve-webhook-server-cert",
        RESTART_KEY: restart_key,
    }
    return kubeflow_controller.layer(
        "kserve-controller", "KServe's manager", command, environment
    )
