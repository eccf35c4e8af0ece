#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""MinIO: object storage for pipelines, models and artifacts."""

from __future__ import annotations

import charmkit
import minio_workload
import ops
from charmkit import observability, pebble
from charmkit.interfaces import object_storage, velero_backup_config
from minio_options import MinioConfig


class MinioCharm(ops.CharmBase):
    """Runs MinIO on the unit that holds the data, or on every unit in gateway mode."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, MinioConfig))
        self.peers = add(charmkit.Peers(self))
        self.active = add(charmkit.ActiveUnit(self, self.peers, when=self._keeps_data))
        self.password = add(
            charmkit.GeneratedSecret(self, self.peers, "root-password", create=self._new_password)
        )
        add(charmkit.OpenPorts(self, ports=self._ports, peers=self.peers))
        self.storage = add(object_storage.Provider(self, data=self._object_storage))
        add(
            charmkit.Workload(
                self,
                "minio",
                layer=self._layer,
                files=lambda: minio_workload.files(self.options.get()),
                managed_dirs=minio_workload.CERTIFICATE_DIRS,
                enabled=self.active.is_this_unit,
            )
        )
        add(charmkit.Observability(self, jobs=self._jobs, enabled=self.active.is_this_unit))
        add(velero_backup_config.Volumes(self))
        framework.observe(self.on.get_credentials_action, self._on_get_credentials)

    def _on_get_credentials(self, event: ops.ActionEvent) -> None:
        try:
            config = self.options.get()
            event.set_results({"access-key": config.access_key, "secret-key": self._secret_key()})
        except charmkit.NotReady as reason:
            event.fail(reason.message)

    def _keeps_data(self) -> bool:
        return self.options.get().mode == "server"

    def _ports(self) -> list[int]:
        config = self.options.get()
        return [config.port, config.console_port]

    def _new_password(self) -> dict[str, str]:
        """A new password, or the one that a published charm has sent over its relations."""
        sent = [data["secret-key"] for data in self.storage.published() if "secret-key" in data]
        return {"secret-key": sent[0] if sent else charmkit.random_text()}

    def _secret_key(self) -> str:
        return self.options.get().secret_key or self.password.content["secret-key"]

    def _object_storage(self) -> object_storage.ObjectStorage:
        config = self.options.get()
        return object_storage.ObjectStorage(
            service=self.app.name,
            namespace=self.model.name,
            port=config.port,
            secure=config.secure,
            access_key=config.access_key,
            secret_key=self._secret_key(),
        )

    def _layer(self) -> charmkit.Layer:
        config = self.options.get()
        return pebble.layer(
            "minio",
            minio_workload.command(config),
            summary="MinIO server",
            environment=minio_workload.environment(config, self._secret_key()),
            checks=minio_workload.checks(config),
        )

    def _jobs(self) -> list[observability.Job]:
        config = self.options.get()
        tls = {"scheme": "https", "tls_config": {"insecure_skip_verify": True}}
        return [
            observability.job(
                config.port,
                "/minio/v2/metrics/cluster",
                job_name="minio_metrics",
                scrape_interval="30s",
                **(tls if config.secure else {}),
            )
        ]


if __name__ == "__main__":
    ops.main(MinioCharm)
