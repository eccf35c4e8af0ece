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

PORTS = {"https": (443, 9443), "http-metrics": controller.METRICS_PORT}
"""The controller serves its webhooks on 9443; it has no setting for it."""

CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"  # noqa: S108  where the controller looks

CONFIGURATIONS = (
    (webhooks.MUTATING, "pvcviewer-mutating-webhook-configuration"),
    (webhooks.VALIDATING, "pvcviewer-validating-webhook-configuration"),
)
COMMAND = (
    f"/manager --health-probe-bind-address=:{controller.PROBE_PORT}"
    f" --metrics-bind-address=:{controller.METRICS_PORT} --leader-elect"
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
        add(charmkit.ServicePorts(self, ports=lambda: PORTS))
        add(
            webhooks.WebhookManifests(
                self, certificate=self.certificate, legacy=LEGACY, purge="PVCViewers"
            )
        )
        self.gateway = add(istio_gateway_info.Requirer(self))
        add(
            charmkit.Workload(
                self,
                "pvcviewer-operator",
                layer=self._layer,
                files=lambda: self.certificate.files(CERTIFICATES, ca="tls.ca"),
            )
        )
        add(charmkit.Observability(self, jobs=lambda: [controller.METRICS_PORT]))

    def _layer(self) -> charmkit.Layer:
        environment = {"ISTIO_GATEWAY": controller.gateway(self.gateway, self.model.name)}
        return controller.layer(
            "pvcviewer-operator", "the PVCViewer controller", COMMAND, environment
        )


if __name__ == "__main__":
    ops.main(PvcViewerCharm)
