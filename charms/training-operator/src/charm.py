#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Training Operator: training jobs of several frameworks, on many pods."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
import training_jobs
import training_operator_program
from charmkit import observability
from charmkit.interfaces import kubeflow_dashboard_links as links
from training_operator_options import TrainingOperatorConfig

METRICS_PORT = 8080

LEGACY = charmkit.Legacy(
    # It is called so under any name of the application.
    objects=(("rbac.authorization.k8s.io/v1", "ClusterRole", "training-operator"),)
)


class TrainingOperatorCharm(ops.CharmBase):
    """Keeps the operator's Deployment, with a replica for each unit; the leader does."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, TrainingOperatorConfig))
        add(charmkit.Manifests(self, context=self._context, legacy=LEGACY, purge="training jobs"))
        add(links.Requirer(self, data=_links))
        add(charmkit.Observability(self, jobs=self._jobs))

    def _context(self) -> dict[str, Any]:
        config = self.options.get()
        init_container = training_operator_program.init_container(config.pytorch_init_resources)
        return {
            "jobs": training_jobs.JOBS,
            "image": config.training_operator_image,
            "replicas": self.app.planned_units(),
            "resources": config.resources,
            "gang_scheduler": config.gang_scheduler_name,
            "init_container": init_container,
            "init_digest": training_operator_program.digest(init_container),
            "arguments": training_operator_program.arguments(self.app.name, config),
        }

    def _jobs(self) -> list[observability.Job]:
        """The pods are not the charm's units: they are scraped through their Service."""
        host = f"{self.app.name}-workload.{self.model.name}.svc"
        return [observability.job(METRICS_PORT, host=host)]


def _links() -> links.Links:
    about = "https://www.kubeflow.org/docs/components/training/"
    return links.Links((links.documentation("Kubeflow Training Operator", about),))


if __name__ == "__main__":
    ops.main(TrainingOperatorCharm)
