#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Istio Pilot: the mesh's control plane, and the platform's ingress."""

from __future__ import annotations

from typing import Any

import charmkit
import control_plane
import gateway_tls
import ingress_gateway
import ingress_routes
import ops
from charmkit import observability
from charmkit.interfaces import ingress, ingress_auth, istio_gateway_info, k8s_service
from gateway_address import GatewayAddress
from pilot_options import PilotConfig


class IstioPilotCharm(ops.CharmBase):
    """Applies Istio's objects; the leader does, the other units stand in for it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, PilotConfig))
        self.peers = add(charmkit.Peers(self))
        self.istiod = add(control_plane.Istiod(self, config=self.options.get))
        self.address = GatewayAddress(self.istiod, config=self.options.get)
        # The gateway opens last of all, so everything that closes it comes before.
        authorizers = add(ingress_auth.Provider(self))
        self.tls = add(
            gateway_tls.GatewayTls(
                self,
                self.peers,
                secret_id=lambda: self.options.get().tls_secret_id,
                host=self.address.certified,
            )
        )
        authentication = ingress_gateway.Authentication(
            self, self.peers, authorizers, routes=lambda: self.routes.decision.routes
        )
        self.gateway = add(
            ingress_gateway.IngressGateway(self, authentication, context=self._gateway)
        )
        applications = add(ingress.Provider(self, data=self._public_gateway))
        self.routes = add(ingress_routes.Routes(self, self.peers, applications))
        add(ingress_routes.VirtualServices(self, self.routes, config=self.options.get))
        add(k8s_service.Provider(self, "istio-pilot", data=self._service))
        add(istio_gateway_info.Provider(self, data=self._gateway_info))
        add(charmkit.Observability(self, jobs=self._jobs))
        # Webhooks come last: until istiod serves them, they stand in the way of all pods.
        add(control_plane.Webhooks(self, self.istiod))

    def _gateway(self) -> dict[str, Any]:
        return {
            "gateway": self.options.get().default_gateway,
            "ports": ingress_gateway.PORTS,
            "tls": self.tls.pair,
        }

    def _service(self) -> k8s_service.Service:
        host = f"istiod.{self.model.name}.svc"
        return k8s_service.Service(host, str(control_plane.DISCOVERY_PORT))

    def _public_gateway(self) -> ingress.Gateway:
        try:
            tls = self.tls.pair is not None
        except charmkit.NotReady:
            return ingress.Gateway()
        return ingress.Gateway(self.address.url(tls=tls))

    def _gateway_info(self) -> istio_gateway_info.Gateway:
        name = self.options.get().default_gateway
        up = self.gateway.is_open and bool(self.address.host())
        url = self._public_gateway().url or ""
        return istio_gateway_info.Gateway(name, self.model.name, up, url)

    def _jobs(self) -> list[observability.Job]:
        host = f"istiod.{self.model.name}.svc"
        return [observability.job(control_plane.METRICS_PORT, host=host)]


if __name__ == "__main__":
    ops.main(IstioPilotCharm)
