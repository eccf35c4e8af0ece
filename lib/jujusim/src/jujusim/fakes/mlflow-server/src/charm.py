# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Fake of mlflow-server: joins the platform as the real charm does, and runs no server.

What it takes over from the real charm: it is Blocked without ``relational-db`` and Waiting without
its data or ``object-storage``; it asks MySQL for the database ``mlflow`` with its credentials in a
secret; once it has a database and object storage its leader hands Secrets and PodDefaults to
resource-dispatcher (library version 0.1: JSON in clear, two of each); its route and its link are
written at any time. Left out: the buckets, node ports, dashboards, log forwarding and the ambient
mesh.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import ops
import yaml
from jujusim.stand_in import StandIn

LINK = {
    "text": "MLflow",
    "link": "/mlflow/",
    "location": "external",
    "icon": "device:data-usage",
    "type": "item",
    "desc": "",
}
ENDPOINTS = (
    "relational-db",
    "object-storage",
    "dashboard-links",
    "ingress",
    "secrets",
    "pod-defaults",
    "metrics-endpoint",
)
VERSIONS = "- v1\n"


class NotReady(Exception):
    """Something is missing; carries the status that says so."""

    def __init__(self, status: ops.StatusBase):
        super().__init__(status.message)
        self.status = status


class MLflow(StandIn):
    """The platform's side of MLflow."""

    container = "mlflow-server"
    endpoints = ENDPOINTS

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.secret_changed, self.reconcile)

    def reconcile(self, _: ops.EventBase) -> None:
        """Tell others what they need, and start once they have told theirs."""
        self._publish_unit()
        if self.unit.is_leader():
            self._publish()
        try:
            database, storage = self._database(), self._storage()
        except NotReady:
            return
        if self.unit.is_leader():
            self._dispatch(storage)
        self._run(database, storage)

    def report(self, event: ops.CollectStatusEvent) -> None:
        """Say what is missing."""
        try:
            self._database()
            self._storage()
        except NotReady as missing:
            event.add_status(missing.status)
        super().report(event)

    # What others are told.

    def _publish(self) -> None:
        """What needs no data of others."""
        host = {"service": self.app.name, "port": self.config["mlflow_port"]}
        route = {"prefix": "/mlflow/", "rewrite": "/", "namespace": self.model.name, **host}
        self._tell("dashboard-links", {"dashboard_links": json.dumps([LINK])})
        self._tell("relational-db", _DATABASE_REQUEST)
        self._tell("object-storage", {"_supported_versions": VERSIONS})
        data = {"_supported_versions": VERSIONS, "data": yaml.safe_dump(route)}
        self._tell("ingress", data)
        self._tell("metrics-endpoint", self._metrics())

    def _publish_unit(self) -> None:
        for relation in self.active("metrics-endpoint"):
            binding = self.model.get_binding(relation)
            address = str(binding.network.bind_address) if binding else ""
            relation.data[self.unit].update(
                {
                    "prometheus_scrape_unit_address": address,
                    "prometheus_scrape_unit_name": self.unit.name,
                }
            )

    def _metrics(self) -> dict[str, str]:
        ports = (self.config["mlflow_port"], self.config["mlflow_prometheus_exporter_port"])
        jobs = [
            {"metrics_path": "/metrics", "static_configs": [{"targets": [f"*:{port}"]}]}
            for port in ports
        ]
        topology = {
            "model": self.model.name,
            "model_uuid": self.model.uuid,
            "application": self.app.name,
            "unit": self.unit.name,
            "charm_name": self.meta.name,
        }
        return {
            "scrape_jobs": json.dumps(jobs),
            "scrape_metadata": json.dumps(topology),
            "alert_rules": "{}",
        }

    def _dispatch(self, storage: dict[str, Any]) -> None:
        """Hand Secrets and PodDefaults to users' namespaces."""
        app, endpoint = self.app.name, _endpoint(storage)
        host = f"{app}.{self.model.name}.svc.cluster.local"
        tracking = f"http://{host}:{self.config['mlflow_port']}"
        keys = f"{app}-minio-artifact"
        secrets = [
            _secret(keys, _keys(storage)),
            _secret(f"{app}-seldon-rclone-secret", _rclone(storage, endpoint)),
        ]
        access = [*_from_secret(keys, _keys(storage)), *_values({"MINIO_ENDPOINT_URL": endpoint})]
        urls = {"MLFLOW_S3_ENDPOINT_URL": endpoint, "MLFLOW_TRACKING_URI": tracking}
        defaults = [
            _pod_default(f"{app}-access-minio", "access-minio", access),
            _pod_default(f"{app}-minio", "mlflow-server-minio", _values(urls)),
        ]
        self._tell("secrets", {"kubernetes_manifests": json.dumps(secrets)})
        self._tell("pod-defaults", {"kubernetes_manifests": json.dumps(defaults)})

    def _tell(self, endpoint: str, data: dict[str, str]) -> None:
        for relation in self.active(endpoint):
            relation.data[self.app].update(data)

    # What others tell.

    def _database(self) -> str:
        """The URI of the database.

        Raises:
            NotReady: There is no relation, or no data.
        """
        relation = next(iter(self.active("relational-db")), None)
        if relation is None:
            raise NotReady(ops.BlockedStatus("Please add required relation relational-db"))
        bag = relation.data[relation.app]
        if "endpoints" not in bag or "secret-user" not in bag:
            raise NotReady(ops.WaitingStatus("Waiting for relational-db data"))
        label = f"relational-db.{relation.id}.user.secret"
        try:
            secret = self.model.get_secret(id=bag["secret-user"], label=label)
            content = secret.get_content(refresh=True)
        except ops.SecretNotFoundError:  # the database's application is being removed
            raise NotReady(ops.WaitingStatus("Waiting for relational-db data")) from None
        user = f"{content['username']}:{content['password']}"
        return f"mysql+pymysql://{user}@{bag['endpoints']}/mlflow"

    def _storage(self) -> dict[str, Any]:
        """The object storage.

        Raises:
            NotReady: There is no relation, or no data.
        """
        relation = next(iter(self.active("object-storage")), None)
        text = relation.data[relation.app].get("data") if relation else None
        if not text:
            raise NotReady(ops.WaitingStatus("Waiting for object-storage relation data"))
        return yaml.safe_load(text)

    def _run(self, database: str, storage: dict[str, Any]) -> None:
        where = f"--host 0.0.0.0 --port {self.config['mlflow_port']}"
        root = f"s3://{self.config['default_artifact_root']}/"
        environment = {
            "MLFLOW_BACKEND_STORE_URI": database,
            "MLFLOW_S3_ENDPOINT_URL": _endpoint(storage),
            **_keys(storage),
        }
        command = f"mlflow server {where} --default-artifact-root {root}"
        self.serve("mlflow-server", command, environment=environment)


