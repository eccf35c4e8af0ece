#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines viewers: a TensorBoard for each Viewer."""

from __future__ import annotations

import dataclasses

import charmkit
import ops
from charmkit import config, pebble

METRICS_PORT = 8080
"""Where controllers made with controller-runtime serve metrics by default."""


def _viewers(raw: int) -> int:
    if (raw or 0) < 1:
        raise ValueError(raw)
    return raw


@dataclasses.dataclass(frozen=True)
class ViewerConfig:
    """The options, parsed."""

    max_num_viewers: int = config.custom(_viewers, "a number from 1", invalid_example=0)


class KfpViewerCharm(ops.CharmBase):
    """Runs the controller on one unit: it has no election."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ViewerConfig))
        self.peers = add(charmkit.Peers(self))
        self.active = add(charmkit.ActiveUnit(self, self.peers))
        self.manifests = add(charmkit.Manifests(self))
        is_active = self.active.is_this_unit
        add(charmkit.Workload(self, "kfp-viewer", layer=self._layer, enabled=is_active))
        add(charmkit.LogForwarding(self))
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        charmkit.purge_definitions(event, self.manifests, "viewers")

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
