#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Istio Gateway: Istio's proxy where traffic enters or leaves the platform."""

from __future__ import annotations

from typing import Any

import charmkit
import gateway_address_wait
import gateway_options
import ops
from charmkit import observability
from charmkit.interfaces import k8s_service

METRICS_PORT = 9090


class IstioGatewayCharm(ops.CharmBase):
    """Keeps a Deployment and its Services; the leader does, the other units stand in for it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, gateway_options.GatewayConfig))
        self.pilot = add(k8s_service.Requirer(self, "istio-pilot", required=True))
        manifests = add(
            charmkit.Manifests(
                self,
                context=self._context,
                list_all=[gateway_address_wait.KIND],
                legacy=self._legacy(),
            )
        )
        add(charmkit.Observability(self, jobs=self._jobs))
        add(gateway_address_wait.AddressWait(self, manifests, service=self._balanced))

    def _context(self) -> dict[str, Any]:
        config, pilot = self.options.get(), self.pilot.get()
        istiod = f"{pilot.name}:{pilot.port}"
        return {**config.context(), "istiod": istiod, "metrics_port": METRICS_PORT}

    def _legacy(self) -> charmkit.Legacy:
        """A budget, also with one pod: then it keeps the pod's node from being drained."""
        name = f"istio-{self.config.get('kind') or 'ingress'}gateway-workload"
        budget = ("policy/v1", "PodDisruptionBudget", f"{{model}}/{name}")
        return charmkit.Legacy(objects=(budget,))

    def _balanced(self) -> str:
        """The name of the Service that gets an address from a load balancer, if it is to."""
        config = self.options.get()
        return f"{config.name}-workload" if config.service_type == "LoadBalancer" else ""

    def _jobs(self) -> list[observability.Job]:
        """The pods are not the charm's units: they are scraped through a Service of their own."""
        host = f"istio-gateway-metrics.{self.model.name}.svc"
        return [observability.job(METRICS_PORT, "/stats/prometheus", host=host)]


if __name__ == "__main__":
    ops.main(IstioGatewayCharm)
