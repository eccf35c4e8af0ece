#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines API: pipelines, runs, experiments and recurring runs."""

from __future__ import annotations

from typing import Any

import apiserver_settings
import charmkit
import ops
from charmkit import kube, object_store
from charmkit.interfaces import k8s_service, mysql, mysql_client
from kfp_api_options import KfpApiConfig


class KfpApiCharm(ops.CharmBase):
    """Runs the API server on every unit; its state is in the database and the object store."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, KfpApiConfig))
        self.store = add(
            object_store.ObjectStoreRelation(
                self, bucket=self._bucket, option="object-store-bucket-name"
            )
        )
        self.database = add(mysql_client.Requirer(self, data=self._database_request))
        self.older_database = add(mysql.Requirer(self))
        self.visualization = add(k8s_service.Requirer(self, "kfp-viz", required=True))
        self.manifests = add(
            charmkit.Manifests(
                self,
                context=self._context,
                list_all=[kube.SERVICE],
                legacy=apiserver_settings.LEGACY,
            )
        )
        add(charmkit.ServicePorts(self, ports=self._ports, find=self._own_service))
        add(k8s_service.Provider(self, "kfp-api", data=self._http))
        add(k8s_service.Provider(self, "kfp-api-grpc", data=self._grpc))
        add(
            charmkit.Workload(
                self,
                "apiserver",
                layer=self._layer,
                files=self._files,
                managed_dirs=[apiserver_settings.CERTIFICATES],
                last_output=apiserver_settings.LAST_OUTPUT,
            )
        )
        add(charmkit.Observability(self, jobs=lambda: [self.options.get().http_port]))

    def _bucket(self) -> str:
        return self.options.get().object_store_bucket_name

    def _database_request(self) -> mysql_client.DatabaseRequest:
        return mysql_client.DatabaseRequest(apiserver_settings.DATABASE)

    def _database(self) -> mysql_client.Database:
        if not self.older_database.relations:
            return self.database.get()
        if self.database.relations:
            raise charmkit.Blocked("remove the relation mysql: relational-db takes its place")
        for _, access in self.older_database.units():
            return access.as_database()
        raise charmkit.Waiting("relation mysql: waiting for data")

    def _context(self) -> dict[str, Any]:
        return apiserver_settings.context(self.options.get(), self.store.get(), self.app.name)

    def _own_service(self, name: str) -> dict[str, Any] | None:
        return self.manifests.get_live(kube.SERVICE, name)

    def _ports(self) -> dict[str, int]:
        config = self.options.get()
        return {
            "grpc-port": config.grpc_port,
            "http-port": config.http_port,
        }

    def _http(self) -> k8s_service.Service:
        return self._service(self.options.get().http_port)

    def _grpc(self) -> k8s_service.Service:
        return self._service(self.options.get().grpc_port)

    def _service(self, port: int) -> k8s_service.Service:
        return k8s_service.Service(f"{self.app.name}.{self.model.name}", str(port))

    def _files(self) -> dict[str, str]:
        return apiserver_settings.files(self._database(), self.store.get())

    def _layer(self) -> charmkit.Layer:
        config = self.options.get()
        environment = apiserver_settings.environment(
            config, self._database(), self.store.get(), self.visualization.get(), self.model.name
        )
        return apiserver_settings.layer(config, environment)


if __name__ == "__main__":
    ops.main(KfpApiCharm)
