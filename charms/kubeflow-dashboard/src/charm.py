#!/usr/bin/env python3
"""Kubeflow Dashboard: the page from which users reach everything else."""

from __future__ import annotations

from typing import Any

import charmkit
import dashboard_links
import ops
from charmkit import observability
from charmkit.interfaces import ingress, k8s_service, kubeflow_dashboard_links
from dashboard_options import DashboardOptions


class KubeflowDashboardCharm(ops.CharmBase):
    """Runs the dashboard on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, DashboardOptions)
        self.links = charmkit.Provider(self, "links", kubeflow_dashboard_links.INTERFACE)
        self.profiles = charmkit.Requirer(
            self, "kubeflow-profiles", k8s_service.INTERFACE, required=True
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.links,
                self.profiles,
                charmkit.Requirer(self, "ingress", ingress.INTERFACE, self._route),
                charmkit.ServicePorts(self, self._ports),
                charmkit.Manifests(self, self._context),
                charmkit.Workload(self, "kubeflow-dashboard", self._layer),
                charmkit.MetricsEndpoint(self, self._jobs),
                charmkit.GrafanaDashboards(self),
                charmkit.LogForwarding(self),
            ],
        )

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("http", self.options.value.port)]

    def _route(self) -> ingress.Route:
        return ingress.Route(
            service=self.app.name,
            port=self.options.value.port,
            prefix="/",
            rewrite="/",
            namespace=self.model.name,
        )

    def _context(self) -> dict[str, Any]:
        config = self.options.value
        related = [link for said in self.links.all().values() for link in said.dashboard_links]
        return {
            "configmap": config.dashboard_configmap,
            "links": dashboard_links.settings(config, related),
            "settings": {"DASHBOARD_FORCE_IFRAME": True},
        }

    def _layer(self) -> charmkit.Layer:
        port = self.options.value.port
        service = {
            "override": "replace",
            "summary": "the central dashboard",
            "command": "npm start",
            "startup": "enabled",
            "environment": self._environment(),
        }
        check = {
            "override": "replace",
            "level": "ready",
            "period": "30s",
            "http": {"url": f"http://localhost:{port}/healthz"},
        }
        name = "kubeflow-dashboard"
        return {"services": {name: service}, "checks": {f"{name}-ready": check}}

    def _environment(self) -> dict[str, str]:
        config = self.options.value
        profiles = self.profiles.one()
        return {
            "COLLECT_METRICS": "true",
            "DASHBOARD_CONFIGMAP": config.dashboard_configmap,
            "LOGOUT_URL": "/authservice/logout",
            "POD_NAMESPACE": self.model.name,
            "PORT_1": str(config.port),
            "PROFILES_KFAM_SERVICE_HOST": f"{profiles.name}.{self.model.name}",
            "PROFILES_KFAM_SERVICE_PORT": profiles.port,
            "REGISTRATION_FLOW": str(config.registration_flow).lower(),
            "USERID_HEADER": "kubeflow-userid",
            "USERID_PREFIX": "",
        }

    def _jobs(self) -> list[observability.Job]:
        return [observability.job(self.options.value.port, "/prometheus/metrics")]


if __name__ == "__main__":
    ops.main(KubeflowDashboardCharm)
