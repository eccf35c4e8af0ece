#!/usr/bin/env python3
"""PVC Viewer: a file browser for each PVCViewer that names a volume."""

from __future__ import annotations

import charmkit
import ops
from charmkit import certificates, observability, purge
from charmkit.interfaces import istio_gateway_info

METRICS_PORT = 8080
PROBE_PORT = 8081
SERVICE_PORT = 443
WEBHOOK_PORT = 9443
"""Where the controller serves its webhooks; it has no setting for it."""

CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"  # noqa: S108  where the controller looks
DEFAULT_GATEWAY = "kubeflow-gateway"


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
                charmkit.MetricsEndpoint(self, self._jobs),
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
            charmkit.Port("http-metrics", METRICS_PORT),
        ]

    def _files(self) -> dict[str, charmkit.File]:
        serving = self.certificate.serving
        return {
            f"{CERTIFICATES}/tls.ca": charmkit.File(self.certificate.ca_bundle),
            f"{CERTIFICATES}/tls.crt": charmkit.File(serving.certificate),
            f"{CERTIFICATES}/tls.key": charmkit.File(serving.key, mode=0o600),
        }

    def _layer(self) -> charmkit.Layer:
        name = "pvcviewer-operator"
        command = (
            f"/manager --health-probe-bind-address=:{PROBE_PORT}"
            f" --metrics-bind-address=:{METRICS_PORT} --leader-elect"
        )
        service = {
            "override": "replace",
            "summary": "the PVCViewer controller",
            "command": command,
            "startup": "enabled",
            "environment": {"ISTIO_GATEWAY": self._gateway()},
            "on-check-failure": {f"{name}-ready": "restart"},
        }
        check = {
            "override": "replace",
            "level": "ready",
            "period": "30s",
            "threshold": 4,
            "http": {"url": f"http://localhost:{PROBE_PORT}/readyz"},
        }
        return {"services": {name: service}, "checks": {f"{name}-ready": check}}

    def _gateway(self) -> str:
        """The Gateway that routes are attached to, as a VirtualService names it."""
        for _, gateway in self.gateway.each():
            return f"{gateway.namespace}/{gateway.name}"
        return f"{self.model.name}/{DEFAULT_GATEWAY}"

    def _jobs(self) -> list[observability.Job]:
        return [observability.job(METRICS_PORT)]


if __name__ == "__main__":
    ops.main(PvcViewerCharm)
