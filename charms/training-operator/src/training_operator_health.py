"""Whether the operator's pods can be started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import charmkit
import ops

_BAD = {"ReplicaFailure": "True", "Progressing": "False"}
"""Conditions of a Deployment by which Kubernetes says that its pods do not start."""


class PodsHealth(charmkit.Component):
    """Says what keeps the pods of the operator's Deployment from starting, if anything does.

    No event tells of it: it is seen with the next one, at the latest with `update-status`.

    Args:
        charm: the charm.
        manifests: what has the Deployment.
    """

    def __init__(self, charm: ops.CharmBase, manifests: charmkit.Manifests) -> None:
        super().__init__(charm)
        self._manifests = manifests

    def status(self) -> ops.StatusBase:
        """Waiting while Kubernetes says that they do not start; the leader says so."""
        if self.charm.unit.is_leader():
            for deployment in self._manifests.owned("Deployment"):
                reason = reason_of(deployment)
                if reason:
                    raise charmkit.Waiting(f"the operator's pods do not start: {reason}")
        return ops.ActiveStatus()


def reason_of(deployment: Mapping[str, Any]) -> str:
    """Return why a Deployment's pods do not start, or nothing."""
    conditions = deployment.get("status", {}).get("conditions", [])
    found = [each for each in conditions if _BAD.get(each["type"]) == each["status"]]
    return str(found[0].get("message", found[0]["type"]))[:150] if found else ""
