#!/usr/bin/env python3
"""Knative Operator: installs Knative Serving and Eventing where they are asked for."""

from __future__ import annotations

from typing import Any

import charmkit
import knative_instances
import operator_programs
import ops
from charmkit import observability, purge
from charmkit.interfaces import otel_collector
from operator_options import OperatorOptions

COLLECTOR = "otel-collector"
COLLECTOR_PORT, EXPORT_PORT = 55678, 8889

ACCOUNT, BINDING, ROLE = (
    ("v1", "ServiceAccount"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
)
LEFT = charmkit.LeftBehind(
    managers=("{model}",),
    objects=(
        (*ACCOUNT, "{model}/{app}-workload"),
        (*ACCOUNT, "{model}/knative-operator-webhook"),
        *((*kind, "knative-serving-operator") for kind in (BINDING, ROLE)),
        *((*kind, "knative-eventing-operator") for kind in (BINDING, ROLE)),
        *((*kind, "knative-operator-webhook") for kind in (BINDING, ROLE)),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "{model}/knative-operator-webhook"),
        ("rbac.authorization.k8s.io/v1", "Role", "{model}/knative-operator-webhook"),
    ),
)


class KnativeOperatorCharm(ops.CharmBase):
    """Runs operator and webhook on every unit; each elects the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, OperatorOptions)
        self.collector = charmkit.Provider(
            self, "otel-collector", otel_collector.INTERFACE, self._collector
        )
        self.manifests = charmkit.Manifests(
            self, self._context, whole=("Service",), left=LEFT
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.manifests,
                knative_instances.Instances(self, self.manifests),
                charmkit.ServicePorts(self, self._ports, self.manifests),
                self._workload(operator_programs.OPERATOR),
                self._workload(operator_programs.WEBHOOK),
                self.collector,
                charmkit.MetricsEndpoint(self, self._jobs),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "Knative Serving and Knative Eventing")

    def _workload(self, name: str) -> charmkit.Workload:
        def layer() -> charmkit.Layer:
            port = self.options.value.webhook_port
            return operator_programs.layer(name, self.model.name, port)

        return charmkit.Workload(self, name, layer)

    def _context(self) -> dict[str, Any]:
        config = self.options.value
        return {
            "webhook_port": config.webhook_port,
            "has_collector": bool(self.collector.relations),
            "collector_image": config.otel_collector_image,
        }

    def _ports(self) -> list[charmkit.Port]:
        ports = operator_programs.PORTS.items()
        return [charmkit.Port(f"http-{name}", item.metrics) for name, item in ports]

    def _jobs(self) -> list[observability.Job]:
        jobs = [observability.job(item.metrics) for item in operator_programs.PORTS.values()]
        target = f"otel-export.{self.model.name}.svc:{EXPORT_PORT}"
        exported = {"metrics_path": "/metrics", "static_configs": [{"targets": [target]}]}
        return [*jobs, *([exported] if self.collector.relations else [])]

    def _collector(self) -> otel_collector.Collector:
        return otel_collector.Collector(COLLECTOR, self.model.name, str(COLLECTOR_PORT))


if __name__ == "__main__":
    ops.main(KnativeOperatorCharm)
