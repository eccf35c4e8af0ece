#!/usr/bin/env python3
"""TensorBoards Web App: the page on which users start and open TensorBoards."""

from __future__ import annotations

import dataclasses

import charmkit
import ops
from charmkit import crud_web_app, options
from charmkit.interfaces import ingress
from charmkit.interfaces import kubeflow_dashboard_links as links

PORT = 5000
PREFIX = "/tensorboards"


@dataclasses.dataclass(frozen=True)
class WebAppOptions:
    """The options, parsed."""

    backend_mode: str = crud_web_app.backend_mode()
    secure_cookies: bool = options.boolean()


class TensorboardsWebAppCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, WebAppOptions)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                charmkit.Manifests(self),
                charmkit.ServicePorts(self, lambda: [charmkit.Port("http", PORT)]),
                charmkit.Requirer(self, "ingress", ingress.INTERFACE, self._route, required=True),
                charmkit.Requirer(self, "dashboard-links", links.INTERFACE, _links),
                charmkit.Workload(
                    self,
                    "tensorboards-web-app",
                    lambda: self._app().layer(),
                    files=lambda: crud_web_app.FILES,
                ),
                charmkit.MetricsEndpoint(self, lambda: self._app().jobs()),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )

    def _app(self) -> crud_web_app.CrudWebApp:
        config = self.options.value
        return crud_web_app.CrudWebApp(
            service="tensorboards-web-app",
            port=PORT,
            prefix=PREFIX,
            backend_mode=config.backend_mode,
            secure_cookies=config.secure_cookies,
        )

    def _route(self) -> ingress.Route:
        return ingress.Route(service=self.app.name, port=PORT, prefix=PREFIX, rewrite="/")


def _links() -> links.Links:
    link = links.Link("TensorBoards", f"{PREFIX}/", "menu", icon="assessment")
    return links.Links((link,))


if __name__ == "__main__":
    ops.main(TensorboardsWebAppCharm)
