# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the notebook controller makes of a Notebook, and the StatefulSet controller of that.

Sources: kubeflow/kubeflow, v1.10-branch, components/notebook-controller/controllers/
notebook_controller.go, lines 361-436 (`generateStatefulSet`) and 345-359 (`setPrefixEnvVar`), with
the constants of lines 50-60; kubernetes/kubernetes, pkg/controller/statefulset/
stateful_set_utils.go (`newStatefulSetPod`, `initIdentity`, `updateIdentity`).
"""

from __future__ import annotations

import copy
from typing import Any

Object = dict[str, Any]

PREFIX = "NB_PREFIX"
STOPPED = "kubeflow-resource-stopped"
DEFAULT_PORT = {"containerPort": 8888, "name": "notebook-port", "protocol": "TCP"}
DEFAULT_FS_GROUP = 100


def pod_of(notebook: Object, *, add_fs_group: bool = True) -> Object:
    """The Pod of a Notebook that is not stopped, as it is sent to the API server.

    The hash of its revision and its owner are left out: they are made up in the cluster.

    Args:
        notebook: as the API server keeps it.
        add_fs_group: what the controller is told by `ADD_FSGROUP`.

    Raises:
        ValueError: if the Notebook is stopped, so that there is no Pod.
    """
    stateful_set = stateful_set_of(notebook, add_fs_group=add_fs_group)
    if not stateful_set["spec"]["replicas"]:
        raise ValueError(f"the Notebook has the annotation {STOPPED}")
    template = stateful_set["spec"]["template"]
    name = f"{notebook['metadata']['name']}-0"
    identity = {"statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": "0"}
    metadata = {
        "name": name,
        "namespace": notebook["metadata"]["namespace"],
        "labels": {**template["metadata"]["labels"], **identity},
        "annotations": template["metadata"]["annotations"],
    }
    spec = {**template["spec"], "hostname": name}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def stateful_set_of(notebook: Object, *, add_fs_group: bool = True) -> Object:
    """The StatefulSet of a Notebook; see `pod_of` for the arguments."""
    metadata = notebook["metadata"]
    name, labels = metadata["name"], metadata.get("labels") or {}
    annotations: dict[str, str] = metadata.get("annotations") or {}
    pods = {
        "metadata": {
            "labels": {"statefulset": name, "notebook-name": name, **labels},
            "annotations": {
                key: value
                for key, value in annotations.items()
                if "kubectl" not in key and "notebook" not in key
            },
        },
        "spec": _pod_spec(notebook, add_fs_group=add_fs_group),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": metadata["namespace"]},
        "spec": {
            "replicas": 0 if STOPPED in annotations else 1,
            "selector": {"matchLabels": {"statefulset": name}},
            "template": pods,
        },
    }


def _pod_spec(notebook: Object, *, add_fs_group: bool) -> Object:
    spec = copy.deepcopy(notebook["spec"]["template"]["spec"])
    container = spec["containers"][0]
    container["workingDir"] = container.get("workingDir") or "/home/jovyan"
    # An empty list is not nil in Go, and stays.
    if container.get("ports") is None:
        container["ports"] = [DEFAULT_PORT]
    environment = container.setdefault("env", [])
    # One that is there keeps its value: the controller sets it in a copy.
    if PREFIX not in [variable["name"] for variable in environment]:
        metadata = notebook["metadata"]
        prefix = f"/notebook/{metadata['namespace']}/{metadata['name']}"
        environment.append({"name": PREFIX, "value": prefix})
    if add_fs_group and spec.get("securityContext") is None:
        spec["securityContext"] = {"fsGroup": DEFAULT_FS_GROUP}
    return spec
