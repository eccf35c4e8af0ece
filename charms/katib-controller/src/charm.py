#!/usr/bin/env python3
"""Katib Controller: experiments that tune models, their suggestions and their trials."""

from __future__ import annotations

import pathlib
from typing import Any

import charmkit
import katib_config
import katib_controller_program as program
import katib_objects
import katib_trial_kinds
import ops
from charmkit import certificates, kubeflow_controller, observability, purge
from charmkit.interfaces import k8s_service
from katib_options import KatibControllerOptions

WEBHOOKS = "katib.kubeflow.org"


class KatibControllerCharm(ops.CharmBase):
    """Runs controllers and webhooks on every unit; the controllers elect the ones that work."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, KatibControllerOptions)
        self.peers = charmkit.Peers(self)
        self.certificate = certificates.WebhookCertificate(
            self,
            self.peers,
            self.app.name,
            [(certificates.MUTATING, WEBHOOKS), (certificates.VALIDATING, WEBHOOKS)],
        )
        self.manifests = certificates.WebhookManifests(
            self,
            self.certificate,
            self._context,
            left=charmkit.LeftBehind(scopes=("auths-webhooks-crds-configmaps",)),
        )
        self.kinds = katib_trial_kinds.TrialKinds(self, self.peers)
        self.database = charmkit.Requirer(
            self, "k8s-service-info", k8s_service.PLAIN_INTERFACE, required=True
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.certificate,
                charmkit.ServicePorts(self, self._ports),
                self.manifests,
                self.kinds,
                self.database,
                charmkit.Workload(self, "katib-controller", self._layer, files=self._files),
                charmkit.MetricsEndpoint(self, self._jobs),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "experiments, suggestions and trials")

    def _context(self) -> dict[str, Any]:
        return katib_objects.context(self.options.value, pathlib.Path(self.charm_dir))

    def _ports(self) -> list[charmkit.Port]:
        config = self.options.value
        return [
            charmkit.Port("https-webhook", config.webhook_port, katib_config.WEBHOOK_PORT),
            charmkit.Port("http-metrics", config.metrics_port),
        ]

    def _jobs(self) -> list[observability.Job]:
        return [observability.job(self.options.value.metrics_port)]

    def _files(self) -> dict[str, charmkit.File]:
        serving = self.certificate.serving
        config = katib_config.init_file(katib_objects.config(self.options.value))
        return {
            f"{program.CERTIFICATES}/ca.crt": charmkit.File(self.certificate.ca_bundle),
            f"{program.CERTIFICATES}/tls.crt": charmkit.File(serving.certificate),
            f"{program.CERTIFICATES}/tls.key": charmkit.File(serving.key, mode=0o600),
            program.CONFIG: charmkit.File(config),
        }

    def _layer(self) -> charmkit.Layer:
        database = self.database.one()
        return kubeflow_controller.layer(
            "katib-controller",
            "Katib's controller",
            program.COMMAND,
            program.environment(self.model.name, database.name, database.port, self.kinds.text),
            probe_port=katib_config.HEALTH_PORT,
        )


if __name__ == "__main__":
    ops.main(KatibControllerCharm)
