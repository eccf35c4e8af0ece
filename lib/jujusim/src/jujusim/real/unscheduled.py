# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Let nothing start that is made in a preview: no pod gets a node, no claim a volume."""

from typing import Any

from kubefake import wire

UNSCHEDULABLE = "ckf-preview"
"""The scheduler of the pods, and the storage class of the claims: there is neither."""

_POD = {"schedulerName": UNSCHEDULABLE}
_CLAIM = {"storageClassName": UNSCHEDULABLE}
_FIELDS = {"pods": _POD, "persistentvolumeclaims": _CLAIM}


def changed(target: wire.Target, content: dict[str, Any]) -> dict[str, Any] | None:
    """Return what to write instead, so that nothing starts; None where that is not needed.

    Pods in templates are changed too: of deployments, daemon sets, stateful sets and jobs.
    """
    spec: dict[str, Any] | None = content.get("spec")
    if spec is None or target.subresource:
        return None
    if target.group in ("apps", "batch"):
        return {**content, "spec": _without_nodes(spec)}
    if not target.group and target.plural in _FIELDS:
        return {**content, "spec": {**spec, **_FIELDS[target.plural]}}
    return None


def _without_nodes(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the spec of something that makes pods; a cron job has a job's in it."""
    changed = dict(spec)
    if "spec" in spec.get("template", {}):
        template = spec["template"]
        changed["template"] = {**template, "spec": {**template["spec"], **_POD}}
    if "spec" in spec.get("jobTemplate", {}):
        job = spec["jobTemplate"]
        changed["jobTemplate"] = {**job, "spec": _without_nodes(job["spec"])}
    if "volumeClaimTemplates" in spec:
        changed["volumeClaimTemplates"] = [
            {**claim, "spec": {**claim.get("spec", {}), **_CLAIM}}
            for claim in spec["volumeClaimTemplates"]
        ]
    return changed
