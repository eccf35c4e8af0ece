"""A charm with two webhooks: one trusts the charm's own authority, one waits for a controller."""

from __future__ import annotations

import charmkit
import ops
from charmkit import certificates

CERTIFICATE = "/certs/tls.crt"
KEY = "/certs/tls.key"


class GateCharm(ops.CharmBase):
    """Serves the certificate that its webhook's configuration trusts."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.peers = charmkit.Peers(self)
        self.certificate = certificates.WebhookCertificate(
            self, self.peers, self.app.name, [(certificates.VALIDATING, f"{self.app.name}-own")]
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.peers,
                self.certificate,
                certificates.WebhookManifests(self, self.certificate),
                charmkit.ServicePorts(self, lambda: [charmkit.Port("https", 443)]),
                charmkit.Workload(self, "gate", self._layer, files=self._files),
            ],
        )

    def _files(self) -> dict[str, charmkit.File]:
        serving = self.certificate.serving
        return {
            CERTIFICATE: charmkit.File(serving.certificate),
            KEY: charmkit.File(serving.key, 0o600),
        }

    def _layer(self) -> charmkit.Layer:
        service = {"override": "replace", "command": "/gate", "startup": "enabled"}
        return {"services": {"gate": service}}


if __name__ == "__main__":
    ops.main(GateCharm)
