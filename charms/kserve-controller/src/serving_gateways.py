# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""By which gateways models are reached, and under which domain: what the relations say of it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import charmkit
import ops
from charmkit.interfaces import gateway_metadata, istio_gateway_info, serving_local_gateway
from serving_config import SERVERLESS, Gateways

DEFAULT_DOMAIN = "example.com"
"""The default of the published charm, which stands for nothing being set."""


@dataclasses.dataclass(frozen=True)
class Route:
    """How models are reached.

    Args:
        gateways: by which gateways.
        domain: what their names end in.
        scheme: `http` or `https`.
    """

    gateways: Gateways
    domain: str
    scheme: str


class ServingGateways(charmkit.Component):
    """The one gateway for requests from outside, and Knative's for those from within.

    Args:
        charm: the charm.
        mode: returns how models run.
        domain: returns the domain that is set, or nothing.
    """

    def __init__(
        self, charm: ops.CharmBase, *, mode: Callable[[], str], domain: Callable[[], str]
    ) -> None:
        super().__init__(charm)
        self._mode = mode
        self._domain = domain
        is_serverless = self._is_serverless()
        self._api = gateway_metadata.Requirer(charm)
        self._istio = istio_gateway_info.Requirer(
            charm, "ingress-gateway", required=is_serverless or not self._api.relations
        )
        self._local = serving_local_gateway.Requirer(charm, required=is_serverless)
        self.parts = (self._istio, self._api, self._local)

    @functools.cached_property
    def route(self) -> Route:
        """How models are reached.

        Raises:
            charmkit.Blocked: if a relation is missing or one too many, or two domains are set.
            charmkit.Waiting: if the other side has not said everything yet.
        """
        if self._istio.relations and self._api.relations:
            raise charmkit.Blocked(
                "remove the relation ingress-gateway or gateway-metadata: one gateway is used"
            )
        return self._serverless() if self._is_serverless() else self._raw()

    def status(self) -> ops.StatusBase:
        """Active if it is known how models are reached."""
        _ = self.route
        return ops.ActiveStatus()

    def _is_serverless(self) -> bool:
        """Whether models are serverless; so they are as long as the option can't be read."""
        try:
            return self._mode() == SERVERLESS
        except charmkit.Blocked:
            return True

    def _serverless(self) -> Route:
        istio, local = self._istio.get(), self._local.get()
        service = local.service or f"{local.name}.{istio.namespace}.svc.cluster.local"
        gateways = Gateways(istio.reference, local=local.reference, local_service=service)
        return Route(gateways, self._agreed(local.domain), istio.scheme)

    def _raw(self) -> Route:
        if self._api.relations:
            metadata = self._api.get().metadata
            reference = f"{metadata.namespace}/{metadata.gateway_name}"
            gateways = Gateways(reference, has_gateway_api=True)
            return Route(gateways, self._domain() or DEFAULT_DOMAIN, "http")
        istio = self._istio.get()
        domain = self._domain() or istio.domain or DEFAULT_DOMAIN
        return Route(Gateways(istio.reference), domain, istio.scheme)

    def _agreed(self, theirs: str) -> str:
        """The domain of both KServe and Knative, by whose names models are routed."""
        ours = self._domain()
        if ours and theirs and ours != theirs:
            raise charmkit.Blocked(f"option domain-name accepts {theirs}, as knative-serving has")
        return ours or theirs or DEFAULT_DOMAIN
