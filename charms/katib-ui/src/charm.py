#!/usr/bin/env python3
"""Katib UI: the page on which users make and follow experiments."""

from __future__ import annotations

import dataclasses

import charmkit
import ops
from charmkit import options
from charmkit.interfaces import ingress, k8s_service
from charmkit.interfaces import kubeflow_dashboard_links as links

PREFIX = "/katib/"
DATABASE_MANAGER = k8s_service.PlainService("katib-db-manager", "6789")
"""Where measurements are if no relation says so."""


@dataclasses.dataclass(frozen=True)
class KatibUiOptions:
    """The options, parsed."""

    port: int = options.port()


class KatibUiCharm(ops.CharmBase):
    """Serves the page on every unit, to users for what they may see."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, KatibUiOptions)
        self.database = charmkit.Requirer(self, "k8s-service-info", k8s_service.PLAIN_INTERFACE)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                charmkit.Manifests(self),
                charmkit.ServicePorts(self, self._ports),
                charmkit.Requirer(self, "ingress", ingress.INTERFACE, self._route),
                charmkit.Requirer(self, "dashboard-links", links.INTERFACE, _links),
                self.database,
                charmkit.Workload(self, "katib-ui", self._layer),
                charmkit.LogForwarding(self),
            ],
        )

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("http", self.options.value.port)]

    def _route(self) -> ingress.Route:
        return ingress.Route(service=self.app.name, port=self.options.value.port, prefix=PREFIX)

    def _database(self) -> str:
        """Return the address of the database manager; a name alone is in the same model."""
        for _, service in self.database.each() or [(None, DATABASE_MANAGER)]:
            host = service.name if "." in service.name else f"{service.name}.{self.model.name}"
            return f"{host}:{service.port}"
        raise AssertionError("there is one at least")

    def _layer(self) -> charmkit.Layer:
        port = self.options.value.port
        service = {
            "override": "replace",
            "summary": "Katib's page",
            "command": f"./katib-ui --port={port} --db-manager-address={self._database()}",
            "startup": "enabled",
            "working-dir": "/app",
            "environment": {
                # By default it asks nobody whether they may: everybody sees everything.
                "APP_DISABLE_AUTH": "false",
                "KATIB_CORE_NAMESPACE": self.model.name,
                "USERID_HEADER": "kubeflow-userid",
                # By default the first colon is taken out of the user's name.
                "USERID_PREFIX": "",
            },
        }
        check = {
            "override": "replace",
            "level": "ready",
            "period": "30s",
            "http": {"url": f"http://localhost:{port}{PREFIX}"},
        }
        return {"services": {"katib-ui": service}, "checks": {"katib-ui-ready": check}}


def _links() -> links.Links:
    return links.Links(
        (
            links.Link("Katib Experiments", PREFIX, "menu", icon="kubeflow:katib"),
            links.Link(
                "Katib Documentation",
                "https://www.kubeflow.org/docs/components/katib/",
                "documentation",
                desc="Documentation for Katib",
            ),
        )
    )


if __name__ == "__main__":
    ops.main(KatibUiCharm)
