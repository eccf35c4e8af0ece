# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The pod that KServe makes of an InferenceService and its runtime.

A model of kserve v0.15.2: pkg/controller/v1beta1/inferenceservice/utils/utils.go (how a runtime
and a predictor are merged) and pkg/webhook/admission/pod/storage_initializer_injector.go (the
download); and of knative.dev/serving v0.43, pkg/reconciler/revision/resources (the proxy beside a
serverless model).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]

SERVER = "kserve-container"
MODEL = {"name": "kserve-provision-location", "mountPath": "/mnt/models"}
PROXY: Object = {
    "name": "queue-proxy",
    "image": "queue",
    "ports": [{"name": "queue-port", "containerPort": 8012}],
    "resources": {"requests": {"cpu": "25m"}},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}


def pod_of(
    runtime: Mapping[str, Any],
    storage: Mapping[str, Any],
    namespace: str,
    *,
    serverless: bool = False,
    resources: Mapping[str, Any] | None = None,
    **predictor: Any,
) -> Object:
    """Return the pod of a predictor.

    Args:
        runtime: the spec of the ClusterServingRuntime that serves it.
        storage: the spec of the ClusterStorageContainer that downloads it.
        namespace: the user's.
        serverless: whether Knative runs it.
        resources: what the InferenceService says of its `model`.
        predictor: fields of a pod spec that the InferenceService's predictor has.
    """
    made = {key: copy.deepcopy(runtime[key]) for key in _OF_RUNTIMES if key in runtime}
    for container in made["containers"]:
        if container["name"] == SERVER:
            container["resources"] = _merged(container["resources"], resources or {})
            container.setdefault("volumeMounts", []).append({**MODEL, "readOnly": True})
    selector = {**made.get("nodeSelector", {}), **predictor.pop("nodeSelector", {})}
    # The lists of a predictor stand in place of the runtime's: they have no key to merge by.
    made = {**made, **predictor, **({"nodeSelector": selector} if selector else {})}
    made["volumes"] = [*made.get("volumes", []), {"name": MODEL["name"], "emptyDir": {}}]
    made["initContainers"] = [_download(storage)]
    made["containers"] += [PROXY] if serverless else []
    return {
        "metadata": {"name": "model", "namespace": namespace},
        "spec": {**made, "serviceAccountName": "models"},
    }


_OF_RUNTIMES = ("containers", "volumes", "nodeSelector", "tolerations", "affinity", "hostIPC")


def _download(storage: Mapping[str, Any]) -> Object:
    made = {**copy.deepcopy(storage["container"]), "args": ["s3://models/one", "/mnt/models"]}
    return {**made, "volumeMounts": [MODEL]}


def _merged(runtime: Mapping[str, Any], asked: Mapping[str, Any]) -> Object:
    """Merge two sets of resources, of which the second one wins."""
    return {key: {**runtime.get(key, {}), **asked.get(key, {})} for key in ("requests", "limits")}
