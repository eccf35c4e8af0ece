# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the training operator is run: its arguments, and the container in which workers wait.

Source: cmd/training-operator.v1/main.go and pkg/controller.v1/pytorch/initcontainer.go of
github.com/kubeflow/training-operator, v1.9.0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from training_operator_options import TrainingOperatorConfig

INIT_FILE = "/etc/config/initContainer.yaml"

INIT_RESOURCES = {
    "requests": {"cpu": "50m", "memory": "10Mi"},
    "limits": {"cpu": "100m", "memory": "20Mi"},
}
"""What the operator's own template gives the container."""

# The operator fills in what is in double braces.
_WAIT = (
    "for i in $(seq {{.MaxTries}}); do"
    " nslookup {{.MasterAddr}} && exit 0; echo waiting for master; sleep 2;"
    " done; exit 1"
)


def arguments(app: str, config: TrainingOperatorConfig) -> list[str]:
    """Return the operator's arguments.

    Args:
        app: the application's name, by which all that it has is named.
        config: the options.
    """
    gang = config.gang_scheduler_name
    return [
        "--leader-elect",
        f"--webhook-service-name={app}-workload",
        f"--webhook-secret-name={app}-webhook-cert",
        f"--pytorch-init-container-image={config.pytorch_init_image}",
        f"--pytorch-init-container-max-tries={config.pytorch_init_tries}",
        f"--pytorch-init-container-template-file={INIT_FILE}",
        f"--mpi-kubectl-delivery-image={config.mpi_kubectl_delivery_image}",
        f"--controller-threads={config.controller_threads}",
        *([f"--gang-scheduler-name={gang}"] if gang else []),
    ]


def init_container(resources: Mapping[str, Any]) -> str:
    """Return the template of the container in which workers wait, as the operator reads it.

    Args:
        resources: requests and limits in place of the operator's own, or nothing.
    """
    container = {
        "name": "init-pytorch",
        "image": "{{.InitContainerImage}}",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", _WAIT],
        "resources": resources or INIT_RESOURCES,
    }
    return json.dumps([container], indent=2) + "\n"


def digest(text: str) -> str:
    """Return a digest of a file that the operator reads once, at its start."""
    return hashlib.sha256(text.encode()).hexdigest()
