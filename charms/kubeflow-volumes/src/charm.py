#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Volumes: the page on which users manage their volumes."""

from __future__ import annotations

import dataclasses

import charmkit
import ops
import volume_viewer
from charmkit import config
from charmkit.interfaces import ingress
from charmkit.interfaces import kubeflow_dashboard_links as links
from charmkit.kubeflow import network_policy, web_app

PREFIX = "/volumes"

LEGACY = charmkit.Legacy(objects=(("v1", "ServiceAccount", "{model}/{app}-sa"),))
"""The published charm binds its role to an account that no pod runs as."""


@dataclasses.dataclass(frozen=True)
class VolumesConfig:
    """The options, parsed."""

    network_policy: bool = config.boolean()
    port: int = config.port()
    backend_mode: str = web_app.backend_mode()
    secure_cookies: bool = config.boolean()
    volume_viewer_image: str = config.image()


class KubeflowVolumesCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, VolumesConfig))
        add(charmkit.Manifests(self, legacy=LEGACY))
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
        add(links.Requirer(self, data=_links))
        add(charmkit.Workload(self, "kubeflow-volumes", layer=self._layer, files=_files))
        add(charmkit.MetricsEndpoint(self, jobs=lambda: self._app().jobs()))
        add(charmkit.GrafanaDashboards(self))
        add(charmkit.LogForwarding(self))

    def _app(self) -> web_app.CrudWebApp:
        config = self.options.get()
        return web_app.CrudWebApp(
            service="kubeflow-volumes",
            port=config.port,
            prefix=PREFIX,
            backend_mode=config.backend_mode,
            secure_cookies=config.secure_cookies,
        )

    def _layer(self) -> charmkit.Layer:
        image = {volume_viewer.IMAGE: self.options.get().volume_viewer_image}
        # The image looks for its packages there.
        return self._app().layer(PYTHONPATH="/", **image)

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("http", self.options.get().port)]

    def _route(self) -> ingress.Route:
        port = self.options.get().port
        return ingress.Route(service=self.app.name, port=port, prefix=PREFIX, rewrite="/")


def _files() -> dict[str, charmkit.File]:
    return {**web_app.FILES, volume_viewer.PATH: charmkit.File(volume_viewer.text())}


def _links() -> links.Links:
    return links.Links((links.Link("Volumes", f"{PREFIX}/", "menu", icon="device:storage"),))


if __name__ == "__main__":
    ops.main(KubeflowVolumesCharm)
