# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The metadata writer: the store that it looks for, and what it watches."""

from __future__ import annotations

import pathlib

from jujusim.testing import Charm

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "kfp-metadata-writer"


def test_store_is_looked_for_in_the_model():
    """The program composes the host of the namespace, by default `kubeflow`."""
    plan = CHARM.run(CHARM.state(model="ml"), "config_changed").seen["plans"][NAME]
    environment = plan["services"][NAME]["environment"]
    assert environment == {"NAMESPACE_TO_WATCH": "", "POD_NAMESPACE": "ml"}
    check = plan["checks"][f"{NAME}-reaches-mlmd"]
    assert "metadata-grpc-service.ml.svc.cluster.local/8080" in check["exec"]["command"]


def test_nothing_runs_without_a_store():
    result = CHARM.run(CHARM.state(without=["grpc"]), "config_changed")
    assert result.status == ("blocked", "relate grpc to an application that offers k8s-service")
    assert result.seen["services"] == {NAME: {}}


def test_rights_are_for_pods_only():
    rules = CHARM.complete.seen["objects"][f"ClusterRole//{NAME}"]["rules"]
    assert rules == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "patch", "watch"]}
    ]
