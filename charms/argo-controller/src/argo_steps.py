# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What every step of a workflow gets: clean-up, security, and a place among the GPU nodes.

Argo merges `workflowDefaults` into each workflow, whose own fields go first. Its `podSpecPatch` is
a template whose expressions see a step's inputs, and the pods of pipelines have one called
`pod-spec-patch`, in which their driver says what the step asks for. Sources: argo-workflows
v3.7.3, workflow/controller/workflowpod.go, workflow/util/merge.go, util/template;
kubeflow/pipelines 2.15, backend/src/v2/compiler/argocompiler/container.go.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

Object = dict[str, Any]

INPUT = "pod-spec-patch"
"""The input in which a pipeline's step has its resources; only its pods have one."""

LAUNCHER = "kfp-launcher"
"""The init container of such a pod, beside those of Argo."""

CA_CONFIG_MAP = "object-store-ca"
CA_KEY = "ca.crt"
CA_DIRECTORY = "/etc/ssl/object-store"

RESTRICTED_CONTAINER: Object = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""What Pod Security `restricted` wants of every container."""


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where steps run that ask for one of some resources.

    Args:
        resources: the names by which they ask, for example `nvidia.com/gpu`.
        pod: fields of the pod's spec.
        limits: further limits of the step's container.
    """

    resources: tuple[str, ...]
    pod: Object
    limits: Object = dataclasses.field(default_factory=dict)

    def patch(self) -> Object:
        """Return the patch of the pod's spec."""
        resources = {"resources": {"limits": self.limits}} if self.limits else {}
        return self.pod | ({"containers": [{"name": "main", **resources}]} if resources else {})


@dataclasses.dataclass(frozen=True)
class Defaults:
    """What is the same for all workflows.

    Args:
        ttl: seconds after which a finished workflow is deleted; 0 keeps it.
        pod_gc: Argo's strategy by which pods are deleted; empty keeps them.
        pod_gc_delay: seconds for which they are kept then.
        run_as_user: the user that steps run as, within Pod Security `restricted`; 0 leaves it.
        placements: where steps run that ask for GPUs; the first that fits counts.
        has_ca: whether the object store's CA has to be trusted by steps.
    """

    ttl: int = 0
    pod_gc: str = ""
    pod_gc_delay: int = 0
    run_as_user: int = 0
    placements: tuple[Placement, ...] = ()
    has_ca: bool = False

    def spec(self) -> Object:
        """Return the `spec` of `workflowDefaults`."""
        fields: Object = {
            "ttlStrategy": {"secondsAfterCompletion": self.ttl} if self.ttl else None,
            "podGC": self._pod_gc() if self.pod_gc else None,
            "securityContext": self._security_context() if self.run_as_user else None,
            "podSpecPatch": self.pod_spec_patch() or None,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def main_container(self) -> Object:
        """Return `mainContainer`, what each step's own container gets."""
        return {"securityContext": RESTRICTED_CONTAINER} if self.run_as_user else {}

    def pod_spec_patch(self) -> str:
        """Return the template of the patch, or nothing if no pod needs one."""
        every = _ca_patch() if self.has_ca else {}
        launcher = {"name": LAUNCHER, "securityContext": RESTRICTED_CONTAINER}
        pipeline = _merge(every, {"initContainers": [launcher]} if self.run_as_user else {})
        if not pipeline and not self.placements:
            return ""
        placed = [(_asks(item), _merge(pipeline, item.patch())) for item in self.placements]
        return _expression(every, placed, pipeline)

    def _pod_gc(self) -> Object:
        return {"strategy": self.pod_gc, "deleteDelayDuration": f"{self.pod_gc_delay}s"}

    def _security_context(self) -> Object:
        return {
            "fsGroup": self.run_as_user,
            "runAsNonRoot": True,
            "runAsUser": self.run_as_user,
            "seccompProfile": {"type": "RuntimeDefault"},
        }


def _expression(every: Object, placed: Sequence[tuple[str, Object]], pipeline: Object) -> str:
    """Choose among patches by what the step asks for.

    Argo fills in globals first, when there are no inputs yet; an expression that it cannot
    evaluate stays until they are there. Without inputs, a text is in the place of the mapping.
    """
    asked = f'type(inputs.parameters) == "map" ? (inputs.parameters["{INPUT}"] ?? "") : ""'
    choices = [('asked == ""', every), *placed]
    chosen = " : ".join(f"{condition} ? {_literal(patch)}" for condition, patch in choices)
    return f"{{{{=let asked = {asked}; {chosen} : {_literal(pipeline)}}}}}"


def _asks(placement: Placement) -> str:
    """Return the condition that a step asks for one of the resources; they stand as JSON keys."""
    names = [json.dumps(f"{json.dumps(name)}:") for name in placement.resources]
    return f"({' or '.join(f'asked contains {name}' for name in names)})"


def _literal(patch: Object) -> str:
    """Return the patch as text in an expression, without the braces that end a template."""
    text = json.dumps(patch, sort_keys=True)
    while "}}" in text or "{{" in text:
        text = text.replace("}}", "} }").replace("{{", "{ {")
    return json.dumps(text)


def _ca_patch() -> Object:
    """Trust the CA beside the usual ones: Go reads every file of these directories.

    SSL_CERT_FILE would replace the usual ones, also for what users run.
    """
    directories = {"name": "SSL_CERT_DIR", "value": f"/etc/ssl/certs:{CA_DIRECTORY}"}
    mount = {"name": CA_CONFIG_MAP, "mountPath": CA_DIRECTORY, "readOnly": True}
    source = {"name": CA_CONFIG_MAP, "optional": True}
    return {
        "containers": [{"name": "main", "env": [directories], "volumeMounts": [mount]}],
        "volumes": [{"name": CA_CONFIG_MAP, "configMap": source}],
    }


def _merge(one: Object, two: Object) -> Object:
    """Merge two patches; the only list that both can have is that of the container `main`."""
    both = one | two
    if "containers" in one and "containers" in two:
        both["containers"] = [one["containers"][0] | two["containers"][0]]
    return both
