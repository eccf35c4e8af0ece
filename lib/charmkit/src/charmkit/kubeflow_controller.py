"""What Kubeflow's controllers have in common: each is a manager of controller-runtime.

Source: main.go of notebook-controller, tensorboard-controller and pvcviewer-controller, in
components of github.com/kubeflow/kubeflow, version 1.10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import observability
from .interfaces import istio_gateway_info
from .relations import Requirer
from .workload import Layer

METRICS_PORT = 8080
PROBE_PORT = 8081
"""Where a manager serves metrics and answers health probes by default."""

DEFAULT_GATEWAY = "kubeflow-gateway"
"""The Gateway in the same model that routes are attached to if none is told by relation."""


def layer(
    name: str,
    summary: str,
    command: str,
    environment: Mapping[str, str],
    *,
    probe_port: int = PROBE_PORT,
) -> Layer:
    """The Pebble layer of a controller, which is restarted when it does not answer.

    Args:
        name: its service's, and the beginning of its check's.
        summary: what it is.
        command: how it is run.
        environment: its settings.
        probe_port: where it answers health probes.
    """
    service = {
        "override": "replace",
        "summary": summary,
        "command": command,
        "startup": "enabled",
        "environment": dict(environment),
        "on-check-failure": {f"{name}-ready": "restart"},
    }
    check = {
        "override": "replace",
        "level": "ready",
        "period": "30s",
        "threshold": 4,
        "http": {"url": f"http://localhost:{probe_port}/readyz"},
    }
    return {"services": {name: service}, "checks": {f"{name}-ready": check}}


def jobs() -> list[observability.Job]:
    """Where Prometheus finds a controller's metrics."""
    return [observability.job(METRICS_PORT)]


def gateway(endpoint: Requirer[Any, istio_gateway_info.Gateway], model: str) -> str:
    """The Gateway that routes are attached to, as a VirtualService names it.

    Args:
        endpoint: where it is told; what is not there or malformed counts as not told.
        model: the model's name.
    """
    for _, told in endpoint.each():
        return told.reference
    return f"{model}/{DEFAULT_GATEWAY}"
