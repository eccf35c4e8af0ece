#!/usr/bin/env python3
"""Kubeflow Volumes: the page on which users manage their volumes."""

from __future__ import annotations

import dataclasses

import charmkit
import ops
import volume_viewer
from charmkit import crud_web_app, options
from charmkit.interfaces import ingress
from charmkit.interfaces import kubeflow_dashboard_links as links

PREFIX = "/volumes"

LEFT_BEHIND = charmkit.LeftBehind(objects=(("v1", "ServiceAccount", "{model}/{app}-sa"),))
"""The published charm binds its role to an account that no pod runs as."""


@dataclasses.dataclass(frozen=True)
class VolumesOptions:
    """The options, parsed."""

    port: int = options.port()
    backend_mode: str = crud_web_app.backend_mode()
    secure_cookies: bool = options.boolean()
    volume_viewer_image: str = options.image()


class KubeflowVolumesCharm(ops.CharmBase):
    """Serves the page on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, VolumesOptions)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                charmkit.Manifests(self, left=LEFT_BEHIND),
                charmkit.ServicePorts(self, self._ports),
                charmkit.Requirer(self, "ingress", ingress.INTERFACE, self._route),
                charmkit.Requirer(self, "dashboard-links", links.INTERFACE, _links),
                charmkit.Workload(self, "kubeflow-volumes", self._layer, files=_files),
                charmkit.MetricsEndpoint(self, lambda: self._app().jobs()),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )

    def _app(self) -> crud_web_app.CrudWebApp:
        config = self.options.value
        return crud_web_app.CrudWebApp(
            service="kubeflow-volumes",
            port=config.port,
            prefix=PREFIX,
            backend_mode=config.backend_mode,
            secure_cookies=config.secure_cookies,
        )

    def _layer(self) -> charmkit.Layer:
        image = {volume_viewer.IMAGE: self.options.value.volume_viewer_image}
        # The image looks for its packages there.
        return self._app().layer(PYTHONPATH="/", **image)

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("http", self.options.value.port)]

    def _route(self) -> ingress.Route:
        port = self.options.value.port
        return ingress.Route(service=self.app.name, port=port, prefix=PREFIX, rewrite="/")


def _files() -> dict[str, charmkit.File]:
    return {**crud_web_app.FILES, volume_viewer.PATH: charmkit.File(volume_viewer.text())}


def _links() -> links.Links:
    return links.Links((links.Link("Volumes", f"{PREFIX}/", "menu", icon="device:storage"),))


if __name__ == "__main__":
    ops.main(KubeflowVolumesCharm)
