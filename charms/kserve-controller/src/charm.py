#!/usr/bin/env python3
"""KServe Controller: models, each behind one URL."""

from __future__ import annotations

from typing import Any

import charmkit
import kserve_webhooks
import model_credentials
import ops
import serving_config
from charmkit import certificates, observability, proxy, purge
from charmkit.interfaces import kubernetes_manifest
from kserve_options import METRICS_PORT, PROBE_PORT, KserveOptions
from serving_gateways import ServingGateways

CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"  # noqa: S108  where the manager looks


class KserveControllerCharm(ops.CharmBase):
    """Runs manager and webhooks on every unit; the managers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, KserveOptions)
        self.peers = charmkit.Peers(self)
        self.certificate = kserve_webhooks.certificate(self, self.peers)
        self.gateways = ServingGateways(
            self,
            lambda: self.options.value.deployment_mode,
            lambda: self.options.value.domain_name,
        )
        self.store = model_credentials.ModelStore(self)
        self.manifests = certificates.WebhookManifests(
            self,
            self.certificate,
            lambda: {"port": self.options.value.port},
            whole=("CustomResourceDefinition",),
            left=kserve_webhooks.LEFT,
        )
        self.configuration = charmkit.Manifests(
            self, self._configuration, files="src/manifests/config/*.yaml.j2"
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.certificate,
                charmkit.ServicePorts(self, self._ports),
                self.manifests,
                *self.gateways.endpoints,
                self.gateways,
                *self.store.endpoints,
                self.store,
                self.configuration,
                charmkit.Workload(self, "kserve-controller", self._layer, files=self._files),
                kserve_webhooks.Runtimes(self, self._runtimes),
                charmkit.MetricsEndpoint(self, self._jobs),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)
