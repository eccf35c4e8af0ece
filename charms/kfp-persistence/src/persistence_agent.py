# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the persistence agent is run.

Source: backend/src/agent/persistence/main.go in github.com/kubeflow/pipelines, version 2.15.0.
"""

from __future__ import annotations

import charmkit
from charmkit import pebble
from charmkit.interfaces import k8s_service
from persistence_options import PersistenceConfig

TOKEN = "/var/run/secrets/kubeflow/tokens/persistenceagent-sa-token"  # noqa: S105  a path
AUDIENCE = "pipelines.kubeflow.org"

GRPC_PORT = "8887"
"""Where the gRPC API of pipelines is if no relation says otherwise."""

REFRESH_SECONDS = 300
"""How often the agent reads its token again, well within the shortest that a cluster grants."""


def layer(
    config: PersistenceConfig, api: k8s_service.Service, grpc: k8s_service.Service | None
) -> charmkit.Layer:
    """Return the Pebble layer.

    Args:
        config: the options.
        api: the HTTP API of pipelines.
        grpc: its gRPC API, if it is not on the usual port.
    """
    # The agent listens on no port; what it lives on is the API.
    reaches = f"bash -c ': >/dev/tcp/{api.name}/{api.port}'"
    return pebble.layer(
        "persistenceagent",
        _command(config, api, grpc.port if grpc else GRPC_PORT),
        summary="persistence agent",
        environment={
            "KUBEFLOW_USERID_HEADER": "kubeflow-userid",
            "KUBEFLOW_USERID_PREFIX": "",
            "MULTIUSER": "true",
        },
        checks=[
            pebble.exec_check(
                reaches, name="persistenceagent-reaches-kfp-api", threshold=3, restart=False
            )
        ],
    )


def _command(config: PersistenceConfig, api: k8s_service.Service, grpc_port: str) -> str:
    flags = {
        "logtostderr": "true",
        "namespace": "",
        "ttlSecondsAfterWorkflowFinish": config.workflow_ttl,
        "numWorker": config.workers,
        "clientQPS": config.client_qps,
        "clientBurst": config.client_burst,
        "saTokenRefreshIntervalInSecs": REFRESH_SECONDS,
        "mlPipelineAPIServerName": api.name,
        "mlPipelineServiceHttpPort": api.port,
        "mlPipelineServiceGRPCPort": grpc_port,
        "executionType": "Workflow",
        "logLevel": config.log_level,
    }
    return " ".join(["persistence_agent", *(f"--{name}={value}" for name, value in flags.items())])
