"""What is made in a preview must not start anything: no pod gets a node, no claim a volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .send import Exchange

NOBODY = "ckf-preview"
"""The scheduler of the pods, and the storage class of the claims: there is neither."""

_POD = {"schedulerName": NOBODY}
_CLAIM = {"storageClassName": NOBODY}
_FIELDS = {"pods": _POD, "persistentvolumeclaims": _CLAIM}


def change(exchange: Exchange) -> None:
    """Let pods and claims that are made be such with which nothing happens.

    That goes for pods in templates too: of deployments, daemon sets, stateful sets and jobs.

    Args:
        exchange: A write.
    """
    spec: dict[str, Any] | None = exchange.content.get("spec")
    if spec is None or exchange.target.subresource:
        return
    if exchange.target.group in ("apps", "batch"):
        exchange.replace({**exchange.content, "spec": _without_nodes(spec)})
    elif not exchange.target.group and exchange.target.plural in _FIELDS:
        fields = _FIELDS[exchange.target.plural]
        exchange.replace({**exchange.content, "spec": {**spec, **fields}})


def _without_nodes(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec of something that makes pods; a cron job has a job's in it."""
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
