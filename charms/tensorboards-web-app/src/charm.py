#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""TensorBoards Web App: the page on which users start and open TensorBoards."""

from __future__ import annotations

import dataclasses

import charmkit
import ops
from charmkit import config
from charmkit.interfaces import ingress
from charmkit.interfaces import kubeflow_dashboard_links as links
from charmkit.kubeflow import network_policy, web_app

PORT = 5000
PREFIX = "/tensorboards"


@dataclasses.dataclass(frozen=True)
class WebAppConfig:
    """The options, parsed."""

    network_policy: bool = config.boolean()
    backend_mode: str = web_app.backend_mode()
    secure_cookies: bool = config.boolean()


class TensorboardsWebAppCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, WebAppConfig))
        add(charmkit.Manifests(self))
        add(
            network_policy.NetworkPolicy(
                self,
                ports=lambda: {PORT: [network_policy.GATEWAY, network_policy.SCRAPERS]},
                enabled=lambda: self.options.get().network_policy,
            )
        )
        add(charmkit.ServicePorts(self, ports=lambda: [charmkit.Port("http", PORT)]))
        add(ingress.Requirer(self, data=self._route, required=True))
        add(links.Requirer(self, data=_links))
        add(
            charmkit.Workload(
                self,
                "tensorboards-web-app",
                layer=lambda: self._app().layer(),
                files=lambda: web_app.FILES,
            )
        )
        add(charmkit.MetricsEndpoint(self, jobs=lambda: self._app().jobs()))
        add(charmkit.GrafanaDashboards(self))
        add(charmkit.LogForwarding(self))

    def _app(self) -> web_app.CrudWebApp:
        config = self.options.get()
        return web_app.CrudWebApp(
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
