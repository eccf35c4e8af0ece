#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Envoy: lets browsers talk to the ML Metadata server."""

from __future__ import annotations

import charmkit
import envoy_config
import ops
from charmkit import observability
from charmkit.interfaces import ingress, k8s_service
from envoy_options import EnvoyConfig


class EnvoyCharm(ops.CharmBase):
    """Runs Envoy on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, EnvoyConfig))
        self.metadata = add(k8s_service.PlainRequirer(self, "grpc", required=True))
        add(charmkit.ServicePorts(self, ports=self._ports))
        add(ingress.Requirer(self, data=self._route))
        add(charmkit.Workload(self, "envoy", layer=self._layer, files=self._files))
        add(charmkit.Observability(self, jobs=self._jobs))

    def _ports(self) -> dict[str, int]:
        options = self.options.get()
        return {"admin": options.admin_port, "http": options.http_port}

    def _route(self) -> ingress.Route:
        port, path = self.options.get().http_port, "/ml_metadata"
        return ingress.Route(self.app.name, port, prefix=path, rewrite=path)

    def _files(self) -> dict[str, str]:
        options, metadata = self.options.get(), self.metadata.get()
        text = envoy_config.config(
            http_port=options.http_port,
            admin_port=options.admin_port,
            server=metadata.name,
            server_port=int(metadata.port),
        )
        return {envoy_config.PATH: text}

    def _layer(self) -> charmkit.Layer:
        options = self.options.get()
        return envoy_config.layer(options.log_level, options.admin_port)

    def _jobs(self) -> list[observability.Job]:
        port = self.options.get().admin_port
        return [observability.job(port, "/stats/prometheus", job_name="envoy_operator_metrics")]


if __name__ == "__main__":
    ops.main(EnvoyCharm)
