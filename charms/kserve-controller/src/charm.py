#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""KServe Controller: models, each behind one URL."""

from __future__ import annotations

import functools

import charmkit
import kserve_webhooks
import manager_layer
import ops
from charmkit import kube, webhooks
from charmkit.kubeflow import controller
from kserve_options import METRICS_PORT, KserveConfig
from model_credentials import ModelStore
from model_settings import ModelSettings
from serving_gateways import ServingGateways

NAME = "kserve-controller"


class KserveControllerCharm(ops.CharmBase):
    """Runs manager and webhooks on every unit; the managers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, KserveConfig))
        self.peers = add(charmkit.Peers(self))
        self.certificate = add(kserve_webhooks.certificate(self, self.peers))
        self.gateways = add(
            ServingGateways(
                self,
                mode=lambda: self.options.get().deployment_mode,
                domain=lambda: self.options.get().domain_name,
            )
        )
        self.store = add(ModelStore(self))
        self.models = ModelSettings(self.options, self.gateways, self.store)
        self.manifests = add(
            charmkit.Manifests(
                self,
                list_all=[manager_layer.DEFINITION],
                legacy=kserve_webhooks.LEGACY,
                purge="InferenceServices",
            )
        )
        add(
            charmkit.Manifests(
                self,
                "config",
                context=self.models.configuration,
                files="src/manifests/config/*.yaml.j2",
            )
        )
        # Before the webhooks, which they pass: these are the first to go at the end.
        add(
            charmkit.Manifests(
                self,
                "runtimes",
                context=self.models.runtimes,
                files="src/manifests/runtimes/*.yaml.j2",
            )
        )
        self.webhooks = add(
            webhooks.WebhookManifests(
                self,
                "webhooks",
                certificate=self.certificate,
                context=lambda: {"port": self.options.get().port},
                files="src/manifests/webhooks/*.yaml.j2",
                list_all=[kube.SERVICE],
            )
        )
        add(
            charmkit.ServicePorts(
                self,
                ports=lambda: {"http-metrics": METRICS_PORT},
                find=functools.partial(self.webhooks.get_live, kube.SERVICE),
            )
        )
        self.manager = manager_layer.Manager(self, NAME, self._is_defined)
        add(
            charmkit.Workload(
                self,
                NAME,
                layer=self._layer,
                files=lambda: self.certificate.files(kserve_webhooks.CERTIFICATES, ca="ca.crt"),
            )
        )
        add(charmkit.Observability(self, jobs=lambda: [controller.METRICS_PORT]))

    def _layer(self) -> charmkit.Layer:
        return self.manager.layer(self.models.sections(), self.options.get().port)

    def _is_defined(self, name: str) -> bool:
        return self.manifests.get_live(manager_layer.DEFINITION, name) is not None


if __name__ == "__main__":
    ops.main(KserveControllerCharm)
