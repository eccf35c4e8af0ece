# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What Kubeflow's controllers have in common: each is a manager of controller-runtime.

Source: main.go of notebook-controller, tensorboard-controller and pvcviewer-controller, in
components of github.com/kubeflow/kubeflow, version 1.10.
"""

from __future__ import annotations

from collections.abc import Mapping

from .. import pebble
from ..interfaces import istio_gateway_info

METRICS_PORT = 8080
PROBE_PORT = 8081
"""Where a manager serves metrics and answers health probes by default."""

DEFAULT_GATEWAY = "kubeflow-gateway"
"""The Gateway in the same model that routes are attached to if none is sent over the relation."""


def layer(name: str, summary: str, command: str, environment: Mapping[str, str]) -> pebble.Layer:
    """The Pebble layer of a controller, which is restarted when it does not answer.

    Args:
        name: its service's, and the beginning of its check's.
        summary: what it is.
        command: how it is run.
        environment: its settings.
    """
    checks = [pebble.http_check(PROBE_PORT, "/readyz", threshold=4)]
    return pebble.layer(name, command, summary=summary, environment=environment, checks=checks)


def gateway(endpoint: istio_gateway_info.Requirer, model: str) -> str:
    """The Gateway that routes are attached to, as a VirtualService names it.

    Args:
        endpoint: where it is sent; what is missing or malformed counts as not sent.
        model: the model's name.
    """
    for sent in endpoint.by_app().values():
        return sent.reference
    return f"{model}/{DEFAULT_GATEWAY}"
