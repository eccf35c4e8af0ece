# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm with two webhooks: one trusts the charm's own CA, one waits for a controller."""

from __future__ import annotations

import charmkit
import ops
from charmkit import pebble, webhooks

CERTIFICATE = "/certs/tls.crt"
KEY = "/certs/tls.key"


class GateCharm(ops.CharmBase):
    """Serves the certificate that its webhook's configuration trusts."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.peers = add(charmkit.Peers(self))
        self.certificate = add(
            webhooks.WebhookCertificate(
                self, self.peers, self.app.name, [(webhooks.VALIDATING, f"{self.app.name}-own")]
            )
        )
        add(webhooks.WebhookManifests(self, certificate=self.certificate))
        add(charmkit.ServicePorts(self, ports=lambda: {"https": 443}))
        add(charmkit.Workload(self, "gate", layer=self._layer, files=self._files))

    def _files(self) -> dict[str, charmkit.File]:
        serving = self.certificate.serving
        return {
            CERTIFICATE: charmkit.File(serving.certificate),
            KEY: charmkit.File(serving.key, 0o600),
        }

    def _layer(self) -> charmkit.Layer:
        return pebble.layer("gate", "/gate")


if __name__ == "__main__":
    ops.main(GateCharm)
