# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A user's experiment of Katib: one trial with one parameter, in a Job."""

from __future__ import annotations

from .cluster import Node, Object

NAMESPACE = "alice"
PROFILE = {"katib.kubeflow.org/metrics-collector-injection": "enabled"}
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
DEPLOYMENT = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/one-sobol"
"""The program that suggests for an experiment called one."""

KATIB = f"/apis/kubeflow.org/v1beta1/namespaces/{NAMESPACE}"


def named(name: str) -> Object:
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
        "metadata": {"name": name, "namespace": NAMESPACE},
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
