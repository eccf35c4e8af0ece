# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The wait for an address from the cluster's load balancer."""

from __future__ import annotations

from collections.abc import Callable

import charmkit
import ops
from charmkit import kube

KIND = kube.Kind("v1", "Service", namespaced=True)


class AddressWait(charmkit.Component):
    """Says that the gateway has no address yet; it serves inside the cluster all the same.

    No event tells that the address has come: it is seen with the next one, at the latest with
    `update-status`.

    Args:
        charm: the charm.
        manifests: what has the Service; it must list all Services.
        service: returns the Service's name, or nothing if no load balancer is asked for.
    """

    def __init__(
        self, charm: ops.CharmBase, manifests: charmkit.Manifests, *, service: Callable[[], str]
    ) -> None:
        super().__init__(charm)
        self._manifests = manifests
        self._service = service
        self._kube = kube.Kube(charm)

    def status(self) -> ops.StatusBase:
        """Waiting while there is no address."""
        name = self._service()
        if name and not self._has_address(name):
            raise charmkit.Waiting(
                f"waiting for a load balancer to give {name} an address"
                " (if the cluster has none: gateway_service_type=NodePort)"
            )
        return ops.ActiveStatus()

    def _has_address(self, name: str) -> bool:
        """By what is known from before the hook, or else by what has become of it since."""
        if _is_balanced(self._manifests.get_live(KIND, name)):
            return True
        now = self._kube.list(KIND, self._manifests.labels, namespace=self.charm.model.name)
        return any(_is_balanced(each) for each in now if each["metadata"]["name"] == name)


def _is_balanced(service: kube.Object | None) -> bool:
    return bool(service and service.get("status", {}).get("loadBalancer", {}).get("ingress"))
