# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Who reaches a model in a profile's namespace, by the policies that are there.

kfp-profile-controller's policy is what its sync server answers for the namespace, the activator's
is what knative-serving applies, and the gateway's filter what istio-pilot does. The profile
controller's own is a model of Kubeflow 1.10's, components/profile-controller/controllers/
profile_controller.go, with the principals that kubeflow-profiles gives it; that of a contributor
is one of components/access-management/kfam/bindings.go.

That the mesh knows the activator's pods behind a model's Service, and so speaks mutual TLS to
them, is read in Istio 1.28 (pilot/pkg/serviceregistry/kube/controller/endpointslice.go: the pod is
the one that the endpoint refers to, in whatever namespace) and Knative 1.16
(pkg/reconciler/serverlessservice: the activator's endpoints are copied with their references).
"""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from typing import Any

import pytest
from charmkit.programs import sync_server
from jujusim.testing import Charm, Result

from . import test_profiles_at_scale
from .authorization import Call, lets_in

CHARMS = pathlib.Path(__file__).parents[2] / "charms"
PILOT = Charm.at(CHARMS / "istio-pilot")
LOGIN = Charm.at(CHARMS / "oidc-gatekeeper")
PROFILES = Charm.at(CHARMS / "kubeflow-profiles")
SERVING = Charm.at(CHARMS / "knative-serving")
OWNER, OTHER = "ann@example.com", "ben@example.com"
CONTRIBUTOR = "cat@example.com"
HEADER = "kubeflow-userid"
GATEWAY = "cluster.local/ns/kubeflow/sa/istio-ingressgateway-workload-service-account"
EDITOR = "cluster.local/ns/{}/sa/default-editor"
MODEL = {"app": "iris-predictor-00001", "component": "predictor"}
OUTER_PORTS, LOCAL_PORT = (8080, 8443), 8081
"""Where the gateway takes requests from outside, and where those from within the cluster."""


@functools.cache
def serving() -> Result:
    """What knative-serving does where there is a gateway."""
    gateway = {"gateway_name": "kubeflow-gateway", "gateway_namespace": "kubeflow"}
    state = SERVING.state(bags={"gateway-info": gateway})
    return SERVING.run(state, "config_changed", cluster=SERVING.cluster())


def local_gateway() -> dict[str, str]:
    """What knative-serving sends of itself, once it is ready."""
    bags = serving().seen["databags"].items()
    (bag,) = (bag["app"] for name, bag in bags if name.startswith("local-gateway"))
    return bag


def activator() -> str:
    """The activator in the mesh: the account that Knative gives it, in its own namespace."""
    namespace = policy_of_activator()["metadata"]["namespace"]
    return f"cluster.local/ns/{namespace}/sa/activator"


def policy_of_activator() -> dict[str, Any]:
    objects = serving().seen["objects"].values()
    (policy,) = (obj for obj in objects if obj["kind"] == "AuthorizationPolicy")
    return policy


@functools.cache
def of_pipelines(owner: str, *, is_meshed: bool = True) -> list[dict[str, Any]]:
    """The policies that the sync server answers for a namespace.

    Args:
        owner: the namespace's owner; empty if it has none.
        is_meshed: whether knative-serving tells of the activator.
    """
    bag = local_gateway() if is_meshed else None
    result = test_profiles_at_scale.pipelines("a-key", local_gateway=bag)
    files = result.files("kfp-profile-controller")
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
    state = PROFILES.state(bags={"local-gateway": local_gateway()})
    result = PROFILES.run(state, "config_changed")
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


def reaches(call: Call, labels: dict[str, str] = MODEL) -> bool:
    """Tell whether a pod of the profile's namespace is reached by a call."""
    policies = [of_profile_controller(), of_access_management(), *of_pipelines(OWNER)]
    return lets_in(policies, call, labels)


def by_activator(call: Call) -> Call | None:
    """Return the call as the activator makes it for another one, or None if it is refused.

    It passes on headers, and answers itself what is marked as a probe of it.
    """
    known = {"app": "activator", "role": "activator"}
    if not lets_in([policy_of_activator()], call, known) or call.probe:
        return None
    return dataclasses.replace(call, principal=activator())


@functools.cache
def gateway_patches() -> list[dict[str, Any]]:
    """What istio-pilot puts into the gateway, with oidc-gatekeeper as the authorizer."""
    bags = LOGIN.complete.seen["databags"].items()
    (bag,) = (bag["app"] for name, bag in bags if name.startswith("ingress-auth"))
    result = PILOT.run(PILOT.state(bags={"ingress-auth": bag}), "config_changed")
    objects = result.seen["objects"].values()
    (found,) = (obj for obj in objects if obj["kind"] == "EnvoyFilter")
    return found["spec"]["configPatches"]


def by_gateway(call: Call, port: int, session: str = "") -> Call:
    """Return the call as the gateway makes it for another one.

    Args:
        call: what comes to the gateway.
        port: where it does.
        session: the user whom the authorizer knows by the session or the token.
    """
    user = call.user
    put_first = [
        patch["patch"]["value"]
        for patch in gateway_patches()
        if patch["match"]["listener"].get("portNumber", port) == port
    ]
    for each in reversed(put_first):
        mutations = each["typed_config"].get("mutations", {}).get("request_mutations", ())
        user = "" if {"remove": HEADER} in mutations else user
        user = session if each["name"].endswith("ext_authz") else user
    return dataclasses.replace(call, principal=GATEWAY, user=user)


def reached_through_activator(call: Call) -> bool:
    passed_on = by_activator(call)
    return passed_on is not None and reaches(passed_on)


# --- from outside ---


@pytest.mark.parametrize("port", OUTER_PORTS)
@pytest.mark.parametrize("forged", ["", OTHER, OWNER])
@pytest.mark.parametrize("user", [OWNER, CONTRIBUTOR])
def test_owner_and_contributors_reach_a_model_through_the_gateway(
    user: str, forged: str, port: int
):
    call = by_gateway(Call(user=forged), port, session=user)
    assert reaches(call)
    assert reached_through_activator(call)


@pytest.mark.parametrize("port", OUTER_PORTS)
@pytest.mark.parametrize("forged", ["", OWNER, CONTRIBUTOR])
@pytest.mark.parametrize("session", ["", OTHER])
def test_nobody_else_does_whatever_name_is_written_into_the_request(
    session: str, forged: str, port: int
):
    call = by_gateway(Call(user=forged), port, session)
    assert not reaches(call)
    assert not reached_through_activator(call)


# --- from within the cluster ---


SENDERS = {
    "a pod outside the mesh": "",
    "a pod of another namespace": EDITOR.format("ben"),
    "an account that is called like the activator's": "cluster.local/ns/ben/sa/activator",
    "an account that is called like the gateway's": GATEWAY.replace("/kubeflow/", "/ben/"),
}


@pytest.fixture(params=SENDERS.values(), ids=list(SENDERS))
def sender(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("name", ["", OWNER, CONTRIBUTOR, OTHER])
def test_a_foreign_pod_reaches_no_model(sender: str, name: str):
    assert not reaches(Call(sender, user=name))


@pytest.mark.parametrize("name", ["", OWNER, CONTRIBUTOR, OTHER])
def test_a_foreign_pod_does_not_reach_it_by_the_activator_either(sender: str, name: str):
    assert by_activator(Call(sender, user=name)) is None


@pytest.mark.parametrize("name", ["", OWNER, CONTRIBUTOR, OTHER])
def test_the_gateway_s_port_for_the_cluster_passes_on_no_name(sender: str, name: str):
    call = by_gateway(Call(sender, user=name), LOCAL_PORT)
    assert not reaches(call)
    assert not reached_through_activator(call)


def test_pods_of_the_namespace_reach_a_model():
    assert reaches(Call(EDITOR.format("ann")))


def test_a_name_that_only_the_pipelines_page_may_pass_on_leads_to_no_model():
    """The page is not in the mesh: pods that it asks believe it, and those are not models."""
    call = Call(user=OWNER)
    for app in ("ml-pipeline-ui-artifact", "viewer"):
        assert reaches(call, {"app": app})
        assert not reaches(dataclasses.replace(call, user=OTHER), {"app": app})
    assert not reaches(call)


# --- Knative itself ---


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/wait-for-drain"])
def test_probes_and_metrics_of_models_get_in(path: str):
    assert reaches(Call(path=path, method="GET"))


PROBE = Call(path="//healthz", method="GET", probe="activator")
"""The autoscaler's; Knative puts a slash before a path that begins with one."""

METRICS = Call(path="/metrics", method="GET", port="9090")


@pytest.mark.parametrize("port", ["8012", "8013"])
def test_the_autoscaler_asks_the_activator(port: str):
    call = dataclasses.replace(PROBE, port=port)
    assert lets_in([policy_of_activator()], call, {"app": "activator"})


def test_metrics_of_the_activator_are_read_by_whoever_reads_metrics():
    assert lets_in([policy_of_activator()], METRICS, {"app": "activator"})


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/v1/models/one:predict"},
        {"path": "/healthz/../v1/models/one:predict"},
        {"probe": ""},
        {"probe": "queue"},
        {"method": "POST"},
        {"port": "8008"},
    ],
    ids=json.dumps,
)
def test_what_is_no_probe_is_refused_by_the_activator(change: dict[str, str]):
    assert by_activator(dataclasses.replace(PROBE, user=OWNER, **change)) is None


