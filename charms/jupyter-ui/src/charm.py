#!/usr/bin/env python3
"""Jupyter UI: the page on which users start and open notebooks."""

from __future__ import annotations

import charmkit
import ops
import spawner_config
from charmkit import crud_web_app
from charmkit.interfaces import ingress
from charmkit.interfaces import kubeflow_dashboard_links as links
from spawner_options import SpawnerOptions


class JupyterUiCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, SpawnerOptions)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                charmkit.Manifests(self),
                charmkit.ServicePorts(self, self._ports),
                charmkit.Requirer(self, "ingress", ingress.INTERFACE, self._route),
                charmkit.Requirer(self, "dashboard-links", links.INTERFACE, self._links),
                charmkit.Workload(self, "jupyter-ui", self._layer, files=self._files),
                charmkit.MetricsEndpoint(self, lambda: self._app().jobs()),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )

    def _app(self) -> crud_web_app.CrudWebApp:
        config = self.options.value
        return crud_web_app.CrudWebApp(
            service="jupyter-ui",
            port=config.port,
            prefix=config.url_prefix,
            backend_mode=config.backend_mode,
            secure_cookies=config.secure_cookies,
        )

    def _layer(self) -> charmkit.Layer:
        # The image looks for its packages in PYTHONPATH.
        return self._app().layer(PYTHONPATH="/", UI=self.options.value.ui)

    def _files(self) -> dict[str, charmkit.File]:
        text = spawner_config.text(self.options.value)
        return {**crud_web_app.FILES, spawner_config.PATH: charmkit.File(text)}

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("http", self.options.value.port)]

    def _prefix(self) -> str:
        return f"{self.options.value.url_prefix}/"

    def _route(self) -> ingress.Route:
        port = self.options.value.port
        return ingress.Route(service=self.app.name, port=port, prefix=self._prefix(), rewrite="/")

    def _links(self) -> links.Links:
        return links.Links((links.Link("Notebooks", self._prefix(), "menu", icon="book"),))


if __name__ == "__main__":
    ops.main(JupyterUiCharm)
