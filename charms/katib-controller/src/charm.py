#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib Controller: experiments that tune models, their suggestions and their trials."""

from __future__ import annotations

import pathlib
from typing import Any

import charmkit
import katib_config
import katib_controller_program
import katib_objects
import katib_trial_kinds
import ops
from charmkit import webhooks
from charmkit.interfaces import k8s_service
from katib_options import KatibControllerConfig

CERTIFICATES = "/tmp/cert"  # noqa: S108  where the controller looks

CONFIGURATIONS = (
    (webhooks.MUTATING, "katib.kubeflow.org"),
    (webhooks.VALIDATING, "katib.kubeflow.org"),
)
LEGACY = charmkit.Legacy(scopes=("auths-webhooks-crds-configmaps",))


class KatibControllerCharm(ops.CharmBase):
    """Runs controllers and webhooks on every unit; the controllers elect the ones that work."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, KatibControllerConfig))
        self.peers = add(charmkit.Peers(self))
        self.certificate = add(
            webhooks.WebhookCertificate(self, self.peers, self.app.name, CONFIGURATIONS)
        )
        add(charmkit.ServicePorts(self, ports=self._ports))
        add(
            webhooks.WebhookManifests(
                self,
                certificate=self.certificate,
                context=self._context,
                legacy=LEGACY,
                purge="experiments, suggestions and trials",
            )
        )
        self.kinds = add(katib_trial_kinds.TrialKinds(self, self.peers))
        self.database = add(k8s_service.PlainRequirer(self, "k8s-service-info", required=True))
        add(charmkit.Workload(self, "katib-controller", layer=self._layer, files=self._files))
        add(charmkit.Observability(self, jobs=lambda: [self.options.get().metrics_port]))

    def _context(self) -> dict[str, Any]:
        return katib_objects.context(self.options.get(), pathlib.Path(self.charm_dir))

    def _ports(self) -> dict[str, charmkit.Port]:
        config = self.options.get()
        return {
            "https-webhook": (config.webhook_port, katib_config.WEBHOOK_PORT),
            "http-metrics": config.metrics_port,
        }

    def _files(self) -> dict[str, str | charmkit.File]:
        config = katib_config.init_file(katib_objects.config(self.options.get()))
        certificate = self.certificate.files(CERTIFICATES, ca="ca.crt")
        return {katib_controller_program.CONFIG: config, **certificate}

    def _layer(self) -> charmkit.Layer:
        return katib_controller_program.layer(
            self.model.name, self.database.get(), self.kinds.text
        )


if __name__ == "__main__":
    ops.main(KatibControllerCharm)
