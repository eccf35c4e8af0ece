#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""TensorBoard Controller: a server for each Tensorboard that shows the logs it names."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
from charmkit.interfaces import istio_gateway_info
from charmkit.kubeflow import controller
from tensorboard_controller_options import TensorboardControllerConfig


class TensorboardControllerCharm(ops.CharmBase):
    """Runs the controller on one unit, or on every unit if they elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, TensorboardControllerConfig))
        self.active = add(charmkit.ActiveUnit(self, when=lambda: not self._elects()))
        self.gateway = add(istio_gateway_info.Requirer(self, required=True))
        add(charmkit.Manifests(self, context=self._context, purge="TensorBoards"))
        add(
            charmkit.ServicePorts(
                self, ports=lambda: {f"{self.app.name}-metrics": controller.METRICS_PORT}
            )
        )
        is_active = self.active.is_this_unit
        add(
            charmkit.Workload(self, "tensorboard-controller", layer=self._layer, enabled=is_active)
        )
        add(
            charmkit.Observability(self, jobs=lambda: [controller.METRICS_PORT], enabled=is_active)
        )

    def _elects(self) -> bool:
        return self.options.get().leader_election

    def _context(self) -> dict[str, Any]:
        return {"election": self._elects()}

    def _layer(self) -> charmkit.Layer:
        command = "/manager -leader-elect" if self._elects() else "/manager"
        return controller.layer(
            "tensorboard-controller", "the TensorBoard controller", command, self._environment()
        )

    def _environment(self) -> dict[str, str]:
        return {
            "ISTIO_GATEWAY": self.gateway.get().reference,
            # Which hosts reach a server is the Gateway's to say.
            "ISTIO_HOST": "*",
            # A volume that only one node can mount takes its server to the node where it is.
            "RWO_PVC_SCHEDULING": "True",
            "TENSORBOARD_IMAGE": self.options.get().tensorboard_image,
        }


if __name__ == "__main__":
    ops.main(TensorboardControllerCharm)
