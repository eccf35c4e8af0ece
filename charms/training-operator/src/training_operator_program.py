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


def arguments(
    app: str,
    *,
    init_image: str,
    init_tries: int,
    delivery_image: str,
    threads: int,
    gang_scheduler: str,
) -> list[str]:
    """Return the operator's arguments.

    Args:
        app: the application's name, by which all that it has is named.
        init_image: the image in which workers of a PyTorchJob wait.
        init_tries: how often they look for the master.
        delivery_image: the image that brings kubectl into launchers of MPIJobs.
        threads: how many jobs of a kind are worked on at a time.
        gang_scheduler: the scheduler that starts pods together, or nothing.
    """
    gang = [f"--gang-scheduler-name={gang_scheduler}"] if gang_scheduler else []
    return [
        "--leader-elect",
        f"--webhook-service-name={app}-workload",
        f"--webhook-secret-name={app}-webhook-cert",
        f"--pytorch-init-container-image={init_image}",
        f"--pytorch-init-container-max-tries={init_tries}",
        f"--pytorch-init-container-template-file={INIT_FILE}",
        f"--mpi-kubectl-delivery-image={delivery_image}",
        f"--controller-threads={threads}",
        *gang,
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
