#!/usr/bin/env python3
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
        self.database = charmkit.Requirer(
            self, "relational-db", mysql_client.INTERFACE, _request, required=True
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.database,
                charmkit.ServicePorts(self, _ports),
                charmkit.Provider(
                    self, "k8s-service-info", k8s_service.PLAIN_INTERFACE, self._service
                ),
                charmkit.Workload(self, "katib-db-manager", self._layer),
                charmkit.LogForwarding(self),
            ],
        )

    def _service(self) -> k8s_service.PlainService:
        return k8s_service.PlainService(self.app.name, str(katib_database.PORT))

    def _layer(self) -> charmkit.Layer:
        if not self.database.relations:
            # Credentials that are withdrawn are not used any longer.
            return {"services": {}}
        database = self.database.one()
        return katib_database.layer(
            database.host, database.port, database.username, database.password
        )


def _request() -> mysql_client.DatabaseRequest:
    return mysql_client.DatabaseRequest(katib_database.DATABASE)


def _ports() -> list[charmkit.Port]:
    # Istio takes a port by its name's beginning for a protocol.
    return [charmkit.Port("grpc-api", katib_database.PORT)]


if __name__ == "__main__":
    ops.main(KatibDbManagerCharm)
