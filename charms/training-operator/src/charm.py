#!/usr/bin/env python3
"""Training Operator: training jobs of several frameworks, on many pods."""

from __future__ import annotations

import hashlib
from typing import Any

import charmkit
import ops
import training_jobs
import training_operator_health
import training_operator_program
from charmkit import observability, purge
from charmkit.interfaces import kubeflow_dashboard_links as links
from training_operator_options import TrainingOperatorOptions

METRICS_PORT = 8080

LEFT = charmkit.LeftBehind(
    # It is called so under any name of the application.
    objects=(("rbac.authorization.k8s.io/v1", "ClusterRole", "training-operator"),)
)


class TrainingOperatorCharm(ops.CharmBase):
    """Keeps the operator's Deployment, with a replica for each unit; the leader does."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, TrainingOperatorOptions)
        self.manifests = charmkit.Manifests(self, self._context, left=LEFT)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.manifests,
                training_operator_health.PodsHealth(self, self.manifests),
                charmkit.Requirer(self, "dashboard-links", links.INTERFACE, _links),
                charmkit.MetricsEndpoint(self, self._jobs),
                charmkit.GrafanaDashboards(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "training jobs")

    def _context(self) -> dict[str, Any]:
        config = self.options.value
        init_container = training_operator_program.init_container(config.pytorch_init_resources)
        return {
            "jobs": training_jobs.JOBS,
            "image": config.training_operator_image,
            "replicas": self.app.planned_units(),
            "resources": config.resources,
            "gang_scheduler": config.gang_scheduler_name,
            "init_container": init_container,
            "init_digest": hashlib.sha256(init_container.encode()).hexdigest(),
            "arguments": training_operator_program.arguments(
                self.app.name,
                init_image=config.pytorch_init_image,
                init_tries=config.pytorch_init_tries,
                delivery_image=config.mpi_kubectl_delivery_image,
                threads=config.controller_threads,
                gang_scheduler=config.gang_scheduler_name,
            ),
        }

    def _jobs(self) -> list[observability.Job]:
        """The pods are not the charm's units: they are scraped through their Service."""
        target = f"{self.app.name}-workload.{self.model.name}.svc:{METRICS_PORT}"
        return [{"metrics_path": "/metrics", "static_configs": [{"targets": [target]}]}]


def _links() -> links.Links:
    link = links.Link(
        "Kubeflow Training Operator Documentation",
        "https://www.kubeflow.org/docs/components/training/",
        "documentation",
        desc="Documentation for Kubeflow Training Operator",
    )
    return links.Links((link,))


if __name__ == "__main__":
    ops.main(TrainingOperatorCharm)
