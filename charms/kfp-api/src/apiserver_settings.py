# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the API server of pipelines is run: its command, environment, files and Services.

It reads an environment variable for each key of its configuration, in upper case, with underscores
for dots. Source: backend/src/apiserver/main.go, client_manager/client_manager.go and
common/config.go in github.com/kubeflow/pipelines, version 2.15.0.
"""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any

import charmkit
from charmkit import pebble, proxy
from charmkit.interfaces import k8s_service, mysql_client
from charmkit.object_store import ObjectStore
from kfp_api_options import GRPC_PORT, HTTP_PORT, KfpApiConfig

DATABASE = "mlpipeline"
"""Upgrades of older databases expect this name."""

SERVICE = "ml-pipeline"
"""The name under which everybody finds the API."""

START = "/tmp/start-apiserver.sh"  # noqa: S108  nothing else in the image is writable
LAST_OUTPUT = "/tmp/apiserver-last-output"  # noqa: S108
CERTIFICATES = "/tmp/certificates"  # noqa: S108

UP = "apiserver-up"

VISUALIZATION = "ml-pipeline-visualizationserver"
"""The visualization server of each profile, in the profile's namespace, on port 8888."""

LEGACY = charmkit.Legacy(
    scopes=("all-resources",),
    objects=(
        (
            "security.istio.io/v1",
            "AuthorizationPolicy",
            "{model}/{app}-allow-without-kubeflow-header",
        ),
    ),
)
"""A published charm makes the policy where it is in a mesh; nothing here is."""

_ADDRESS = re.compile(r"[0-9.]+|.*:.*")

_WRITE = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_SHARED = ["cronworkflows", "workfloweventbindings", "workflows", "workflowtaskresults"]
_SHARED += ["workflowtemplates", "clusterworkflowtemplates"]


def environment(
    config: KfpApiConfig,
    database: mysql_client.Database,
    store: ObjectStore,
    visualization: k8s_service.Service,
    model: str,
) -> dict[str, str]:
    """Return the environment of the service.

    Args:
        config: the options.
        database: where pipelines and runs are kept.
        store: where their files are kept.
        visualization: the server for requests that name no profile.
        model: the namespace.
    """
    return {
        **_features(config),
        **_database(database),
        **_store(store),
        **_proxy(config, store, model),
        **_waiting(config),
        "POD_NAMESPACE": model,
        "ML_PIPELINE_SERVICE_NAME": config.k8s_service_name,
        "ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_HOST": visualization.name,
        "ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_PORT": visualization.port,
        **_trust(database, store),
    }


def files(database: mysql_client.Database, store: ObjectStore) -> dict[str, str]:
    """Return the files that the service reads."""
    script = (pathlib.Path(__file__).parent / "start_apiserver.sh").read_text()
    cas = {"database": _database_ca(database), "object-store": store.ca}
    made = {f"{CERTIFICATES}/{name}.crt": text for name, text in cas.items() if text}
    return {START: script, **made}


def layer(config: KfpApiConfig, variables: dict[str, str]) -> charmkit.Layer:
    """Return the Pebble layer: one check shows and keeps clients away, one restarts, much later.

    The first start and the upgrade of an old database may take minutes.

    Args:
        config: the options.
        variables: from `environment`.
    """
    health = "/apis/v1beta1/healthz"
    slow = {"period": "5m", "timeout": "1m", "level": "alive"}
    return pebble.layer(
        "apiserver",
        _command(config),
        summary="API server of Kubeflow Pipelines",
        environment=variables,
        checks=[
            pebble.http_check(config.http_port, health, period="10s", threshold=3, restart=False),
            pebble.http_check(config.http_port, health, name=UP, threshold=3, **slow),
        ],
    )


def service_ports(config: KfpApiConfig) -> list[dict[str, Any]]:
    """Return the ports of the Service `ml-pipeline`, which answers on the usual ones too."""
    wanted = {"grpc": config.grpc_port, "http": config.http_port}
    usual = {"grpc-usual": (GRPC_PORT, "grpc"), "http-usual": (HTTP_PORT, "http")}
    ports = [_port(name, number, number) for name, number in wanted.items()]
    also = [
        _port(name, number, wanted[kind])
        for name, (number, kind) in usual.items()
        if number not in wanted.values()
    ]
    return [*ports, *also]


def context(config: KfpApiConfig, store: ObjectStore, app: str) -> dict[str, Any]:
    """Return the variables of the templates."""
    named = dict.fromkeys([SERVICE, config.k8s_service_name])
    return {
        "services": [name for name in named if name != app],
        "ports": service_ports(config),
        "store_host": _dns_name(store),
        "store_port": store.port,
        "argo_roles": argo_roles(),
    }


def argo_roles() -> list[tuple[str, list[str], list[str]]]:
    """Return what each role of Kubernetes may do with Argo's objects: role, resources, verbs."""
    shared = [name for kind in _SHARED for name in (kind, f"{kind}/finalizers")]
    owners = [*shared, "workflowtasksets", "workflowtasksets/finalizers"]
    return [
        ("admin", owners, _WRITE),
        ("edit", shared, _WRITE),
        ("view", shared, ["get", "list", "watch"]),
    ]


