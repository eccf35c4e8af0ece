#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Jupyter UI: the page on which users start and open notebooks."""

from __future__ import annotations

import charmkit
import ops
import spawner_config
from charmkit.kubeflow import web_app
from spawner_options import SpawnerConfig


class JupyterUiCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, SpawnerConfig))
        add(charmkit.Manifests(self))
        add(
            web_app.WebApp(
                self,
                "jupyter-ui",
                settings=self._settings,
                menu="Notebooks",
                icon="book",
                environment=self._environment,
                files=self._files,
            )
        )

    def _settings(self) -> web_app.Settings:
        config = self.options.get()
        return web_app.Settings(
            port=config.port,
            prefix=config.url_prefix,
            route=f"{config.url_prefix}/",
            backend_mode=config.backend_mode,
            secure_cookies=config.secure_cookies,
            network_policy=config.network_policy,
        )

    def _environment(self) -> dict[str, str]:
        # The image looks for its packages in PYTHONPATH.
        return {"PYTHONPATH": "/", "UI": self.options.get().ui}

    def _files(self) -> dict[str, str]:
        return {spawner_config.PATH: spawner_config.text(self.options.get())}


if __name__ == "__main__":
    ops.main(JupyterUiCharm)
