# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Who reaches a model in a profile's namespace, by the policies that are there.

kfp-profile-controller's policy is what its sync server answers for the namespace. The profile
controller's own is a model of Kubeflow 1.10's, components/profile-controller/controllers/
profile_controller.go, with the principals that kubeflow-profiles gives it; that of a contributor
is one of components/access-management/kfam/bindings.go.
"""

from __future__ import annotations

import functools
import json
import pathlib
from typing import Any

import pytest
from charmkit.programs import sync_server
from jujusim.testing import Charm

from . import test_profiles_at_scale
from .authorization import Call, lets_in

PROFILES = Charm.at(pathlib.Path(__file__).parents[2] / "charms/kubeflow-profiles")
OWNER, OTHER = "ann@example.com", "ben@example.com"
CONTRIBUTOR = "cat@example.com"
HEADER = "kubeflow-userid"
GATEWAY = "cluster.local/ns/kubeflow/sa/istio-ingressgateway-workload-service-account"
EDITOR = "cluster.local/ns/{}/sa/default-editor"


@functools.cache
def of_pipelines(owner: str) -> list[dict[str, Any]]:
    """The policies that the sync server answers for a namespace."""
    files = test_profiles_at_scale.pipelines("a-key").files("kfp-profile-controller")
    answers = sync_server.Answers(json.loads(files[test_profiles_at_scale.DATA]))
    metadata = {
        "name": "ann",
        "labels": test_profiles_at_scale.LABELS,
        "annotations": {"owner": owner} if owner else {},
    }
    made = json.loads(answers.of({"metadata": metadata}, frozenset()))["attachments"]
    return [obj for obj in made if obj["kind"] == "AuthorizationPolicy"]


@functools.cache
def principals(name: str = "kubeflow-profiles") -> dict[str, str]:
    """The environment of the profile controller, or of access management."""
    result = PROFILES.run(PROFILES.state(), "config_changed")
    return result.seen["plans"][name]["services"][name]["environment"]


def of_profile_controller() -> dict[str, Any]:
    known = principals()
    front = [known["ISTIO_INGRESS_GATEWAY_PRINCIPAL"], known["KFP_UI_PRINCIPAL"]]
    culler = {"source": {"principals": [known["NOTEBOOK_CONTROLLER_PRINCIPAL"]]}}
    kernels = {"operation": {"methods": ["GET"], "paths": ["*/api/kernels"]}}
    probes = {"operation": {"paths": ["/healthz", "/metrics", "/wait-for-drain"]}}
    named = {"key": "request.headers[kubeflow-userid]", "values": [OWNER]}
    rules: list[dict[str, Any]] = [
        {"when": [named], "from": [{"source": {"principals": front}}]},
        {"when": [{"key": "source.namespace", "values": ["ann"]}]},
        {"to": [probes]},
        {"from": [culler], "to": [kernels]},
    ]
    return {"kind": "AuthorizationPolicy", "spec": {"rules": rules}}


def of_access_management() -> dict[str, Any]:
    known = principals("kubeflow-kfam")
    front = [known["ISTIO_INGRESS_GATEWAY_PRINCIPAL"], known["KFP_UI_PRINCIPAL"]]
    named = {"key": f"request.headers[{HEADER}]", "values": [CONTRIBUTOR]}
    rule = {"when": [named], "from": [{"source": {"principals": front}}]}
    return {"kind": "AuthorizationPolicy", "spec": {"rules": [rule]}}


def reaches(call: Call, owner: str = OWNER) -> bool:
    policies = [of_profile_controller(), of_access_management(), *of_pipelines(owner)]
    return lets_in(policies, call)


@pytest.mark.parametrize(
    "call",
    [
        Call(GATEWAY, user=OWNER),
        Call(GATEWAY, user=CONTRIBUTOR),
        Call(EDITOR.format("ann")),
        Call(user=OWNER),
        Call(path="/healthz", method="GET"),
        Call(path="/metrics", method="GET"),
        Call(path="/wait-for-drain", method="GET"),
    ],
    ids=[
        "owner",
        "contributor",
        "own namespace",
        "owner by activator",
        "probe",
        "metrics",
        "drain",
    ],
)
def test_models_are_reached_by(call: Call):
    assert reaches(call)


@pytest.mark.parametrize(
    "call",
    [
        Call(GATEWAY, user=OTHER),
        Call(user=OTHER),
        Call(user=CONTRIBUTOR),
        Call(GATEWAY),
        Call(EDITOR.format("ben")),
        Call(EDITOR.format("ben"), user=OTHER),
        Call(),
    ],
    ids=[
        "another user",
        "another user by activator",
        "contributor by activator",
        "gateway without a user",
        "another namespace",
        "another namespace with its own name",
        "no one",
    ],
)
def test_models_are_not_reached_by(call: Call):
    assert not reaches(call)


@pytest.mark.parametrize("owner", ["", "*", "*@example.com"])
def test_policy_of_a_namespace_without_a_proper_owner_lets_in_nobody(owner: str):
    for user in (OWNER, OTHER, "*", ""):
        assert not lets_in(of_pipelines(owner), Call(GATEWAY, user=user))
