#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib DB Manager: keeps what trials measure, in a MySQL database."""

from __future__ import annotations

import charmkit
import katib_database
import ops
from charmkit.interfaces import k8s_service, mysql_client


class KatibDbManagerCharm(ops.CharmBase):
    """Serves on every unit, from one database."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.database = add(mysql_client.Requirer(self, data=_request, required=True))
        add(charmkit.Manifests(self, legacy=katib_database.LEGACY))
        add(charmkit.ServicePorts(self, ports=_ports))
        add(k8s_service.PlainProvider(self, "k8s-service-info", data=self._service))
        add(charmkit.Workload(self, "katib-db-manager", layer=self._layer))
        add(charmkit.Observability(self))

    def _service(self) -> k8s_service.PlainService:
        return k8s_service.PlainService(self.app.name, str(katib_database.PORT))

    def _layer(self) -> charmkit.Layer:
        if not self.database.relations:
            # Credentials that are withdrawn are not used any longer.
            return {"services": {}}
        database = self.database.get()
        return katib_database.layer(
            database.host, database.port, database.username, database.password
        )


def _request() -> mysql_client.DatabaseRequest:
    return mysql_client.DatabaseRequest(katib_database.DATABASE)


def _ports() -> dict[str, charmkit.Port]:
    # Istio takes a port by its name's beginning for a protocol.
    return {"grpc-api": katib_database.PORT}


if __name__ == "__main__":
    ops.main(KatibDbManagerCharm)
