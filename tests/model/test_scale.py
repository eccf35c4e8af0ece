# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What more units of each charm mean, and what losing one does not."""

from __future__ import annotations

import itertools

import jujusim
import pytest

from . import deployment

EVERY_UNIT_SERVES = {
    *("admission-webhook", "argo-controller", "dex-auth", "envoy", "jupyter-ui"),
    *("katib-controller", "katib-db-manager", "katib-ui", "kfp-api", "kfp-profile-controller"),
    *("kfp-ui", "kfp-viz", "knative-operator", "kserve-controller", "kubeflow-dashboard"),
    *("kubeflow-profiles", "kubeflow-volumes", "pvcviewer-operator", "resource-dispatcher"),
    "tensorboards-web-app",
}
ONE_IS_ELECTED = {"kubeflow-profiles": "-leader-elect", "pvcviewer-operator": "--leader-elect"}
ONE_UNIT_SERVES = {
    *("jupyter-controller", "kfp-metadata-writer", "kfp-persistence", "kfp-schedwf"),
    *("kfp-viewer", "minio", "mlmd", "oidc-gatekeeper", "tensorboard-controller"),
}
NO_WORKLOAD = {
    *("istio-ingressgateway", "istio-pilot", "knative-eventing", "knative-serving"),
    *("kubeflow-roles", "metacontroller-operator", "training-operator"),
}
NEIGHBOURS = {"katib-db", "kfp-db"}


pytestmark = pytest.mark.xdist_group("three units of everything")


@pytest.fixture(scope="module")
def scaled() -> jujusim.Model:
    """Three units of everything; tests leave them as they were, but for the last."""
    apps = {*EVERY_UNIT_SERVES, *ONE_UNIT_SERVES, *NO_WORKLOAD, *NEIGHBOURS}
    model = deployment.deploy(seed=3, scale=dict.fromkeys(apps, 3))
    assert set(model.apps) == apps, "a charm does not say what more units of it mean"
    deployment.assert_well(model)
    return model


def running(model: jujusim.Model, app: str) -> list[str]:
    """The units of an application that run any service."""
    units = model.app(app).units.values()
    pebbles = {unit.name: unit.containers.values() for unit in units}
    return [
        name
        for name, containers in pebbles.items()
        if any(itertools.chain.from_iterable(pebble.services().values() for pebble in containers))
    ]


def test_every_unit_serves(scaled: jujusim.Model):
    for app in sorted(EVERY_UNIT_SERVES):
        for unit in scaled.app(app).units.values():
            services = [pebble.services() for pebble in unit.containers.values()]
            assert all(each and all(each.values()) for each in services), unit.name


def test_every_unit_runs_and_one_is_elected(scaled: jujusim.Model):
    for app, flag in ONE_IS_ELECTED.items():
        for unit in scaled.app(app).units.values():
            commands = [s["command"] for s in unit.containers[app].plan()["services"].values()]
            assert all(flag in command for command in commands)


def test_one_unit_serves_and_the_others_say_why(scaled: jujusim.Model):
    for app in sorted(ONE_UNIT_SERVES):
        assert running(scaled, app) == [f"{app}/0"]
        for unit in list(scaled.app(app).units.values())[1:]:
            assert unit.status.message == f"standby: {app}/0 is active"


def test_standby_units_are_not_ready(scaled: jujusim.Model):
    for app in ONE_UNIT_SERVES:
        units = list(scaled.app(app).units.values())
        healthy = [all(pebble.healthy() for pebble in unit.containers.values()) for unit in units]
        assert healthy == [True, False, False]


def test_leadership_moves_nothing(scaled: jujusim.Model):
    before = deployment.end_state(scaled)
    for app in list(scaled.apps):
        scaled.elect(app, f"{app}/2")
    scaled.settle()
    deployment.assert_well(scaled)
    after = deployment.difference(deployment.end_state(scaled), before)
    assert not [name for name in after if name.startswith(("plans", "objects", "files"))]


def test_a_lost_pod_changes_no_secret(scaled: jujusim.Model):
    before = sorted(scaled.secret_values())
    state = deployment.end_state(scaled)
    for unit in list(scaled.units):
        scaled.churn(unit, graceful=False)
    scaled.settle()
    deployment.assert_well(scaled)
    assert sorted(scaled.secret_values()) == before
    assert not deployment.difference(deployment.end_state(scaled), state)


def test_a_refresh_changes_no_secret(scaled: jujusim.Model):
    before = sorted(scaled.secret_values())
    for app in scaled.apps.values():
        scaled.refresh(app.name, app.charm)
    scaled.settle()
    deployment.assert_well(scaled)
    assert sorted(scaled.secret_values()) == before


def test_scaling_down_removes_nothing_shared(scaled: jujusim.Model):
    before = set(deployment.objects(scaled))
    for app in list(scaled.apps):
        scaled.scale(app, 1)
    scaled.settle()
    deployment.assert_well(scaled)
    gone = before - set(deployment.objects(scaled))
    assert all(name.startswith(("Pod/", "PersistentVolumeClaim/")) for name in gone), gone
