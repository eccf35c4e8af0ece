# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Deployments that charms apply: an application whose pods cannot run does not say active."""

from __future__ import annotations

import jujusim
import pytest
from kubefake import kubelet

from . import deployment

pytestmark = pytest.mark.xdist_group("failing pods")
REASONS = (kubelet.IMAGE, kubelet.CONFIG, kubelet.CRASH)


@pytest.fixture(scope="module")
def model() -> jujusim.Model:
    model = deployment.deploy(seed=4)
    deployment.assert_well(model)
    return model


def workloads(model: jujusim.Model) -> dict[str, str]:
    """The application of each Deployment and StatefulSet with pods."""
    found = deployment.objects(model)
    labels = {
        obj["metadata"]["name"]: obj["metadata"]["labels"][deployment.manifests.APP_LABEL]
        for name, obj in found.items()
        if name.startswith(("Deployment/", "StatefulSet/"))
    }
    assert labels
    return labels


def statuses(model: jujusim.Model) -> dict[str, str]:
    model.update_status()
    model.settle()
    return {name: str(app.status) for name, app in model.status().apps.items()}


def test_every_deployment_runs(model: jujusim.Model):
    for name, obj in deployment.objects(model).items():
        if name.startswith("Deployment/"):
            assert obj["status"]["availableReplicas"] >= 1, name


@pytest.mark.parametrize("reason", REASONS)
def test_an_application_waits_with_the_reason_of_its_pods(model: jujusim.Model, reason: str):
    found = workloads(model)
    for workload in found:
        model.fail_pods(workload, reason)
    failing = statuses(model)
    for workload in found:
        model.heal_pods(workload)
    healed = statuses(model)
    for workload, app in found.items():
        assert failing[app].startswith("waiting"), f"{workload}: {failing[app]}"
        assert reason in failing[app], f"{workload}: {failing[app]}"
        assert healed[app].startswith("active"), f"{workload}: {healed[app]}"
