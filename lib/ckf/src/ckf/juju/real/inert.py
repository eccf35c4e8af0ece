"""What Juju makes must not start anything: pods are placed nowhere, claims get no volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ckf.juju.real.send import Exchange

NOBODY = "ckf-preview"
"""The scheduler of the pods, and the storage class of the claims: there is neither."""

_FIELDS = {
    "pods": {"schedulerName": NOBODY},
    "persistentvolumeclaims": {"storageClassName": NOBODY},
}


def change(exchange: Exchange) -> None:
    """Let a pod or a claim that is made be one with which nothing happens.

    Args:
        exchange: A write of Juju's own.
    """
    target, spec = exchange.target, exchange.content.get("spec")
    fields = _FIELDS.get(target.plural)
    if fields and spec and not (target.group or target.subresource):
        exchange.replace({**exchange.content, "spec": {**spec, **fields}})
