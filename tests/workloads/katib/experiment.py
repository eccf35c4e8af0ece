# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A user's namespace, and in it an experiment of Katib: one trial with one parameter, in a Job."""

from __future__ import annotations

from dataclasses import dataclass

from ..cluster import Node, Object

DEFINITIONS = tuple(f"{name}.kubeflow.org" for name in ("experiments", "suggestions", "trials"))


@dataclass(frozen=True)
class Profile:
    """A user's namespace, in which trials get collectors.

    Args:
        name: The namespace.
    """

    name: str

    def create(self, node: Node) -> None:
        """Make it."""
        labels = {"katib.kubeflow.org/metrics-collector-injection": "enabled"}
        space = {"metadata": {"name": self.name, "labels": labels}}
        node.cluster.create("/api/v1/namespaces", space)

    @property
    def pods(self) -> str:
        """Where pods are."""
        return f"/api/v1/namespaces/{self.name}/pods"

    @property
    def katib(self) -> str:
        """Where Katib's resources are."""
        return f"/apis/kubeflow.org/v1beta1/namespaces/{self.name}"

    @property
    def deployment(self) -> str:
        """Where the program is that suggests for an experiment called one."""
        return f"/apis/apps/v1/namespaces/{self.name}/deployments/one-sobol"

    def experiment(self, name: str) -> Object:
        """Return an experiment with a name."""
        container = {
            "name": "main",
            "image": "nothing",
            "command": ["train", "${trialParameters.lr}"],
        }
        pod = {"restartPolicy": "Never", "containers": [container]}
        return {
            "apiVersion": "kubeflow.org/v1beta1",
            "kind": "Experiment",
            "metadata": {"name": name, "namespace": self.name},
            "spec": {
                "objective": {"type": "minimize", "objectiveMetricName": "loss"},
                "algorithm": {"algorithmName": "sobol"},
                "maxTrialCount": 1,
                "parallelTrialCount": 1,
                "parameters": [
                    {
                        "name": "lr",
                        "parameterType": "double",
                        "feasibleSpace": {"min": "0.1", "max": "1"},
                    }
                ],
                "trialTemplate": {
                    "primaryContainerName": "main",
                    "trialParameters": [{"name": "lr", "reference": "lr"}],
                    "trialSpec": {
                        "apiVersion": "batch/v1",
                        "kind": "Job",
                        "spec": {"template": {"spec": pod}},
                    },
                },
            },
        }


def settings(node: Node) -> str:
    """Return what the charm katib-controller has written for its program."""
    path = node.path("configmaps", "katib-config")
    return node.cluster.get(path)["data"]["katib-config.yaml"]
