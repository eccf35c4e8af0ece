#!/usr/bin/env python3
"""Jupyter Controller: a notebook server for each Notebook, stopped when it is idle."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
from charmkit import kubeflow_controller, purge
from charmkit.interfaces import istio_gateway_info
from jupyter_controller_options import JupyterControllerOptions


class JupyterControllerCharm(ops.CharmBase):
    """Runs the controller on one unit, or on every unit if they elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, JupyterControllerOptions)
        self.peers = charmkit.Peers(self)
        self.holder = charmkit.Holder(
            self, self.peers, "the controller", applies=lambda: not self._elects()
        )
        self.gateway = charmkit.Requirer(self, "gateway-info", istio_gateway_info.INTERFACE)
        self.manifests = charmkit.Manifests(self, self._context)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.holder,
                self.gateway,
                self.manifests,
                charmkit.ServicePorts(self, self._ports),
                charmkit.Workload(
                    self, "jupyter-controller", self._layer, serves=self.holder.here
                ),
                charmkit.MetricsEndpoint(self, kubeflow_controller.jobs, serves=self.holder.here),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "notebooks")

    def _elects(self) -> bool:
        return self.options.value.leader_election

    def _context(self) -> dict[str, Any]:
        return {"election": self._elects(), "istio": self.options.value.use_istio}

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("metrics-port", kubeflow_controller.METRICS_PORT)]

    def _layer(self) -> charmkit.Layer:
        command = "/manager -enable-leader-election" if self._elects() else "/manager"
        return kubeflow_controller.layer(
            "jupyter-controller", "the notebook controller", command, self._environment()
        )

    def _environment(self) -> dict[str, str]:
        config = self.options.value
        return {
            "CLUSTER_DOMAIN": config.cluster_domain,
            "CULL_IDLE_TIME": str(config.cull_idle_time),
            "ENABLE_CULLING": str(config.enable_culling).lower(),
            "IDLENESS_CHECK_PERIOD": str(config.idleness_check_period),
            "ISTIO_GATEWAY": kubeflow_controller.gateway(self.gateway, self.model.name),
            # Which hosts reach a notebook is the Gateway's to say.
            "ISTIO_HOST": "*",
            "USE_ISTIO": str(config.use_istio).lower(),
        }


if __name__ == "__main__":
    ops.main(JupyterControllerCharm)
