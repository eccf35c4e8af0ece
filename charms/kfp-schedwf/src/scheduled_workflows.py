# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the controller of scheduled workflows is run.

Source: backend/src/crd/controller/scheduledworkflow/main.go in github.com/kubeflow/pipelines,
version 2.15.0.
"""

from __future__ import annotations

import charmkit
from charmkit import pebble
from charmkit.interfaces import k8s_service
from scheduled_workflows_options import ScheduledWorkflowsConfig

TOKEN = "/var/run/secrets/kubeflow/tokens/scheduledworkflow-sa-token"  # noqa: S105  a path
AUDIENCE = "pipelines.kubeflow.org"

API = k8s_service.Service("ml-pipeline", "8887")
"""Where the API of pipelines is if no relation says otherwise."""


def layer(config: ScheduledWorkflowsConfig, api: k8s_service.Service) -> charmkit.Layer:
    """Return the Pebble layer.

    Args:
        config: the options.
        api: the gRPC API of pipelines.
    """
    # The controller listens on no port; it ends if it does not reach the API within a minute.
    reaches = f"bash -c ': >/dev/tcp/{api.name}/{api.port}'"
    return pebble.layer(
        "controller",
        f"/bin/controller --logtostderr=true --namespace= --logLevel={config.log_level}"
        f" --mlPipelineAPIServerName={api.name} --mlPipelineServiceGRPCPort={api.port}",
        summary="controller of scheduled workflows",
        environment={"CRON_SCHEDULE_TIMEZONE": config.timezone},
        checks=[
            pebble.exec_check(
                reaches, name="controller-reaches-kfp-api", threshold=3, restart=False
            )
        ],
    )
