#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines visualizations: drawings of artifacts."""

from __future__ import annotations

import charmkit
import ops
from charmkit import pebble
from charmkit.interfaces import k8s_service
from viz_options import VizConfig

LISTENER = 8888
"""Where the server listens; it has no setting for it."""


class KfpVizCharm(ops.CharmBase):
    """Runs the server on every unit; it keeps nothing."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, VizConfig))
        add(
            charmkit.ServicePorts(
                self, ports=lambda: {"http": (self.options.get().http_port, LISTENER)}
            )
        )
        add(k8s_service.Provider(self, "kfp-viz", data=self._service))
        add(charmkit.Workload(self, "ml-pipeline-visualizationserver", layer=self._layer))
        add(charmkit.Observability(self))

    def _service(self) -> k8s_service.Service:
        port = self.options.get().http_port
        return k8s_service.Service(f"{self.app.name}.{self.model.name}", str(port))

    def _layer(self) -> charmkit.Layer:
        timeout = self.options.get().kernel_timeout
        # It answers nobody while it draws.
        slow = {"period": "5m", "timeout": "60s", "threshold": 3}
        return pebble.layer(
            "vis-server",
            "python3 /server.py",
            summary="visualization server",
            environment={"KERNEL_TIMEOUT": str(timeout)},
            checks=[pebble.http_check(LISTENER, "/", **slow)],
        )


if __name__ == "__main__":
    ops.main(KfpVizCharm)
