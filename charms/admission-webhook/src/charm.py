#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Admission Webhook: adds to users' pods what PodDefaults say."""

from __future__ import annotations

import charmkit
import ops
from admission_webhook_options import WebhookConfig
from charmkit import pebble, webhooks
from charmkit.interfaces import pod_defaults

CERTIFICATE = "/etc/webhook/certs/cert.pem"
KEY = "/etc/webhook/certs/key.pem"
"""Where the program looks by default; the image lets its user write there."""


class AdmissionWebhookCharm(ops.CharmBase):
    """Serves the webhook on every unit, with one certificate."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, WebhookConfig))
        self.peers = add(charmkit.Peers(self))
        self.certificate = add(
            webhooks.WebhookCertificate(
                self, self.peers, self.app.name, [(webhooks.MUTATING, self.app.name)]
            )
        )
        add(charmkit.ServicePorts(self, ports=lambda: {"https": self.options.get().port}))
        add(
            webhooks.WebhookManifests(
                self,
                certificate=self.certificate,
                context=lambda: {"port": self.options.get().port},
                purge="PodDefaults",
            )
        )
        add(pod_defaults.Provider(self))
        add(charmkit.Workload(self, "admission-webhook", layer=self._layer, files=self._files))
        add(charmkit.Observability(self))

    def _files(self) -> dict[str, str | charmkit.File]:
        serving = self.certificate.serving
        return {
            CERTIFICATE: serving.certificate,
            KEY: charmkit.File(serving.key, mode=0o600),
        }

    def _layer(self) -> charmkit.Layer:
        port = self.options.get().port
        return pebble.layer(
            "admission-webhook",
            f"/webhook -webhookPort {port}",
            summary="the webhook for PodDefaults",
            # It answers to nothing but admission reviews.
            checks=[pebble.tcp_check(port, timeout="20s", threshold=4)],
        )


if __name__ == "__main__":
    ops.main(AdmissionWebhookCharm)