_DATABASE_REQUEST = {
    "database": "mlflow",
    "requested-secrets": json.dumps(["username", "password", "tls", "tls-ca", "uris"]),
}


def _endpoint(storage: dict[str, Any]) -> str:
    scheme = "https" if storage["secure"] else "http"
    return f"{scheme}://{storage['service']}.{storage['namespace']}:{storage['port']}"


def _keys(storage: dict[str, Any]) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": storage["access-key"],
        "AWS_SECRET_ACCESS_KEY": storage["secret-key"],
    }


def _rclone(storage: dict[str, Any], endpoint: str) -> dict[str, str]:
    """Return rclone's configuration as environment, for Seldon's storage initializer."""
    settings = {
        "TYPE": "s3",
        "PROVIDER": "minio",
        "ENV_AUTH": "false",
        "ACCESS_KEY_ID": storage["access-key"],
        "SECRET_ACCESS_KEY": storage["secret-key"],
        "ENDPOINT": endpoint,
    }
    return {f"RCLONE_CONFIG_S3_{key}": value for key, value in settings.items()}


def _secret(name: str, content: dict[str, str]) -> dict[str, Any]:
    metadata = {"name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": content}


def _values(environment: dict[str, str]) -> list[dict[str, Any]]:
    return [{"name": key, "value": value} for key, value in environment.items()]


def _from_secret(name: str, keys: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {
            "name": key,
            "valueFrom": {"secretKeyRef": {"name": name, "key": key, "optional": False}},
        }
        for key in keys
    ]


def _pod_default(name: str, label: str, environment: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "kubeflow.org/v1alpha1",
        "kind": "PodDefault",
        "metadata": {"name": name},
        "spec": {
            "desc": f"Access through {label}",
            "selector": {"matchLabels": {label: "true"}},
            "env": environment,
        },
    }
