# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The pod that Argo's workflow controller makes of a step of a pipeline.

A model of argo-workflows v3.7.3, workflow/controller/workflowpod.go (which containers there are,
whose settings they get, in which order the patches come) and util/template (expressions, of which
it knows the one form that argo-controller writes), for steps as kubeflow/pipelines 2.15 compiles
them: backend/src/v2/compiler/argocompiler/container.go.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]

INPUT = "pod-spec-patch"
_KEYS = {"volumeMounts": "mountPath", "tolerations": None}
_EXPRESSION = re.compile(r"\{\{=let asked = .*? : \"\"; (.*)\}\}")


def pod_of(config: Mapping[str, str], inputs: Mapping[str, str], namespace: str) -> Object:
    """Return the pod of a step.

    Args:
        config: the data of the workflow controller's ConfigMap.
        inputs: the inputs of the step; a driver has none called `pod-spec-patch`.
        namespace: the user's.
    """
    settings = {name: json.loads(text) for name, text in config.items()}
    defaults = settings.get("workflowDefaults", {}).get("spec", {})
    executor, main = settings.get("executor", {}), settings.get("mainContainer", {})
    argo = {key: executor[key] for key in ("resources", "securityContext") if key in executor}
    is_step = INPUT in inputs
    spec: Object = {
        "restartPolicy": "Never",
        "serviceAccountName": "default-editor",
        "containers": [
            {"name": "wait", "image": "argoexec:1", **argo},
            {"name": "main", "image": "step:1", **main},
        ],
        "initContainers": [
            {"name": "init", "image": "argoexec:1", **argo},
            *([{"name": "kfp-launcher", "image": "launcher:1"}] if is_step else []),
        ],
        "volumes": [{"name": "var-run-argo", "emptyDir": {}}],
    }
    if "securityContext" in defaults:
        spec["securityContext"] = defaults["securityContext"]
    for template in (defaults.get("podSpecPatch"), inputs.get(INPUT)):
        if template:
            spec = merged(spec, json.loads(evaluated(template, inputs)))
    metadata = {"name": "step", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def evaluated(template: str, inputs: Mapping[str, str]) -> str:
    """Return what Argo makes of a patch's template for a step with these inputs."""
    found = _EXPRESSION.fullmatch(template)
    if not found:
        return template
    asked, rest = inputs.get(INPUT, ""), found[1]
    while " ? " in rest:
        condition, _, tail = rest.partition(" ? ")
        literal, end = json.JSONDecoder().raw_decode(tail)
        if _holds(condition, asked):
            return literal
        rest = tail[end + len(" : ") :]
    return json.loads(rest)


def _holds(condition: str, asked: str) -> bool:
    if condition == 'asked == ""':
        return asked == ""
    names = re.findall(r"asked contains (\"(?:[^\"\\]|\\.)*\")", condition)
    assert names, condition
    return any(json.loads(name) in asked for name in names)


def merged(spec: Any, patch: Any, field: str = "") -> Any:
    """Merge as Kubernetes' strategic merge patch does for a pod's spec."""
    if isinstance(spec, dict) and isinstance(patch, dict):
        both = copy.deepcopy(spec)
        for name, value in patch.items():
            both[name] = merged(spec[name], value, name) if name in spec else value
        return both
    key = _KEYS.get(field, "name")
    if not isinstance(spec, list) or not isinstance(patch, list) or key is None:
        return patch
    by_key = {item[key]: item for item in spec}
    for item in patch:
        by_key[item[key]] = merged(by_key.get(item[key], {}), item)
    return list(by_key.values())
