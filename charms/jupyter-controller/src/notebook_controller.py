# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the notebook controller is run.

Source: main.go and controllers/ of components/notebook-controller, Kubeflow 1.10.
"""

from __future__ import annotations

from charmkit import pebble
from charmkit.kubeflow import controller
from jupyter_controller_options import JupyterControllerConfig


def layer(config: JupyterControllerConfig, gateway: str) -> pebble.Layer:
    """Return the Pebble layer.

    Args:
        config: the options.
        gateway: the Gateway that routes are attached to.
    """
    elects = " -enable-leader-election" if config.leader_election else ""
    return controller.layer(
        "jupyter-controller",
        "the notebook controller",
        f"/manager{elects}",
        _environment(config, gateway),
    )


def _environment(config: JupyterControllerConfig, gateway: str) -> dict[str, str]:
    return {
        "CLUSTER_DOMAIN": config.cluster_domain,
        "CULL_IDLE_TIME": str(config.cull_idle_time),
        "ENABLE_CULLING": str(config.enable_culling).lower(),
        "IDLENESS_CHECK_PERIOD": str(config.idleness_check_period),
        "ISTIO_GATEWAY": gateway,
        # Which hosts reach a notebook is the Gateway's to say.
        "ISTIO_HOST": "*",
        "USE_ISTIO": str(config.use_istio).lower(),
    }