@pytest.mark.parametrize(
    "change", [{"port": "8012"}, {"port": "8008"}, {"path": "/debug/pprof"}], ids=json.dumps
)
def test_metrics_are_nothing_else(change: dict[str, str]):
    assert by_activator(dataclasses.replace(METRICS, user=OWNER, **change)) is None


def test_a_probe_of_the_activator_reaches_no_model():
    assert by_activator(dataclasses.replace(PROBE, user=OWNER)) is None


def test_knative_serving_tells_the_others_who_the_activator_is():
    assert local_gateway()["activator_principal"] == activator()


# --- where the mesh does not know the activator ---


def test_owners_reach_models_by_an_activator_that_the_mesh_does_not_know():
    """A published knative-serving tells of none, and its activator has no name in the mesh."""
    call = Call(user=OWNER)
    assert lets_in(of_pipelines(OWNER, is_meshed=False), call, MODEL)
    assert not lets_in(of_pipelines(OWNER), call, MODEL)


@pytest.mark.parametrize("owner", ["", "*", "*@example.com"])
@pytest.mark.parametrize("is_meshed", [True, False])
def test_policy_of_a_namespace_without_a_proper_owner_lets_in_nobody(owner: str, is_meshed: bool):
    policies = of_pipelines(owner, is_meshed=is_meshed)
    for user in (OWNER, OTHER, "*", ""):
        for principal in (GATEWAY, activator(), ""):
            assert not lets_in(policies, Call(principal, user=user), MODEL)
