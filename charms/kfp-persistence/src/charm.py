#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines persistence agent: what becomes of each run goes into the database."""

from __future__ import annotations

import charmkit
import ops
import persistence_agent
from charmkit import service_account_token
from charmkit.interfaces import k8s_service
from persistence_options import PersistenceConfig


class KfpPersistenceCharm(ops.CharmBase):
    """Runs the agent on one unit: it has no election, and two would report everything twice."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, PersistenceConfig))
        self.active = add(charmkit.ActiveUnit(self))
        self.api = add(k8s_service.Requirer(self, "kfp-api", required=True))
        self.grpc = add(k8s_service.Requirer(self, "kfp-api-grpc"))
        add(charmkit.Manifests(self))
        is_active = self.active.is_this_unit
        self.token = add(
            service_account_token.ServiceAccountToken(
                self,
                "persistenceagent",
                persistence_agent.TOKEN,
                persistence_agent.AUDIENCE,
                enabled=is_active,
            )
        )
        add(charmkit.Workload(self, "persistenceagent", layer=self._layer, enabled=is_active))
        add(charmkit.Observability(self))

    def _layer(self) -> charmkit.Layer:
        grpc = next((service for _, service in self.grpc.items()), None)
        layer = persistence_agent.layer(self.options.get(), self.api.get(), grpc)
        # The agent ends at once without it.
        self.token.require()
        return layer


if __name__ == "__main__":
    ops.main(KfpPersistenceCharm)
