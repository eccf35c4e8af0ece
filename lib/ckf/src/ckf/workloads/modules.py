"""The Go modules with the requirements of each program, and what is built from them.

A module holds `go.mod` and `go.sum` alone: the version it requires is the one that the charm's
image is made of.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from ckf.controlplane import ControlPlaneError

FOLDER = Path("tests/workloads/programs")

MODULES: dict[str, dict[str, str]] = {
    "pebble": {"pebble": "github.com/canonical/pebble/cmd/pebble"},
    "training-operator": {
        "training-operator": "github.com/kubeflow/training-operator/cmd/training-operator.v1"
    },
    "katib": {
        "katib-controller": "github.com/kubeflow/katib/cmd/katib-controller/v1beta1",
        "katib-db-manager": "github.com/kubeflow/katib/cmd/db-manager/v1beta1",
        "katib-ui": "github.com/kubeflow/katib/cmd/ui/v1beta1",
        "suggestion-goptuna": "github.com/kubeflow/katib/cmd/suggestion/goptuna/v1beta1",
    },
    # In the images of programs that answer the health checks of gRPC.
    "grpc-health-probe": {"grpc-health-probe": "github.com/grpc-ecosystem/grpc-health-probe"},
    "argo-workflows": {
        "workflow-controller": "github.com/argoproj/argo-workflows/v3/cmd/workflow-controller"
    },
}
"""By module, the package of each program."""


def directory(module: str) -> Path:
    """Return a module's folder in the checkout that this package is imported from.

    Raises:
        ControlPlaneError: The package was installed without its repository.
    """
    found = Path(__file__).resolve().parents[5] / FOLDER / module
    if not (found / "go.mod").is_file():
        raise ControlPlaneError(f"{found} has no go.mod: work in a checkout of the repository")
    return found


def digest(module: str) -> str:
    """Return what changes whenever the source that a module's programs are built from changes."""
    content = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        content.update(hashlib.sha256((directory(module) / name).read_bytes()).digest())
    return content.hexdigest()[:12]
