#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""PVC Viewer: a file browser for each PVCViewer that names a volume."""

from __future__ import annotations

import charmkit
import ops
from charmkit import webhooks
from charmkit.interfaces import istio_gateway_info
from charmkit.kubeflow import controller

SERVICE_PORT = 443
WEBHOOK_PORT = 9443
"""Where the controller serves its webhooks; it has no setting for it."""

CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"  # noqa: S108  where the controller looks

CONFIGURATIONS = (
    (webhooks.MUTATING, "pvcviewer-mutating-webhook-configuration"),
    (webhooks.VALIDATING, "pvcviewer-validating-webhook-configuration"),
)
LEGACY = charmkit.Legacy(scopes=("auth-and-crds",))


class PvcViewerCharm(ops.CharmBase):
    """Runs controller and webhooks on every unit; the controllers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.peers = add(charmkit.Peers(self))
        self.certificate = add(
            webhooks.WebhookCertificate(self, self.peers, self.app.name, CONFIGURATIONS)
        )
        add(charmkit.ServicePorts(self, ports=self._ports))
        self.manifests = add(
            webhooks.WebhookManifests(self, certificate=self.certificate, legacy=LEGACY)
        )
        self.gateway = add(istio_gateway_info.Requirer(self))
        add(charmkit.Workload(self, "pvcviewer-operator", layer=self._layer, files=self._files))
        add(charmkit.MetricsEndpoint(self, jobs=controller.jobs))
        add(charmkit.GrafanaDashboards(self))
        add(charmkit.LogForwarding(self))
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        charmkit.purge_definitions(event, self.manifests, "PVCViewers")

    def _ports(self) -> list[charmkit.Port]:
        return [
            charmkit.Port("https", SERVICE_PORT, WEBHOOK_PORT),
            charmkit.Port("http-metrics", controller.METRICS_PORT),
        ]

    def _files(self) -> dict[str, charmkit.File]:
        serving = self.certificate.serving
        return {
            f"{CERTIFICATES}/tls.ca": charmkit.File(self.certificate.ca_bundle, watched=True),
            f"{CERTIFICATES}/tls.crt": charmkit.File(serving.certificate, watched=True),
            f"{CERTIFICATES}/tls.key": charmkit.File(serving.key, mode=0o600, watched=True),
        }

    def _layer(self) -> charmkit.Layer:
        command = (
            f"/manager --health-probe-bind-address=:{controller.PROBE_PORT}"
            f" --metrics-bind-address=:{controller.METRICS_PORT} --leader-elect"
        )
        gateway = controller.gateway(self.gateway, self.model.name)
        return controller.layer(
            "pvcviewer-operator", "the PVCViewer controller", command, {"ISTIO_GATEWAY": gateway}
        )


if __name__ == "__main__":
    ops.main(PvcViewerCharm)
