#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Katib UI: the page on which users make and follow experiments."""

from __future__ import annotations

import charmkit
import katib_page
import ops
from charmkit.interfaces import ingress, k8s_service
from charmkit.interfaces import kubeflow_dashboard_links as links
from katib_ui_options import KatibUiConfig


class KatibUiCharm(ops.CharmBase):
    """Serves the page on every unit, to users for what they may see."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, KatibUiConfig))
        add(charmkit.Manifests(self))
        add(charmkit.ServicePorts(self, ports=lambda: {"http": self.options.get().port}))
        add(ingress.Requirer(self, data=self._route))
        add(links.Requirer(self, data=_links))
        self.database = add(k8s_service.PlainRequirer(self, "k8s-service-info"))
        add(charmkit.Workload(self, "katib-ui", layer=self._layer))
        add(charmkit.Observability(self))

    def _route(self) -> ingress.Route:
        port = self.options.get().port
        return ingress.Route(service=self.app.name, port=port, prefix=katib_page.PREFIX)

    def _layer(self) -> charmkit.Layer:
        sent = list(self.database.by_app().values())
        service = sent[0] if sent else katib_page.DATABASE_MANAGER
        return katib_page.layer(self.options.get().port, self.model.name, service)


def _links() -> links.Links:
    page = links.menu("Katib Experiments", katib_page.PREFIX, "kubeflow:katib")
    about = "https://www.kubeflow.org/docs/components/katib/"
    return links.Links((page, links.documentation("Katib", about)))


if __name__ == "__main__":
    ops.main(KatibUiCharm)
