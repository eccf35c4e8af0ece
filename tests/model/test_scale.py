"""What more units of each charm mean, and what losing one does not."""

from __future__ import annotations

import itertools

import jujusim
import pytest

from . import deployment

EVERY_UNIT_SERVES = {
    "admission-webhook": "admission-webhook",
    "dex-auth": "dex",
    "jupyter-ui": "jupyter-ui",
    "kubeflow-dashboard": "kubeflow-dashboard",
    "kubeflow-profiles": "kubeflow-kfam",
    "kubeflow-volumes": "kubeflow-volumes",
    "pvcviewer-operator": "pvcviewer-operator",
    "tensorboards-web-app": "tensorboards-web-app",
}
ONE_IS_ELECTED = {"kubeflow-profiles": "-leader-elect", "pvcviewer-operator": "--leader-elect"}
ONE_UNIT_SERVES = {
    "jupyter-controller",
    "minio",
    "oidc-gatekeeper",
    "tensorboard-controller",
}
NO_WORKLOAD = {"istio-ingressgateway", "istio-pilot", "kubeflow-roles"}


@pytest.fixture
def scaled() -> jujusim.Model:
    """Three units of everything."""
    return _scaled()


@pytest.fixture(scope="module")
def looked_at() -> jujusim.Model:
    """The same, for all tests that change nothing."""
    return _scaled()


def _scaled() -> jujusim.Model:
    apps = {*EVERY_UNIT_SERVES, *ONE_UNIT_SERVES, *NO_WORKLOAD}
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


def test_every_unit_serves(looked_at: jujusim.Model):
    for app, container in EVERY_UNIT_SERVES.items():
        for unit in looked_at.app(app).units.values():
            assert all(unit.containers[container].services().values()), unit.name
        assert len(running(looked_at, app)) == 3


def test_every_unit_runs_and_one_is_elected(looked_at: jujusim.Model):
    for app, flag in ONE_IS_ELECTED.items():
        for unit in looked_at.app(app).units.values():
            commands = [s["command"] for s in unit.containers[app].plan()["services"].values()]
            assert all(flag in command for command in commands)


def test_one_unit_serves_and_the_others_say_why(looked_at: jujusim.Model):
    for app in sorted(ONE_UNIT_SERVES):
        assert running(looked_at, app) == [f"{app}/0"]
        for unit in list(looked_at.app(app).units.values())[1:]:
            assert unit.status.message == f"standby: {app}/0 is active"


def test_standby_units_are_not_ready(looked_at: jujusim.Model):
    for app in ONE_UNIT_SERVES:
        units = list(looked_at.app(app).units.values())
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


def test_scaling_down_removes_nothing_shared(scaled: jujusim.Model):
    before = set(deployment.objects(scaled))
    for app in list(scaled.apps):
        scaled.scale(app, 1)
    scaled.settle()
    deployment.assert_well(scaled)
    gone = before - set(deployment.objects(scaled))
    assert all(name.startswith(("Pod/", "PersistentVolumeClaim/")) for name in gone), gone


def test_a_refresh_changes_no_secret(scaled: jujusim.Model):
    before = sorted(scaled.secret_values())
    for app in scaled.apps.values():
        scaled.refresh(app.name, app.charm)
    scaled.settle()
    deployment.assert_well(scaled)
    assert sorted(scaled.secret_values()) == before
