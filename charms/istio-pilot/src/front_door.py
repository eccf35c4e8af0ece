"""The platform's front door: open only while whoever comes is asked who they are.

The Gateway is what opens it, the filter what asks. The filter is there before the Gateway and goes
after it, and whenever it is not certain whom to ask, there is no Gateway.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import charmkit
import ops
from charmkit.interfaces import ingress_auth
from pilot_options import ALWAYS, ONCE_RELATED, WHILE_RELATED

PORTS = {"http": 8080, "https": 8443}
"""What the gateway's pods listen on, for each port of its Service."""

LEFT_FILTER = charmkit.LeftBehind(
    objects=(("networking.istio.io/v1alpha3", "EnvoyFilter", "{model}/{app}-authn-filter"),)
)

KEY = "authentication"
"""Where it stands in the peer databag that ingress-auth has been related."""


class Authentication:
    """Whether those who come in must have logged in, and who knows.

    Args:
        charm: the charm.
        peers: where it is recorded that ingress-auth has been related.
        endpoint: the endpoint ingress-auth.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        peers: charmkit.Peers,
        endpoint: charmkit.Provider[None, ingress_auth.Authorizer],
    ) -> None:
        self._charm = charm
        self._peers = peers
        self._endpoint = endpoint

    def authorizer(self) -> ingress_auth.Authorizer | None:
        """Who is asked about each request, or None if nobody need be.

        Raises:
            charmkit.NotReady: if somebody must be, but it is not known who.
        """
        if self._endpoint.relations:
            self._record()
            return self._endpoint.one()
        if self._is_required():
            raise charmkit.Blocked(
                f"the gateway is closed: relate ingress-auth, or set {KEY}={WHILE_RELATED}"
            )
        return None

    def _record(self) -> None:
        if self._peers.data.get(KEY) != "required":
            self._peers.data[KEY] = "required"

    def _is_required(self) -> bool:
        """By the option; a bad value of it, or of any other, must not open the door."""
        option = self._charm.config.get(KEY, ONCE_RELATED)
        if option == WHILE_RELATED:
            return False
        return option != ONCE_RELATED or self._peers.data.get(KEY) == "required"


class Door(charmkit.Component):
    """The filter and the Gateway, in the one order or the other.

    Args:
        charm: the charm.
        authentication: whether those who come in must have logged in.
        gateway: returns the context of the Gateway's template.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        authentication: Authentication,
        gateway: Callable[[], dict[str, Any]],
    ) -> None:
        super().__init__(charm)
        self._authentication = authentication
        self._filter = charmkit.Manifests(
            charm,
            self._filter_context,
            files="src/manifests/filter/*.yaml.j2",
            whole=("EnvoyFilter",),
            left=LEFT_FILTER,
        )
        # A published charm's Gateway opens the door as much as ours does.
        self._gateway = charmkit.Manifests(
            charm,
            gateway,
            files="src/manifests/gateway/*.yaml.j2",
            whole=("Gateway",),
            left=charmkit.LeftBehind(scopes=("gateway",)),
        )
        self._opened = self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether there is a Gateway now.

        Raises:
            charmkit.NotReady: if the Kubernetes API does not answer.
        """
        return self._opened or (not self._closed and bool(self._gateway.owned("Gateway")))

    def reconcile(self) -> None:
        """Open or close; the leader does it."""
        if not self.charm.unit.is_leader():
            return
        try:
            self._authentication.authorizer()
        except charmkit.NotReady:
            self._close()
            raise
        self._filter.reconcile()
        self._gateway.reconcile()
        self._opened = True

    def remove(self) -> None:
        """First the Gateway, then the filter."""
        self._gateway.remove()
        self._filter.remove()

    def _close(self) -> None:
        """Without a Gateway nothing is served; the filter may stay, for when it comes back."""
        self._gateway.withdraw()
        self._closed = True

    def _filter_context(self) -> dict[str, Any]:
        authorizer = self._authentication.authorizer()
        if authorizer is None:
            return {"authorizer": None}
        host = f"{authorizer.service}.{self.charm.model.name}.svc.cluster.local"
        return {
            "ports": list(PORTS.values()),
            "authorizer": {
                "host": host,
                "port": authorizer.port,
                "request_headers": [{"exact": name} for name in authorizer.request_headers],
                "response_headers": [{"exact": name} for name in authorizer.response_headers],
            },
        }


__all__ = ["ALWAYS", "PORTS", "Authentication", "Door"]
