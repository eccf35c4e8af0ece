#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Volumes: the page on which users manage their volumes."""

from __future__ import annotations

import charmkit
import ops
import volume_viewer
from charmkit.kubeflow import web_app
from volumes_options import VolumesConfig

LEGACY = charmkit.Legacy(objects=(("v1", "ServiceAccount", "{model}/{app}-sa"),))
"""The published charm binds its role to an account that no pod runs as."""


class KubeflowVolumesCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, VolumesConfig))
        add(charmkit.Manifests(self, legacy=LEGACY))
        add(
            web_app.WebApp(
                self,
                "kubeflow-volumes",
                settings=self._settings,
                menu="Volumes",
                icon="device:storage",
                environment=self._environment,
                files=lambda: {volume_viewer.PATH: volume_viewer.text()},
            )
        )

    def _settings(self) -> web_app.Settings:
        config = self.options.get()
        return web_app.Settings(
            port=config.port,
            prefix="/volumes",
            backend_mode=config.backend_mode,
            secure_cookies=config.secure_cookies,
            network_policy=config.network_policy,
        )

    def _environment(self) -> dict[str, str]:
        image = self.options.get().volume_viewer_image
        # The image looks for its packages in PYTHONPATH.
        return {"PYTHONPATH": "/", volume_viewer.IMAGE: image}


if __name__ == "__main__":
    ops.main(KubeflowVolumesCharm)
