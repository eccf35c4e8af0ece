#!/usr/bin/env python3
"""TensorBoard Controller: a server for each Tensorboard that shows the logs it names."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
from charmkit import kubeflow_controller, purge
from charmkit.interfaces import istio_gateway_info
from tensorboard_controller_options import TensorboardControllerOptions


class TensorboardControllerCharm(ops.CharmBase):
    """Runs the controller on one unit, or on every unit if they elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, TensorboardControllerOptions)
        self.peers = charmkit.Peers(self)
        self.holder = charmkit.Holder(
            self, self.peers, "the controller", applies=lambda: not self._elects()
        )
        self.gateway = charmkit.Requirer(
            self, "gateway-info", istio_gateway_info.INTERFACE, required=True
        )
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
                    self, "tensorboard-controller", self._layer, serves=self.holder.here
                ),
                charmkit.MetricsEndpoint(self, kubeflow_controller.jobs, serves=self.holder.here),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "TensorBoards")

    def _elects(self) -> bool:
        return self.options.value.leader_election

    def _context(self) -> dict[str, Any]:
        return {"election": self._elects()}

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port(f"{self.app.name}-metrics", kubeflow_controller.METRICS_PORT)]

    def _layer(self) -> charmkit.Layer:
        command = "/manager -leader-elect" if self._elects() else "/manager"
        return kubeflow_controller.layer(
            "tensorboard-controller", "the TensorBoard controller", command, self._environment()
        )

    def _environment(self) -> dict[str, str]:
        return {
            "ISTIO_GATEWAY": self.gateway.one().reference,
            # Which hosts reach a server is the Gateway's to say.
            "ISTIO_HOST": "*",
            # A volume that only one node can mount takes its server to the node where it is.
            "RWO_PVC_SCHEDULING": "True",
            "TENSORBOARD_IMAGE": self.options.value.tensorboard_image,
        }


if __name__ == "__main__":
    ops.main(TensorboardControllerCharm)
