#!/usr/bin/env python3
"""PVC Viewer: a file browser for each PVCViewer that names a volume."""

from __future__ import annotations

import charmkit
import ops
from charmkit import certificates, kubeflow_controller, purge
from charmkit.interfaces import istio_gateway_info

SERVICE_PORT = 443
WEBHOOK_PORT = 9443
"""Where the controller serves its webhooks; it has no setting for it."""

CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"  # noqa: S108  where the controller looks


class PvcViewerCharm(ops.CharmBase):
    """Runs controller and webhooks on every unit; the controllers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.peers = charmkit.Peers(self)
        self.certificate = certificates.WebhookCertificate(
            self,
            self.peers,
            self.app.name,
            [
                (certificates.MUTATING, "pvcviewer-mutating-webhook-configuration"),
                (certificates.VALIDATING, "pvcviewer-validating-webhook-configuration"),
            ],
        )
        self.manifests = certificates.WebhookManifests(
            self, self.certificate, left=charmkit.LeftBehind(scopes=("auth-and-crds",))
        )
        self.gateway = charmkit.Requirer(self, "gateway-info", istio_gateway_info.INTERFACE)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.peers,
                self.certificate,
                charmkit.ServicePorts(self, self._ports),
                self.manifests,
                self.gateway,
                charmkit.Workload(self, "pvcviewer-operator", self._layer, files=self._files),
                charmkit.MetricsEndpoint(self, kubeflow_controller.jobs),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "PVCViewers")

    def _ports(self) -> list[charmkit.Port]:
        return [
            charmkit.Port("https", SERVICE_PORT, WEBHOOK_PORT),
            charmkit.Port("http-metrics", kubeflow_controller.METRICS_PORT),
        ]

    def _files(self) -> dict[str, charmkit.File]:
        serving = self.certificate.serving
        return {
            f"{CERTIFICATES}/tls.ca": charmkit.File(self.certificate.ca_bundle),
            f"{CERTIFICATES}/tls.crt": charmkit.File(serving.certificate),
            f"{CERTIFICATES}/tls.key": charmkit.File(serving.key, mode=0o600),
        }

    def _layer(self) -> charmkit.Layer:
        command = (
            f"/manager --health-probe-bind-address=:{kubeflow_controller.PROBE_PORT}"
            f" --metrics-bind-address=:{kubeflow_controller.METRICS_PORT} --leader-elect"
        )
        gateway = kubeflow_controller.gateway(self.gateway, self.model.name)
        return kubeflow_controller.layer(
            "pvcviewer-operator", "the PVCViewer controller", command, {"ISTIO_GATEWAY": gateway}
        )


if __name__ == "__main__":
    ops.main(PvcViewerCharm)
