#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Jupyter UI: the page on which users start and open notebooks."""

from __future__ import annotations

import charmkit
import ops
import spawner_config
from charmkit.interfaces import ingress
from charmkit.interfaces import kubeflow_dashboard_links as links
from charmkit.kubeflow import network_policy, web_app
from spawner_options import SpawnerConfig


class JupyterUiCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, SpawnerConfig))
        add(charmkit.Manifests(self))
        add(
            network_policy.NetworkPolicy(
                self,
                ports=lambda: {
                    self.options.get().port: [network_policy.GATEWAY, network_policy.SCRAPERS]
                },
                enabled=lambda: self.options.get().network_policy,
            )
        )
        add(charmkit.ServicePorts(self, ports=self._ports))
        add(ingress.Requirer(self, data=self._route))
        add(links.Requirer(self, data=self._links))
        add(charmkit.Workload(self, "jupyter-ui", layer=self._layer, files=self._files))
        add(charmkit.MetricsEndpoint(self, jobs=lambda: self._app().jobs()))
        add(charmkit.GrafanaDashboards(self))
        add(charmkit.LogForwarding(self))

    def _app(self) -> web_app.CrudWebApp:
        config = self.options.get()
        return web_app.CrudWebApp(
            service="jupyter-ui",
            port=config.port,
            prefix=config.url_prefix,
            backend_mode=config.backend_mode,
            secure_cookies=config.secure_cookies,
        )

    def _layer(self) -> charmkit.Layer:
        # The image looks for its packages in PYTHONPATH.
        return self._app().layer(PYTHONPATH="/", UI=self.options.get().ui)

    def _files(self) -> dict[str, charmkit.File]:
        text = spawner_config.text(self.options.get())
        return {**web_app.FILES, spawner_config.PATH: charmkit.File(text)}

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("http", self.options.get().port)]

    def _prefix(self) -> str:
        return f"{self.options.get().url_prefix}/"

    def _route(self) -> ingress.Route:
        port = self.options.get().port
        return ingress.Route(service=self.app.name, port=port, prefix=self._prefix(), rewrite="/")

    def _links(self) -> links.Links:
        return links.Links((links.Link("Notebooks", self._prefix(), "menu", icon="book"),))


if __name__ == "__main__":
    ops.main(JupyterUiCharm)
