#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines UI: the pages on which users see pipelines, runs and artifacts."""

from __future__ import annotations

import charmkit
import ops
import pipelines_agreement
import ui_server
from charmkit import object_store, pebble
from charmkit.interfaces import ingress, k8s_service
from charmkit.interfaces import kubeflow_dashboard_links as links
from kfp_ui_options import KfpUiConfig

PREFIX = "/pipeline"
ARTIFACTS = f"{PREFIX}/artifacts/?namespace"
"""Without a namespace the server would read an artifact itself, whoever asks."""


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
        add(links.Requirer(self, data=self._links))
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
            prefix=PREFIX,
            rewrite=PREFIX,
            required_query=(ARTIFACTS,) if options.artifact_proxy else (),
        )

    def _links(self) -> links.Links:
        documentation = "https://www.kubeflow.org/docs/components/pipelines/"
        return links.Links(
            (
                _page("Experiments (KFP)", "experiments", "done-all"),
                _page("Pipelines", "pipelines", "kubeflow:pipeline-centered"),
                _page("Runs", "runs", "maps:directions-run"),
                _page("Recurring Runs", "recurringruns", "device:access-alarm"),
                _page("Artifacts", "artifacts", "editor:bubble-chart"),
                _page("Executions", "executions", "av:play-arrow"),
                _shortcut("Upload a Pipeline", "pipelines", "Kubeflow Pipelines"),
                _shortcut("View Pipeline Runs", "runs", "Pipelines"),
                links.Link(
                    "Kubeflow Pipelines Documentation",
                    documentation,
                    "documentation",
                    desc="Documentation for Kubeflow Pipelines",
                ),
            )
        )

    def _files(self) -> dict[str, charmkit.File]:
        return ui_server.files(self.store.get())

    def _layer(self) -> charmkit.Layer:
        config = self.options.get()
        return pebble.layer(
            "ml-pipeline-ui",
            f"node /server/dist/server.js /client/ {config.http_port}",
            summary="web server of Kubeflow Pipelines",
            environment=ui_server.environment(
                config, self.store.get(), self.api.get(), self.model.name
            ),
            checks=[pebble.http_check(config.http_port, ui_server.HEALTH, threshold=4)],
        )


def _page(text: str, path: str, icon: str) -> links.Link:
    return links.Link(text, f"{PREFIX}/#/{path}", "menu", icon=icon)


def _shortcut(text: str, path: str, desc: str) -> links.Link:
    return links.Link(text, f"{PREFIX}/#/{path}", "quick", desc=desc)


if __name__ == "__main__":
    ops.main(KfpUiCharm)