def _command(config: KfpApiConfig) -> str:
    """Return the command of the service."""
    return (
        f"bash {START} /bin/apiserver --config=/config --sampleconfig=/config/sample_config.json"
        f" --logtostderr=true --logLevel={config.log_level}"
        f" --httpPortFlag=:{config.http_port} --rpcPortFlag=:{config.grpc_port}"
    )


def _features(config: KfpApiConfig) -> dict[str, str]:
    return {
        "ARCHIVE_CONFIG_LOG_FILE_NAME": config.log_archive_filename,
        "ARCHIVE_CONFIG_LOG_PATH_PREFIX": config.log_archive_prefix,
        "AUTO_UPDATE_PIPELINE_DEFAULT_VERSION": _flag(config.auto_update_default_version),
        "CACHEENABLED": _flag(config.cache_enabled),
        "COMPILED_PIPELINE_SPEC_PATCH": config.workflow_spec_patch,
        "DEFAULTPIPELINERUNNERSERVICEACCOUNT": config.runner_sa,
        "INITCONNECTIONTIMEOUT": config.init_connection_timeout,
        "KUBEFLOW_USERID_HEADER": "kubeflow-userid",
        "KUBEFLOW_USERID_PREFIX": "",
        "MULTIUSER": "true",
        "PIPELINE_LOG_LEVEL": "1",
        "PUBLISH_LOGS": "true",
        "REQUIRE_NAMESPACE_FOR_PIPELINES": _flag(config.require_namespace_for_pipelines),
        "V2_DRIVER_IMAGE": config.driver_image,
        "V2_LAUNCHER_IMAGE": config.launcher_image,
        # The server looks for this name in the namespace of the profile that asks.
        "VISUALIZATIONSERVICE_NAME": VISUALIZATION,
        "VISUALIZATIONSERVICE_PORT": str(HTTP_PORT),
    }


def _database(database: mysql_client.Database) -> dict[str, str]:
    # A connection to a server that has become read-only is dropped and made anew: after a failover
    # the same name leads to another server.
    parameters = {
        "rejectReadOnly": "true",
        "tls": "true" if _checks_tls(database) else "preferred",
    }
    return {
        "DBCONFIG_CONMAXLIFETIME": "120s",
        "DBCONFIG_MYSQLCONFIG_DBNAME": DATABASE,
        "DBCONFIG_MYSQLCONFIG_EXTRAPARAMS": json.dumps(parameters),
        "DBCONFIG_MYSQLCONFIG_HOST": database.host,
        "DBCONFIG_MYSQLCONFIG_PASSWORD": database.password,
        "DBCONFIG_MYSQLCONFIG_PORT": database.port,
        "DBCONFIG_MYSQLCONFIG_USER": database.username,
        "DBDRIVERNAME": "mysql",
    }


def _store(store: ObjectStore) -> dict[str, str]:
    return {
        "OBJECTSTORECONFIG_ACCESSKEY": store.access_key,
        "OBJECTSTORECONFIG_BUCKETNAME": store.bucket,
        "OBJECTSTORECONFIG_HOST": store.host,
        "OBJECTSTORECONFIG_PORT": str(store.port),
        "OBJECTSTORECONFIG_REGION": store.region,
        "OBJECTSTORECONFIG_SECRETACCESSKEY": store.secret_key,
        "OBJECTSTORECONFIG_SECURE": _flag(store.secure),
    }


def _proxy(config: KfpApiConfig, store: ObjectStore, model: str) -> dict[str, str]:
    """The server hands these on to the steps of pipelines, which know other names by the model."""
    services = [f"{name}.{model}" for name in (SERVICE, config.k8s_service_name)]
    also = [proxy.KUBERNETES, *services, f"metadata-grpc-service.{model}", store.host]
    return proxy.environment(config.http_proxy, config.https_proxy, config.no_proxy, also)


def _waiting(config: KfpApiConfig) -> dict[str, str]:
    """What the start script reads."""
    return {
        "LAST_OUTPUT": LAST_OUTPUT,
        "WAIT_HOST": SERVICE,
        "WAIT_PORT": str(config.http_port),
    }


def _trust(database: mysql_client.Database, store: ObjectStore) -> dict[str, str]:
    """Directories with CAs: those of the image, and those of database and object store."""
    private = bool(store.ca or _database_ca(database))
    return {"SSL_CERT_DIR": f"/etc/ssl/certs:{CERTIFICATES}"} if private else {}


def _checks_tls(database: mysql_client.Database) -> bool:
    return database.has_tls and bool(database.tls_ca)


def _database_ca(database: mysql_client.Database) -> str:
    return f"{database.tls_ca.strip()}\n" if _checks_tls(database) else ""


def _dns_name(store: ObjectStore) -> str:
    """Return the store's full name; nothing if it has an address only."""
    if _ADDRESS.fullmatch(store.host):
        return ""
    return f"{store.host}.svc.cluster.local" if store.in_cluster else store.host


def _port(name: str, number: int, target: int) -> dict[str, Any]:
    return {"name": name, "port": number, "protocol": "TCP", "targetPort": target}


def _flag(value: bool) -> str:
    return str(value).lower()
