#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubeflow Pipelines scheduled workflows: recurring runs start when their time comes."""

from __future__ import annotations

import charmkit
import ops
import scheduled_workflows
from charmkit import service_account_token
from charmkit.interfaces import k8s_service
from scheduled_workflows_options import ScheduledWorkflowsConfig

CONTAINER = "ml-pipeline-scheduledworkflow"


class KfpSchedwfCharm(ops.CharmBase):
    """Runs the controller on one unit: it has no election, and two would start every run twice."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ScheduledWorkflowsConfig))
        self.active = add(charmkit.ActiveUnit(self))
        self.api = add(k8s_service.Requirer(self, "kfp-api-grpc"))
        add(charmkit.Manifests(self, purge="scheduledworkflows"))
        is_active = self.active.is_this_unit
        self.token = add(
            service_account_token.ServiceAccountToken(
                self,
                CONTAINER,
                scheduled_workflows.TOKEN,
                scheduled_workflows.AUDIENCE,
                enabled=is_active,
            )
        )
        add(charmkit.Workload(self, CONTAINER, layer=self._layer, enabled=is_active))
        add(charmkit.Observability(self))

    def _layer(self) -> charmkit.Layer:
        told = [service for _, service in self.api.items()]
        api = told[0] if told else scheduled_workflows.API
        # A controller that starts without one has none for ever.
        self.token.require()
        return scheduled_workflows.layer(self.options.get(), api)


if __name__ == "__main__":
    ops.main(KfpSchedwfCharm)
