#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines viewers: a TensorBoard for each Viewer."""

from __future__ import annotations

import charmkit
import ops
from charmkit import pebble
from viewer_options import ViewerConfig

METRICS_PORT = 8080
"""Where controllers made with controller-runtime serve metrics by default."""


class KfpViewerCharm(ops.CharmBase):
    """Runs the controller on one unit: it has no election."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ViewerConfig))
        self.active = add(charmkit.ActiveUnit(self))
        add(charmkit.Manifests(self, purge="viewers"))
        is_active = self.active.is_this_unit
        add(charmkit.Workload(self, "kfp-viewer", layer=self._layer, enabled=is_active))
        add(charmkit.Observability(self))

    def _layer(self) -> charmkit.Layer:
        limit = self.options.get().max_num_viewers
        return pebble.layer(
            "controller",
            # Without a namespace it works in all of them.
            f"/bin/controller -logtostderr=true -max_num_viewers={limit} --namespace=",
            summary="viewer controller",
            checks=[pebble.http_check(METRICS_PORT, "/metrics", threshold=4)],
        )


if __name__ == "__main__":
    ops.main(KfpViewerCharm)
