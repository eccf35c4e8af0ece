#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines UI: the pages on which users see pipelines, runs and artifacts."""

from __future__ import annotations

import charmkit
import ops
import pipelines_agreement
import pipelines_pages
import ui_server
from charmkit import object_store
from charmkit.interfaces import ingress, k8s_service
from charmkit.interfaces import kubeflow_dashboard_links as links
from kfp_ui_options import KfpUiConfig


class KfpUiCharm(ops.CharmBase):
    """Serves the pages on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, KfpUiConfig))
        self.store = add(
            object_store.ObjectStoreRelation(self, bucket=self._bucket, option="bucket")
        )
        self.api = add(k8s_service.Requirer(self, "kfp-api", required=True))
        manifests = add(
            charmkit.Manifests(
                self, context=self._context, list_all=[pipelines_agreement.CONFIG_MAP]
            )
        )
        add(charmkit.ServicePorts(self, ports=lambda: {"http": self.options.get().http_port}))
        add(ingress.Requirer(self, data=self._route))
        add(links.Requirer(self, data=lambda: pipelines_pages.LINKS))
        add(charmkit.Workload(self, "ml-pipeline-ui", layer=self._layer, files=self._files))
        add(
            pipelines_agreement.Agreement(
                self, config=self.options.get, store=self.store.get, manifests=manifests
            )
        )
        add(charmkit.Observability(self))

    def _bucket(self) -> str:
        return self.options.get().bucket

    def _context(self) -> dict[str, bool]:
        return {"reads_store": self.options.get().reads_store}

    def _route(self) -> ingress.Route:
        options = self.options.get()
        return ingress.Route(
            self.app.name,
            options.http_port,
            prefix=pipelines_pages.PREFIX,
            rewrite=pipelines_pages.PREFIX,
            required_query=(pipelines_pages.ARTIFACTS,) if options.artifact_proxy else (),
        )

    def _files(self) -> dict[str, str]:
        return ui_server.files(self.store.get())

    def _layer(self) -> charmkit.Layer:
        config = self.options.get()
        return ui_server.layer(config, self.store.get(), self.api.get(), self.model.name)


if __name__ == "__main__":
    ops.main(KfpUiCharm)
