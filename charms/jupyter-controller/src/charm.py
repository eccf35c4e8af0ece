#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Jupyter Controller: a notebook server for each Notebook, stopped when it is idle."""

from __future__ import annotations

from typing import Any

import charmkit
import culling_access
import notebook_controller
import ops
from charmkit.interfaces import istio_gateway_info
from charmkit.kubeflow import controller
from jupyter_controller_options import JupyterControllerConfig


class JupyterControllerCharm(ops.CharmBase):
    """Runs the controller on one unit, or on every unit if they elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, JupyterControllerConfig))
        self.active = add(charmkit.ActiveUnit(self, when=lambda: not self._elects()))
        self.gateway = add(istio_gateway_info.Requirer(self))
        add(charmkit.Manifests(self, context=self._context, purge="notebooks"))
        files = "src/manifests/culling/*.yaml.j2"
        add(charmkit.Manifests(self, "culling", context=self._culling, files=files))
        add(charmkit.ServicePorts(self, ports=lambda: {"http-metrics": controller.METRICS_PORT}))
        is_active = self.active.is_this_unit
        add(charmkit.Workload(self, "jupyter-controller", layer=self._layer, enabled=is_active))
        add(
            charmkit.Observability(self, jobs=lambda: [controller.METRICS_PORT], enabled=is_active)
        )

    def _elects(self) -> bool:
        return self.options.get().leader_election

    def _context(self) -> dict[str, Any]:
        return {"election": self._elects(), "istio": self.options.get().use_istio}

    def _culling(self) -> dict[str, Any]:
        config = self.options.get()
        enabled = config.enable_culling and config.use_istio
        return culling_access.context(self, enabled=enabled)

    def _layer(self) -> charmkit.Layer:
        gateway = controller.gateway(self.gateway, self.model.name)
        return notebook_controller.layer(self.options.get(), gateway)


if __name__ == "__main__":
    ops.main(JupyterControllerCharm)
