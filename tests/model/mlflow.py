# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What MLflow brings to a deployment of the bundle: to profiles, to notebooks, to the gateway."""

from __future__ import annotations

import json
from typing import Any

import jujusim
from charmkit.programs import sync_server

from ..kube import pod_default
from . import deployment, metacontroller

APP = "mlflow-server"
MANIFESTS = "/var/lib/pebble/default/manifests.json"
PROFILE = {"user.kubeflow.org/enabled": "true"}
"""The labels of a profile's namespace."""

NOTEBOOK = {"access-minio": "true", "mlflow-server-minio": "true"}
"""The labels of a notebook that uses MLflow."""


def text(model: jujusim.Model, unit: str, container: str, path: str) -> str:
    """A file of a container."""
    return model.units[unit].containers[container].files()[path].decode()


def dispatched(
    model: jujusim.Model, namespace: str, app: str = APP
) -> dict[tuple[str, str], dict[str, Any]]:
    """What an application has in a namespace once Metacontroller has asked the dispatcher."""
    (controller,) = [
        each
        for name, each in deployment.objects(model).items()
        if name.startswith("DecoratorController") and "resource-dispatcher" in name
    ]
    data = text(model, "resource-dispatcher/0", "resource-dispatcher", MANIFESTS)
    answers = sync_server.Answers(json.loads(data))

    def ask(request: dict[str, Any]) -> dict[str, Any]:
        return json.loads(answers.of(*sync_server.parse_request(json.dumps(request).encode())))

    metacontroller.Decorator(deployment.cluster(model), controller, ask).resync()
    found = [each for each in deployment.objects(model).values() if _is_in(each, namespace, app)]
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def _is_in(obj: dict[str, Any], namespace: str, app: str) -> bool:
    mine = obj["metadata"]["name"].startswith(app)
    return mine and obj["metadata"].get("namespace") == namespace


def environment(labels: dict[str, str], defaults: list[dict[str, Any]]) -> dict[str, str]:
    """The variables of a notebook's container; one from a Secret is the Secret and its key."""
    metadata = {"name": "notebook-0", "namespace": "alice", "labels": labels}
    pod = {"metadata": metadata, "spec": {"containers": [{"name": "notebook"}]}}
    (container,) = pod_default.merged(pod, defaults)["spec"]["containers"]
    found: dict[str, str] = {}
    for variable in container.get("env", []):
        reference = variable.get("valueFrom", {}).get("secretKeyRef", {})
        found[variable["name"]] = (
            variable.get("value") or f"{reference['name']}/{reference['key']}"
        )
    return found


def routes(model: jujusim.Model) -> list[dict[str, Any]]:
    """What the gateway does with paths of MLflow."""
    (found,) = [
        each
        for name, each in deployment.objects(model).items()
        if name.startswith("VirtualService/") and "mlflow" in name
    ]
    return found["spec"]["http"]
