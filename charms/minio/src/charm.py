#!/usr/bin/env python3
"""MinIO: object storage for pipelines, models and artifacts."""

from __future__ import annotations

import charmkit
import minio_workload
import ops
from charmkit import observability
from charmkit.interfaces import object_storage, velero_backup_config
from minio_options import MinioOptions


class MinioCharm(ops.CharmBase):
    """Runs MinIO on the unit that holds the data, or on every unit in gateway mode."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, MinioOptions)
        self.peers = charmkit.Peers(self)
        self.holder = charmkit.Holder(self, self.peers, applies=self._keeps_data)
        self.password = charmkit.KeptSecret(self, self.peers, "root-password", self._new_password)
        self.storage = charmkit.Provider(
            self, "object-storage", object_storage.INTERFACE, self._object_storage
        )
        self.backup = charmkit.Provider(
            self, "velero-backup-config", velero_backup_config.INTERFACE, self._backup
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.holder,
                self.password,
                charmkit.OpenPorts(self, self._ports),
                self.storage,
                charmkit.Workload(
                    self,
                    "minio",
                    self._layer,
                    files=lambda: minio_workload.files(self.options.value),
                    owned=[
                        minio_workload.CERTIFICATES,
                        f"{minio_workload.CERTIFICATES}/CAs",
                    ],
                    serves=self.holder.here,
                ),
                charmkit.MetricsEndpoint(self, self._jobs, serves=self.holder.here),
                charmkit.GrafanaDashboards(self),
                self.backup,
            ],
        )
        framework.observe(self.on.get_credentials_action, self._on_get_credentials)

    def _on_get_credentials(self, event: ops.ActionEvent) -> None:
        try:
            config = self.options.value
            event.set_results({"access-key": config.access_key, "secret-key": self._secret_key()})
        except charmkit.NotReady as reason:
            event.fail(reason.message)

    def _keeps_data(self) -> bool:
        return self.options.value.mode == "server"

    def _ports(self) -> list[int]:
        config = self.options.value
        return [config.port, config.console_port]

    def _new_password(self) -> dict[str, str]:
        """A new password, or the one that a published charm has told its relations."""
        told = [data["secret-key"] for data in self.storage.said() if "secret-key" in data]
        return {"secret-key": told[0] if told else charmkit.random_text()}

    def _secret_key(self) -> str:
        return self.options.value.secret_key or self.password.content["secret-key"]

    def _object_storage(self) -> object_storage.ObjectStorage:
        config = self.options.value
        return object_storage.ObjectStorage(
            service=self.app.name,
            namespace=self.model.name,
            port=config.port,
            secure=config.secure,
            access_key=config.access_key,
            secret_key=self._secret_key(),
        )

    def _layer(self) -> charmkit.Layer:
        config = self.options.value
        return {
            "services": {
                "minio": {
                    "override": "replace",
                    "summary": "MinIO server",
                    "command": minio_workload.command(config),
                    "startup": "enabled",
                    "environment": minio_workload.environment(config, self._secret_key()),
                }
            },
            "checks": minio_workload.checks(config),
        }

    def _jobs(self) -> list[observability.Job]:
        config = self.options.value
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

    def _backup(self) -> velero_backup_config.Backup:
        return velero_backup_config.backup(
            self,
            "velero-backup-config",
            include_namespaces=[self.model.name],
            include_resources=["persistentvolumeclaims", "persistentvolumes"],
            label_selector={"app.kubernetes.io/name": self.app.name},
        )


if __name__ == "__main__":
    ops.main(MinioCharm)
