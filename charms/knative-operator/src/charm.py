#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative Operator: installs Knative Serving and Eventing where they are asked for."""

from __future__ import annotations

import functools
from typing import Any

import charmkit
import knative_instances
import operator_programs
import ops
from charmkit import kube, observability
from charmkit.interfaces import otel_collector
from operator_options import OperatorConfig

COLLECTOR = "otel-collector"
COLLECTOR_PORT, EXPORT_PORT = 55678, 8889

ACCOUNT, BINDING, ROLE = (
    ("v1", "ServiceAccount"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
)
LEGACY = charmkit.Legacy(
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
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, OperatorConfig))
        self.collector = otel_collector.Provider(self, data=self._collector)
        self.manifests = add(
            charmkit.Manifests(
                self,
                context=self._context,
                list_all=[kube.SERVICE],
                legacy=LEGACY,
                purge="Knative Serving and Knative Eventing",
            )
        )
        add(knative_instances.Instances(self, self.manifests))
        add(
            charmkit.ServicePorts(
                self,
                ports=self._ports,
                find=functools.partial(self.manifests.get_live, kube.SERVICE),
            )
        )
        for name in (operator_programs.OPERATOR, operator_programs.WEBHOOK):
            add(charmkit.Workload(self, name, layer=functools.partial(self._layer, name)))
        add(self.collector)
        add(charmkit.Observability(self, jobs=self._jobs))

    def _layer(self, name: str) -> charmkit.Layer:
        return operator_programs.layer(name, self.model.name, self.options.get().webhook_port)

    def _context(self) -> dict[str, Any]:
        config = self.options.get()
        return {
            "webhook_port": config.webhook_port,
            "has_collector": bool(self.collector.relations),
            "collector_image": config.otel_collector_image,
        }

    def _ports(self) -> dict[str, int]:
        ports = operator_programs.PORTS.items()
        return {f"http-{name}": item.metrics for name, item in ports}

    def _jobs(self) -> list[observability.Job]:
        jobs = [observability.job(item.metrics) for item in operator_programs.PORTS.values()]
        exported = observability.job(EXPORT_PORT, host=f"otel-export.{self.model.name}.svc")
        return [*jobs, *([exported] if self.collector.relations else [])]

    def _collector(self) -> otel_collector.Collector:
        return otel_collector.Collector(COLLECTOR, self.model.name, str(COLLECTOR_PORT))


if __name__ == "__main__":
    ops.main(KnativeOperatorCharm)
