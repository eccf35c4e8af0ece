# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The ingress gateway, which fails closed: it serves only while requests are authenticated.

The Gateway object opens the ports, the EnvoyFilter asks the authorizer about each request. The
filter is applied before the Gateway and deleted after it, and while it is not certain who the
authorizer is, there is no Gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import charmkit
import ingress_routes
import ops
from charmkit import kube
from charmkit.interfaces import ingress_auth
from pilot_options import ALWAYS, ONCE_RELATED, WHILE_RELATED

PORTS = {"http": 8080, "https": 8443}
"""What the gateway's pods listen on, for each port of its Service."""

LEGACY_FILTER = charmkit.Legacy(
    objects=(("networking.istio.io/v1alpha3", "EnvoyFilter", "{model}/{app}-authn-filter"),)
)

GATEWAY = kube.Kind("networking.istio.io/v1", "Gateway", namespaced=True)
ENVOY_FILTER = kube.Kind("networking.istio.io/v1alpha3", "EnvoyFilter", namespaced=True)

KEY = "authentication"
"""The key of the peer databag that records that ingress-auth has been related."""


class Authentication:
    """Whether requests must be authenticated, and by whom.

    Args:
        charm: the charm.
        peers: where it is recorded that ingress-auth has been related.
        endpoint: the endpoint ingress-auth.
        routes: returns the routes of the gateway.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        peers: charmkit.Peers,
        endpoint: ingress_auth.Provider,
        routes: Callable[[], Iterable[ingress_routes.Route]],
    ) -> None:
        self._charm = charm
        self._peers = peers
        self._endpoint = endpoint
        self._routes = routes

    def authorizer(self) -> ingress_auth.Authorizer | None:
        """Return who is asked about each request, or None if requests need no authentication.

        Raises:
            charmkit.NotReady: if they need it, but the authorizer is not known.
        """
        if self._endpoint.relations:
            self._record()
            authorizer = self._endpoint.get()
            self._check_exemptions(authorizer, self._endpoint.relations[0].app.name)
            return authorizer
        if self._is_required():
            raise charmkit.Blocked(
                f"the gateway is closed: relate ingress-auth, or set {KEY}={WHILE_RELATED}"
            )
        return None

    def _check_exemptions(self, authorizer: ingress_auth.Authorizer, app: str) -> None:
        """Refuse an authorizer that lets everybody pass to what is another application's."""
        others = [route for route in self._routes() if route.name != app]
        for path in authorizer.exempt_paths:
            for route in others:
                if f"{route.prefix.rstrip('/')}/".startswith(path):
                    raise charmkit.Blocked(
                        f"the gateway is closed: {app} exempts {path} from login, which opens"
                        f" {route.name}: correct {app}'s skip-auth-urls"
                    )

    def _record(self) -> None:
        if self._peers.data.get(KEY) != "required":
            self._peers.data[KEY] = "required"

    def _is_required(self) -> bool:
        """Return what the option says; an invalid value of any must not open the gateway."""
        option = self._charm.config.get(KEY, ONCE_RELATED)
        if option == WHILE_RELATED:
            return False
        return option != ONCE_RELATED or self._peers.data.get(KEY) == "required"


class IngressGateway(charmkit.Component):
    """The filter and the Gateway, in the one order or the other.

    Args:
        charm: the charm.
        authentication: whether requests must be authenticated.
        context: returns the context of the Gateway's template.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        authentication: Authentication,
        *,
        context: Callable[[], dict[str, Any]],
    ) -> None:
        super().__init__(charm)
        self._authentication = authentication
        self._filter = charmkit.Manifests(
            charm,
            "filter",
            context=self._filter_context,
            files="src/manifests/filter/*.yaml.j2",
            list_all=[ENVOY_FILTER],
            legacy=LEGACY_FILTER,
        )
        # A published charm's Gateway opens the ports as much as ours does.
        self._gateway = charmkit.Manifests(
            charm,
            "gateway",
            context=context,
            files="src/manifests/gateway/*.yaml.j2",
            list_all=[GATEWAY],
            legacy=charmkit.Legacy(scopes=("gateway",)),
        )
        self._opened = self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether there is a Gateway now.

        Raises:
            charmkit.NotReady: if the Kubernetes API does not answer.
        """
        return self._opened or (not self._closed and bool(self._gateway.live_owned(GATEWAY)))

    def reconcile(self) -> None:
        """Apply both, or delete the Gateway; the leader does it."""
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
        """Remove the Gateway, then the filter."""
        self._gateway.remove()
        self._filter.remove()

    def _close(self) -> None:
        """Delete the Gateway, so that nothing is served; the filter stays until it comes back."""
        self._gateway.withdraw()
        self._closed = True

    def _filter_context(self) -> dict[str, Any]:
        authorizer = self._authentication.authorizer()
        if authorizer is None:
            return {"authorizer": None}
        host = f"{authorizer.service}.{self.charm.model.name}.svc.cluster.local"
        # Envoy compares names in small letters, and takes the case of a pattern as it is.
        asked, answered = (
            [name.lower() for name in names]
            for names in (authorizer.request_headers, authorizer.response_headers)
        )
        return {
            "ports": list(PORTS.values()),
            "authorizer": {
                "host": host,
                "port": authorizer.port,
                "request_headers": [{"exact": name} for name in asked],
                "response_headers": [{"exact": name} for name in answered],
                "removed_headers": [
                    {"remove": spelling} for name in answered for spelling in _spellings(name)
                ],
            },
        }


def _spellings(name: str) -> list[str]:
    """Return the names that a workload could take for a header's.

    In WSGI and CGI a header is a variable, `HTTP_KUBEFLOW_USERID`: what was a hyphen there, and
    what an underscore, nobody can tell. Source: PEP 3333; RFC 3875, section 4.1.18.
    """
    first, *others = name.split("-")
    found = [first]
    for part in others:
        found = [f"{begin}{separator}{part}" for begin in found for separator in "-_"]
    return found


__all__ = ["ALWAYS", "PORTS", "Authentication", "IngressGateway"]
