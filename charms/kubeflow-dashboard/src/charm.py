#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Dashboard: the page from which users reach everything else."""

from __future__ import annotations

from typing import Any

import charmkit
import dashboard_links
import ops
from charmkit import observability, pebble
from charmkit.interfaces import ingress, k8s_service, kubeflow_dashboard_links
from charmkit.kubeflow import network_policy
from dashboard_options import DashboardConfig


class KubeflowDashboardCharm(ops.CharmBase):
    """Runs the dashboard on every unit."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, DashboardConfig))
        self.links = add(kubeflow_dashboard_links.Provider(self, "links"))
        self.profiles = add(k8s_service.Requirer(self, "kubeflow-profiles", required=True))
        add(ingress.Requirer(self, data=self._route))
        add(charmkit.ServicePorts(self, ports=lambda: {"http": self.options.get().port}))
        add(charmkit.Manifests(self, context=self._context))
        add(
            network_policy.NetworkPolicy(
                self,
                ports=lambda: {
                    self.options.get().port: [network_policy.GATEWAY, network_policy.SCRAPERS]
                },
                enabled=lambda: self.options.get().network_policy,
            )
        )
        add(charmkit.Workload(self, "kubeflow-dashboard", layer=self._layer))
        add(
            charmkit.Observability(
                self,
                jobs=lambda: [observability.job(self.options.get().port, "/prometheus/metrics")],
            )
        )

    def _route(self) -> ingress.Route:
        return ingress.Route(
            service=self.app.name,
            port=self.options.get().port,
            prefix="/",
            rewrite="/",
            namespace=self.model.name,
        )

    def _context(self) -> dict[str, Any]:
        config = self.options.get()
        related = [link for sent in self.links.by_app().values() for link in sent.dashboard_links]
        return {
            "configmap": config.dashboard_configmap,
            "links": dashboard_links.settings(config, related),
            "settings": {"DASHBOARD_FORCE_IFRAME": True},
        }

    def _layer(self) -> charmkit.Layer:
        return pebble.layer(
            "kubeflow-dashboard",
            "npm start",
            summary="the central dashboard",
            environment=self._environment(),
            working_dir="/usr/src/app",
            checks=[pebble.http_check(self.options.get().port, "/healthz")],
        )

    def _environment(self) -> dict[str, str]:
        config = self.options.get()
        profiles = self.profiles.get()
        return {
            "COLLECT_METRICS": "true",
            "DASHBOARD_CONFIGMAP": config.dashboard_configmap,
            "NODE_ENV": "production",
            "LOGOUT_URL": "/authservice/logout",
            "POD_NAMESPACE": self.model.name,
            "PORT_1": str(config.port),
            "PROFILES_KFAM_SERVICE_HOST": f"{profiles.name}.{self.model.name}",
            "PROFILES_KFAM_SERVICE_PORT": profiles.port,
            "REGISTRATION_FLOW": str(config.registration_flow).lower(),
            "USERID_HEADER": "kubeflow-userid",
            "USERID_PREFIX": "",
        }


if __name__ == "__main__":
    ops.main(KubeflowDashboardCharm)
