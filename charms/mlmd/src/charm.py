#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""ML Metadata: which runs of pipelines made which artifacts of which."""

from __future__ import annotations

from typing import Any

import charmkit
import metadata_server
import ops
from charmkit.interfaces import k8s_service, velero_backup_config
from mlmd_options import MlmdConfig


class MlmdCharm(ops.CharmBase):
    """Runs the server on the unit that holds the database."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, MlmdConfig))
        self.peers = add(charmkit.Peers(self))
        self.active = add(charmkit.ActiveUnit(self, self.peers))
        legacy = charmkit.Legacy(scopes=("svc",))
        add(charmkit.Manifests(self, context=self._context, legacy=legacy))
        add(charmkit.OpenPorts(self, ports=self._ports, peers=self.peers))
        add(
            charmkit.Workload(
                self,
                "mlmd-grpc-server",
                layer=self._layer,
                files=self._files,
                enabled=self.active.is_this_unit,
            )
        )
        add(k8s_service.PlainProvider(self, "grpc", data=self._service))
        add(velero_backup_config.Volumes(self))
        add(charmkit.Observability(self))

    def _context(self) -> dict[str, Any]:
        return {"ports": metadata_server.service_ports(self.options.get().port)}

    def _ports(self) -> list[int]:
        return [self.options.get().port]

    def _service(self) -> k8s_service.PlainService:
        return k8s_service.PlainService(metadata_server.SERVICE, str(self.options.get().port))

    def _files(self) -> dict[str, str]:
        return {metadata_server.CONFIG_PATH: metadata_server.CONFIG}

    def _layer(self) -> charmkit.Layer:
        return metadata_server.layer(self.options.get().port)


if __name__ == "__main__":
    ops.main(MlmdCharm)
