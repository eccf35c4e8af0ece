#!/usr/bin/env python3
"""Katib Controller: experiments that tune models, their suggestions and their trials."""

from __future__ import annotations

import pathlib
from typing import Any

import charmkit
import katib_config
import katib_schemas
import katib_trial_templates
import ops
from charmkit import certificates, kubeflow_controller, observability, purge
from charmkit._crd_schema import KubernetesSchema
from charmkit.interfaces import k8s_service
from katib_options import KatibControllerOptions

CERTIFICATES = "/tmp/cert"  # noqa: S108  where the controller looks
CONFIG = "/katib-config/katib-config.yaml"

POD_LABELS = {
    "mutator.pod": "batch.kubernetes.io/job-name",
    "mutator.training-pod": "training.kubeflow.org/job-name",
}
"""The webhooks for pods of trials, and the label by which each knows them: pods of Jobs, and those
of training jobs."""


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
            [
                (certificates.MUTATING, "katib.kubeflow.org"),
                (certificates.VALIDATING, "katib.kubeflow.org"),
            ],
        )
        self.manifests = certificates.WebhookManifests(
            self,
            self.certificate,
            self._context,
            left=charmkit.LeftBehind(scopes=("auths-webhooks-crds-configmaps",)),
        )
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
        config = self.options.value
        return {
            "schemas": katib_schemas.schemas(KubernetesSchema()),
            "config": katib_config.text(self._config()),
            "trial_templates": katib_trial_templates.templates(
                config.custom_images, config.trial_templates, pathlib.Path(self.charm_dir)
            ),
            "webhook_port": config.webhook_port,
            "pod_labels": POD_LABELS,
            "pod_failure_policy": config.pod_webhook_failure_policy,
        }

    def _config(self) -> dict[str, Any]:
        config = self.options.value
        return katib_config.config(
            config.custom_images,
            config.metrics_port,
            config.suggestion_resources,
            config.metrics_collector_resources,
        )

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
        return {
            f"{CERTIFICATES}/ca.crt": charmkit.File(self.certificate.ca_bundle),
            f"{CERTIFICATES}/tls.crt": charmkit.File(serving.certificate),
            f"{CERTIFICATES}/tls.key": charmkit.File(serving.key, mode=0o600),
            CONFIG: charmkit.File(katib_config.init_file(self._config())),
        }

    def _layer(self) -> charmkit.Layer:
        database = self.database.one()
        # The name alone is that of a Service in the same model.
        host, _, namespace = database.name.partition(".")
        return kubeflow_controller.layer(
            "katib-controller",
            "Katib's controller",
            f"./katib-controller --katib-config={CONFIG}",
            {
                "KATIB_CORE_NAMESPACE": self.model.name,
                "KATIB_DB_MANAGER_SERVICE_IP": host,
                "KATIB_DB_MANAGER_SERVICE_NAMESPACE": namespace or self.model.name,
                "KATIB_DB_MANAGER_SERVICE_PORT": database.port,
            },
            probe_port=katib_config.HEALTH_PORT,
        )


if __name__ == "__main__":
    ops.main(KatibControllerCharm)
