#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines metadata writer: the artifacts of steps go into the metadata store."""

from __future__ import annotations

import charmkit
import ops
from charmkit import pebble
from charmkit.interfaces import k8s_service

STORE_PORT = 8080
"""The port at which the writer looks for the metadata store; it has no setting for it."""


class KfpMetadataWriterCharm(ops.CharmBase):
    """Runs the writer on one unit: it has no election, and two would write everything twice."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.active = add(charmkit.ActiveUnit(self))
        self.store = add(k8s_service.PlainRequirer(self, "grpc", required=True))
        add(charmkit.Manifests(self))
        is_active = self.active.is_this_unit
        add(charmkit.Workload(self, "kfp-metadata-writer", layer=self._layer, enabled=is_active))
        add(charmkit.Observability(self))

    def _layer(self) -> charmkit.Layer:
        # It composes the store's host itself; the relation says that there is a store.
        self.store.get()
        host = f"metadata-grpc-service.{self.model.name}.svc.cluster.local"
        reaches = f"bash -c ': >/dev/tcp/{host}/{STORE_PORT}'"
        return pebble.layer(
            "kfp-metadata-writer",
            "python3 -u /kfp/metadata_writer/metadata_writer.py",
            summary="metadata writer",
            # Without a namespace it watches all of them.
            environment={"NAMESPACE_TO_WATCH": "", "POD_NAMESPACE": self.model.name},
            checks=[
                pebble.exec_check(
                    reaches, name="kfp-metadata-writer-reaches-mlmd", threshold=3, restart=False
                )
            ],
        )


if __name__ == "__main__":
    ops.main(KfpMetadataWriterCharm)
