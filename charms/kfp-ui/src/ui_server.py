# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the server of the pages is run: its environment and its files.

Source: frontend/server/configs.ts in github.com/kubeflow/pipelines, version 2.15.0.
"""

from __future__ import annotations

import json

from charmkit import pebble
from charmkit.interfaces import k8s_service
from charmkit.object_store import ObjectStore
from kfp_ui_options import KfpUiConfig

POD_TEMPLATE = "/etc/config/viewer-pod-template.json"
CA = "/tmp/object-store-ca.crt"  # noqa: S108  the image has no other place for it
HEALTH = "/apis/v1beta1/healthz"


def layer(
    config: KfpUiConfig, store: ObjectStore, api: k8s_service.Service, model: str
) -> pebble.Layer:
    """Return the Pebble layer; see `environment` for the arguments."""
    return pebble.layer(
        "ml-pipeline-ui",
        f"node /server/dist/server.js /client/ {config.http_port}",
        summary="web server of Kubeflow Pipelines",
        environment=environment(config, store, api, model),
        checks=[pebble.http_check(config.http_port, HEALTH, threshold=4)],
    )


def environment(
    config: KfpUiConfig, store: ObjectStore, api: k8s_service.Service, model: str
) -> dict[str, str]:
    """Return the environment of the server.

    Args:
        config: the options.
        store: the object store.
        api: the API of pipelines.
        model: the namespace.
    """
    return {
        **_pages(config),
        **_logs(config, store),
        **_store(store),
        **_keys(config, store),
        "FRONTEND_SERVER_NAMESPACE": model,
        "ML_PIPELINE_SERVICE_HOST": api.name,
        "ML_PIPELINE_SERVICE_PORT": api.port,
        **({"NODE_EXTRA_CA_CERTS": CA} if store.ca else {}),
    }


def files(store: ObjectStore) -> dict[str, str]:
    """Return the files that the server reads."""
    made = {POD_TEMPLATE: json.dumps({"spec": {"serviceAccountName": "default-editor"}})}
    return {**made, CA: store.ca} if store.ca else made


def _pages(config: KfpUiConfig) -> dict[str, str]:
    return {
        "ALLOW_CUSTOM_VISUALIZATIONS": _flag(config.allow_custom_visualizations),
        "ARTIFACTS_SERVICE_PROXY_ENABLED": _flag(config.artifact_proxy),
        "ARTIFACTS_SERVICE_PROXY_NAME": "ml-pipeline-ui-artifact",
        "ARTIFACTS_SERVICE_PROXY_PORT": "80",
        "DEPLOYMENT": "KUBEFLOW",
        "DISABLE_GKE_METADATA": _flag(config.disable_gke_metadata),
        "ENABLE_AUTHZ": "true",
        "HIDE_SIDENAV": _flag(config.hide_sidenav),
        "KUBEFLOW_USERID_HEADER": "kubeflow-userid",
        "KUBEFLOW_USERID_PREFIX": "",
        "STREAM_LOGS_FROM_SERVER_API": "false",
        "VIEWER_TENSORBOARD_POD_TEMPLATE_SPEC_PATH": POD_TEMPLATE,
        "VIEWER_TENSORBOARD_TF_IMAGE_NAME": config.tensorboard_image,
    }


def _logs(config: KfpUiConfig, store: ObjectStore) -> dict[str, str]:
    return {
        "ARGO_ARCHIVE_ARTIFACTORY": "minio",
        "ARGO_ARCHIVE_BUCKETNAME": store.bucket,
        "ARGO_ARCHIVE_LOGS": _flag(config.argo_archive_logs),
        "ARGO_KEYFORMAT": config.key_format,
    }


def _store(store: ObjectStore) -> dict[str, str]:
    """The same store for artifacts of both schemes, `minio://` and `s3://`."""
    return {
        "AWS_REGION": store.region,
        "AWS_S3_ENDPOINT": store.host,
        "AWS_SSL": _flag(store.secure),
        "MINIO_HOST": store.host,
        # The host is a full one.
        "MINIO_NAMESPACE": "",
        "MINIO_PORT": str(store.port),
        "MINIO_SSL": _flag(store.secure),
    }


def _keys(config: KfpUiConfig, store: ObjectStore) -> dict[str, str]:
    """The store's keys, empty where profiles have all that is read: absent, they are guessed.

    A request for an artifact without a namespace is answered with these, whoever sends it.
    """
    access, secret = (store.access_key, store.secret_key) if config.reads_store else ("", "")
    return {
        "AWS_ACCESS_KEY_ID": access,
        "AWS_SECRET_ACCESS_KEY": secret,
        "MINIO_ACCESS_KEY": access,
        "MINIO_SECRET_KEY": secret,
    }


def _flag(value: bool) -> str:
    return str(value).lower()
