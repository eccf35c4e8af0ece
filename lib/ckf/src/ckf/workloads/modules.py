# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The modules with the requirements of each program, and what is built from them.

A Go module holds `go.mod` and `go.sum` alone, a Python environment `requirements.txt`: the version
it requires is the one that the charm's image is made of.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from ckf.controlplane import ControlPlaneError

FOLDER = Path("tests/workloads/programs")

MODULES: dict[str, dict[str, str]] = {
    "pebble": {"pebble": "github.com/canonical/pebble/cmd/pebble"},
    "prometheus": {"promtool": "github.com/prometheus/prometheus/cmd/promtool"},
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
    "kserve": {"kserve-manager": "github.com/kserve/kserve/cmd/manager"},
    "knative-operator": {
        "knative-operator": "knative.dev/operator/cmd/operator",
        "knative-webhook": "knative.dev/operator/cmd/webhook",
    },
    "knative-serving": {
        "knative-serving-activator": "knative.dev/serving/cmd/activator",
        "knative-serving-autoscaler": "knative.dev/serving/cmd/autoscaler",
        "knative-serving-controller": "knative.dev/serving/cmd/controller",
        "knative-serving-webhook": "knative.dev/serving/cmd/webhook",
    },
    "knative-eventing": {
        "knative-eventing-broker": "knative.dev/eventing/cmd/mtchannel_broker",
        "knative-eventing-channel": "knative.dev/eventing/cmd/in_memory/channel_controller",
        "knative-eventing-controller": "knative.dev/eventing/cmd/controller",
        "knative-eventing-webhook": "knative.dev/eventing/cmd/webhook",
    },
}
"""By Go module, the package of each program."""

FOLDERS: dict[str, dict[str, tuple[str, str]]] = {
    "kserve": {"knative-definitions": ("knative.dev/serving", "config/core/300-resources")},
    "knative-operator": {"knative-manifests": ("knative.dev/operator", "cmd/operator/kodata")},
}
"""By Go module, folders that its programs need: the module that has each, and where in that."""

ENVIRONMENTS: dict[str, dict[str, str]] = {
    "mlflow": {"mlflow": "bin/mlflow"},
    "mlflow3": {"mlflow3": "bin/mlflow"},
    # Envoy of Istio 1.28; the image of the charm has 1.28, which PyPI has not.
    "metadata": {
        "envoy": "lib/python3*/site-packages/envoy/_bin/envoy",
        "ml-metadata": "bin/python",
    },
    "storage-initializer": {"storage-initializer": "bin/python"},
}
"""By Python environment, the pattern of each program's path in it."""

PYTHON = {"metadata": ">=3.10,<3.12", "storage-initializer": ">=3.11,<3.13"}
"""By environment, the versions of Python that its packages exist for."""

FILES = {"go": ("go.mod", "go.sum"), "uv": ("requirements.txt",)}
"""What a module holds, by the tool that builds it."""


def programs() -> dict[str, tuple[str, str]]:
    """Return by program or folder its module, and where it is in what is built from that."""
    compiled = {
        name: (module, name)
        for named in (MODULES, FOLDERS)
        for module, names in named.items()
        for name in names
    }
    installed = {
        name: (module, path)
        for module, names in ENVIRONMENTS.items()
        for name, path in names.items()
    }
    return compiled | installed


def tool(module: str) -> str:
    """Return the command that a module is built with."""
    return "uv" if module in ENVIRONMENTS else "go"


def directory(module: str) -> Path:
    """Return a module's folder in the checkout that this package is imported from.

    Raises:
        ControlPlaneError: The package was installed without its repository.
    """
    found = Path(__file__).resolve().parents[5] / FOLDER / module
    first = FILES[tool(module)][0]
    if not (found / first).is_file():
        raise ControlPlaneError(f"{found} has no {first}: work in a checkout of the repository")
    return found


def digest(module: str) -> str:
    """Return what changes whenever the source that a module's programs are built from changes."""
    content = hashlib.sha256()
    for name in FILES[tool(module)]:
        content.update(hashlib.sha256((directory(module) / name).read_bytes()).digest())
    for name, source in sorted(FOLDERS.get(module, {}).items()):
        content.update(" ".join((name, *source)).encode())
    return content.hexdigest()[:12]
