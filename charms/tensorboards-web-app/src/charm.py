#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""TensorBoards Web App: the page on which users start and open TensorBoards."""

from __future__ import annotations

import charmkit
import ops
from charmkit.kubeflow import web_app
from tensorboards_options import WebAppConfig


class TensorboardsWebAppCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, WebAppConfig))
        add(charmkit.Manifests(self))
        add(
            web_app.WebApp(
                self,
                "tensorboards-web-app",
                settings=self._settings,
                menu="TensorBoards",
                icon="assessment",
                ingress_required=True,
            )
        )

    def _settings(self) -> web_app.Settings:
        config = self.options.get()
        return web_app.Settings(
            port=5000,
            prefix="/tensorboards",
            backend_mode=config.backend_mode,
            secure_cookies=config.secure_cookies,
            network_policy=config.network_policy,
        )


if __name__ == "__main__":
    ops.main(TensorboardsWebAppCharm)
