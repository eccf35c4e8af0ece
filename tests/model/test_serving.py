# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Models in the simulator: both modes, their store, and a year of certificates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jujusim
import pytest

from . import deployment

KNATIVE = ("knative-eventing", "knative-operator", "knative-serving")
MODELS = ("istio-ingressgateway", "istio-pilot", "kserve-controller", "minio")
PROFILES = ("admission-webhook", "metacontroller-operator", "resource-dispatcher")
CONFIGURATION = "ConfigMap/kubeflow/inferenceservice-config"
MANIFESTS = "/var/lib/pebble/default/manifests.json"
DAYS = 300
"""Of the 365 that a certificate lasts."""

READ_AT_START = {"admission-webhook"}
"""Whose program has to start again for a new certificate; there may be several units."""


def section(model: jujusim.Model, name: str) -> dict[str, Any]:
    return json.loads(deployment.objects(model)[CONFIGURATION]["data"][name])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("faults", [0, 3])
def test_serverless_models_need_knative(seed: int, faults: int):
    model = deployment.deploy(
        only=(*deployment.LOGIN, *MODELS, *KNATIVE), seed=seed, faults=faults
    )
    deployment.assert_well(model)
    assert section(model, "deploy") == {"defaultDeploymentMode": "Serverless"}
    assert section(model, "ingress")["localGateway"] == "knative-serving/knative-local-gateway"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("faults", [0, 3])
def test_raw_models_need_none(seed: int, faults: int):
    model = deployment.deploy(only=(*deployment.LOGIN, *MODELS), seed=seed, faults=faults)
    assert model.unit("kserve-controller/0").status.name == "blocked"
    model.configure("kserve-controller", {"deployment-mode": "rawdeployment"})
    model.settle()
    deployment.assert_well(model)
    assert section(model, "deploy") == {"defaultDeploymentMode": "RawDeployment"}
    assert "localGateway" not in section(model, "ingress")


def test_whoever_lets_users_in_is_told_of_the_activator():
    """By the relations of the bundle, once Knative is there."""
    activator = "cluster.local/ns/knative-serving/sa/activator"
    others = ("kfp-profile-controller", "kubeflow-profiles", "metacontroller-operator")
    model = deployment.deploy(only=(*deployment.LOGIN, *KNATIVE, *others))
    deployment.assert_well(model)
    controller = model.unit("kfp-profile-controller/0").containers["kfp-profile-controller"]
    assert activator.encode() in controller.files()[MANIFESTS]
    for name, container in model.unit("kubeflow-profiles/0").containers.items():
        environment = container.plan()["services"][name]["environment"]
        assert activator in environment.values()


def test_mode_can_be_changed_in_the_words_of_each_track_and_changed_back():
    model = deployment.deploy(only=(*deployment.LOGIN, *MODELS, *KNATIVE))
    ends = dict[str, list[Any]]()
    for word in ("serverless", "rawdeployment", "knative", "standard", "serverless"):
        model.configure("kserve-controller", {"deployment-mode": word})
        model.settle()
        deployment.assert_well(model)
        mode = section(model, "deploy")["defaultDeploymentMode"]
        ends.setdefault(mode, []).append(deployment.end_state(model))
    assert {mode: len(states) for mode, states in ends.items()} == {
        "Serverless": 3,
        "RawDeployment": 2,
    }
    for first, *others in ends.values():
        assert not any(deployment.difference(first, other) for other in others)


@pytest.mark.seeds(1)
def test_the_whole_bundle_converges_with_raw_models(seed: int):
    config = {"kserve-controller": {"deployment-mode": "standard"}}
    model = deployment.deploy(config=config, seed=seed, faults=2)
    deployment.assert_well(model)
    assert section(model, "deploy") == {"defaultDeploymentMode": "RawDeployment"}
    assert "localGateway" not in section(model, "ingress")


def dispatched(model: jujusim.Model) -> set[str]:
    """What resource-dispatcher gives to namespaces, by kind and name."""
    files = model.unit("resource-dispatcher/0").containers["resource-dispatcher"].files()
    listed: Any = json.loads(files[MANIFESTS])
    return {f"{item['kind']}/{item['metadata']['name']}" for item in objects_in(listed)}


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every Kubernetes object in some JSON."""
    if isinstance(value, dict):
        if "kind" in value and "metadata" in value:
            yield value
        for each in value.values():
            yield from objects_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from objects_in(each)


def test_namespaces_get_what_models_are_downloaded_with():
    names = {"Secret/kserve-controller-s3", "ServiceAccount/kserve-controller-s3"}
    model = deployment.deploy(only=(*deployment.LOGIN, *MODELS, *KNATIVE, *PROFILES))
    for endpoint in ("secrets", "service-accounts"):
        model.integrate(f"kserve-controller:{endpoint}", f"resource-dispatcher:{endpoint}")
    model.settle()
    assert not names & dispatched(model)
    model.integrate("kserve-controller:object-storage", "minio:object-storage")
    model.settle()
    deployment.assert_well(model)
    assert names <= dispatched(model)
    model.remove_relation("kserve-controller:object-storage", "minio:object-storage")
    model.settle()
    assert not names & dispatched(model)


# Certificates.


def certificates(model: jujusim.Model) -> dict[str, dict[str, str]]:
    """What the secret of each application holds whose webhooks have a certificate."""
    return {
        secret.owner: secret.revisions[secret.latest]
        for secret in model.secrets.secrets.values()
        if {"certificate", "ca-bundle"} <= secret.revisions[secret.latest].keys()
    }


def served(model: jujusim.Model, certificate: str) -> set[tuple[str, str]]:
    """Where a certificate is: unit and path."""
    return {
        (name, path)
        for name, unit in model.units.items()
        for pebble in unit.containers.values()
        for path, content in pebble.files().items()
        if content.decode(errors="replace") == certificate
    }


def starts(model: jujusim.Model) -> dict[str, dict[str, int]]:
    """How often each service has started, by unit and container."""
    return {
        f"{name} {container}": dict(pebble.starts)
        for name, unit in model.units.items()
        for container, pebble in unit.containers.items()
    }


def test_certificates_are_renewed_long_before_they_end_and_without_a_restart():
    model = deployment.deploy()
    before = certificates(model)
    assert before.keys() >= {"admission-webhook", "kserve-controller", "pvcviewer-operator"}
    where = {app: served(model, old["certificate"]) for app, old in before.items()}
    begun = starts(model)
    model.advance(days=DAYS)
    model.update_status()
    model.settle()
    deployment.assert_well(model)
    after = certificates(model)
    for app, old in before.items():
        assert after[app]["certificate"] != old["certificate"], app
        assert where[app], app
        assert served(model, after[app]["certificate"]) == where[app], app
    changed = {
        name.partition("/")[0] for name, count in starts(model).items() if count != begun[name]
    }
    assert changed == READ_AT_START
