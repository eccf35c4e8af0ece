#!/usr/bin/env python3
"""Admission Webhook: adds to users' pods what PodDefaults say."""

from __future__ import annotations

import dataclasses
from typing import Any

import charmkit
import ops
from charmkit import certificates, options, purge
from charmkit.interfaces import pod_defaults

CERTIFICATE = "/etc/webhook/certs/cert.pem"
KEY = "/etc/webhook/certs/key.pem"
"""Where the program looks by default; the image lets its user write there."""


@dataclasses.dataclass(frozen=True)
class WebhookOptions:
    """The options, parsed."""

    port: int = options.port()


class AdmissionWebhookCharm(ops.CharmBase):
    """Serves the webhook on every unit, with one certificate."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, WebhookOptions)
        self.peers = charmkit.Peers(self)
        self.certificate = certificates.WebhookCertificate(
            self, self.peers, self.app.name, [(certificates.MUTATING, self.app.name)]
        )
        self.manifests = certificates.WebhookManifests(self, self.certificate, self._context)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.certificate,
                charmkit.ServicePorts(self, self._ports),
                self.manifests,
                charmkit.Provider(self, "pod-defaults", pod_defaults.INTERFACE),
                charmkit.Workload(self, "admission-webhook", self._layer, files=self._files),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "PodDefaults")

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("https", self.options.value.port)]

    def _context(self) -> dict[str, Any]:
        return {"port": self.options.value.port}

    def _files(self) -> dict[str, charmkit.File]:
        serving = self.certificate.serving
        return {
            CERTIFICATE: charmkit.File(serving.certificate),
            KEY: charmkit.File(serving.key, mode=0o600),
        }

    def _layer(self) -> charmkit.Layer:
        name, port = "admission-webhook", self.options.value.port
        service = {
            "override": "replace",
            "summary": "the webhook for PodDefaults",
            "command": f"/webhook -webhookPort {port}",
            "startup": "enabled",
            "on-check-failure": {f"{name}-ready": "restart"},
        }
        # It answers to nothing but admission reviews.
        check = {
            "override": "replace",
            "level": "ready",
            "period": "30s",
            "timeout": "20s",
            "threshold": 4,
            "tcp": {"port": port},
        }
        return {"services": {name: service}, "checks": {f"{name}-ready": check}}


if __name__ == "__main__":
    ops.main(AdmissionWebhookCharm)
