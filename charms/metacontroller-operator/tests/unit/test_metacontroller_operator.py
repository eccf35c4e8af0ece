# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Metacontroller: how it is run, what it may do, and what is admitted."""

from __future__ import annotations

import pathlib
from typing import Any

import dispatched
import profile_objects
import pytest
from jujusim.testing import Charm, Result
from kubefake import Request, Response

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "metacontroller-operator"
DEFINITIONS = ("compositecontrollers", "controllerrevisions", "decoratorcontrollers")


def run(model: str = "kubeflow", **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    state = CHARM.state(model=model, config=options)
    return CHARM.run(state, "config_changed", cluster=CHARM.cluster(model))


def workload(result: Result, model: str = "kubeflow") -> dict[str, Any]:
    return result.seen["objects"][f"StatefulSet/{model}/{NAME}-charm"]["spec"]


def arguments(result: Result) -> dict[str, str]:
    (container,) = workload(result)["template"]["spec"]["containers"]
    return dict(argument.split("=") for argument in container["args"] if "=" in argument)


def rules(result: Result) -> list[dict[str, Any]]:
    return result.seen["objects"][f"ClusterRole//kubeflow-{NAME}-charm"]["rules"]


def test_defaults_are_for_500_profiles():
    found = arguments(run())
    assert int(found["--client-go-qps"]) * 60 >= 500 * 10
    assert int(found["--client-go-burst"]) >= int(found["--client-go-qps"])
    assert int(found["--workers"]) >= 5


@pytest.mark.parametrize("model", ["kubeflow", "ml"])
def test_names_are_the_published_charm_s(model: str):
    """A selector cannot change."""
    spec = workload(run(model), model)
    label = {"app.kubernetes.io/name": f"{model}-{NAME}-charm"}
    assert spec["selector"]["matchLabels"] == label
    assert label.items() <= spec["template"]["metadata"]["labels"].items()
    assert spec["template"]["spec"]["serviceAccountName"] == f"{NAME}-charm"


def test_several_replicas_elect_the_one_that_works():
    (one,) = workload(run())["template"]["spec"]["containers"]
    result = run(replicas=2)
    (many,) = workload(result)["template"]["spec"]["containers"]
    assert "--leader-election" not in one["args"]
    assert "--leader-election" in many["args"]
    assert "--leader-election-namespace=kubeflow" in many["args"]
    assert workload(result)["replicas"] == 2


def test_it_passes_pod_security_restricted():
    pod = workload(run())["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False


def test_log_level_that_shows_secrets_is_refused():
    assert run(log_level=6).status == (
        "blocked",
        "option log-level accepts a number from 0 to 5 (got: 6)",
    )


def test_it_may_make_every_kind_that_profiles_get():
    made = {
        (group, resource)
        for rule in rules(run())
        if "create" in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    dispatchable = [(version, resource) for version, _, resource in dispatched.KINDS.values()]
    for version, resource in (*profile_objects.ATTACHMENTS, *dispatchable):
        assert (version.rpartition("/")[0], resource) in made


def test_resource_dispatcher_knows_what_it_may_do():
    """By that it names the roles which Metacontroller may not make."""
    held = {
        (group, resource): set(rule["verbs"])
        for rule in rules(run())
        if rule["apiGroups"] != ["metacontroller.k8s.io"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        if "/" not in resource
    }
    assert held == {pair: set(verbs) for pair, verbs in dispatched.HELD.items()}


@pytest.mark.parametrize("allowed", [False, True])
def test_it_grants_more_than_it_has_only_where_the_option_says_so(allowed: bool):
    verbs = {verb for rule in rules(run(roles_escalation=allowed)) for verb in rule["verbs"]}
    assert ({"bind", "escalate"} <= verbs) is allowed


def create(kind: str, spec: dict[str, Any]) -> Response:
    path = f"/apis/metacontroller.k8s.io/v1alpha1/{kind.lower()}s"
    body = {
        "apiVersion": "metacontroller.k8s.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": "one"},
        "spec": spec,
    }
    query = {"fieldValidation": "Strict"}
    return CHARM.complete.cluster.copy().request(Request("POST", path, query, body=body))


HOOK = {
    "version": "v2",
    "webhook": {
        "url": "http://a.b/sync",
        "path": "/sync",
        "timeout": "5s",
        "responseUnMarshallMode": "strict",
        "etag": {"enabled": True, "cacheTimeoutSeconds": 1, "cacheCleanupSeconds": 1},
        "service": {"name": "a", "namespace": "b", "port": 80, "protocol": "http"},
    },
}
SELECTOR = {
    "matchLabels": {"a": "b"},
    "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}],
}
RESOURCE = {"apiVersion": "v1", "resource": "namespaces"}
DECORATOR = {
    "resources": [
        {
            **RESOURCE,
            "labelSelector": SELECTOR,
            "annotationSelector": {
                "matchAnnotations": {"a": "b"},
                "matchExpressions": SELECTOR["matchExpressions"],
            },
            "ignoreStatusChanges": True,
        }
    ],
    "attachments": [{**RESOURCE, "updateStrategy": {"method": "InPlace"}}],
    "resyncPeriodSeconds": 60,
    "hooks": {"sync": HOOK, "customize": HOOK, "finalize": HOOK},
}
COMPOSITE = {
    "parentResource": {
        **RESOURCE,
        "labelSelector": SELECTOR,
        "revisionHistory": {"fieldPaths": ["spec"]},
    },
    "childResources": [
        {
            **RESOURCE,
            "updateStrategy": {
                "method": "RollingInPlace",
                "statusChecks": {"conditions": [{"type": "Ready", "status": "True"}]},
            },
        }
    ],
    "generateSelector": True,
    "hooks": {"sync": HOOK, "preUpdateChild": HOOK, "postUpdateChild": HOOK},
}


@pytest.mark.parametrize(
    ("kind", "spec"), [("DecoratorController", DECORATOR), ("CompositeController", COMPOSITE)]
)
def test_controller_with_every_field_is_admitted_and_kept(kind: str, spec: dict[str, Any]):
    answer = create(kind, spec)
    assert answer.status == 201, answer.body
    kept = answer.json()["spec"]
    assert {name: kept[name] for name in spec if name != "hooks"} == {
        name: spec[name] for name in spec if name != "hooks"
    }
    assert kept["hooks"] == spec["hooks"]


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        ("DecoratorController", {}, "spec.resources"),
        ("DecoratorController", {"resources": [{}]}, "spec.resources[0].apiVersion"),
        (
            "DecoratorController",
            {"resources": [], "attachments": [{**RESOURCE, "updateStrategy": {"method": "x"}}]},
            "spec.attachments[0].updateStrategy.method",
        ),
        (
            "DecoratorController",
            {"resources": [], "hooks": {"sync": {"webhook": {"url": 1}}}},
            "spec.hooks.sync.webhook.url",
        ),
        ("CompositeController", {}, "spec.parentResource"),
    ],
)
def test_mistyped_controller_is_refused(kind: str, spec: dict[str, Any], field: str):
    answer = create(kind, spec)
    assert answer.status == 422, answer.body
    assert field in [cause["field"] for cause in answer.json()["details"]["causes"]]


def with_a_controller() -> Result:
    result = run()
    path = "/apis/metacontroller.k8s.io/v1alpha1/decoratorcontrollers"
    body = {
        "apiVersion": "metacontroller.k8s.io/v1alpha1",
        "kind": "DecoratorController",
        "metadata": {"name": "of-a-user"},
        "spec": DECORATOR,
    }
    assert result.cluster.request(Request("POST", path, body=body)).status == 201
    return result


@pytest.mark.parametrize(("confirm", "left"), [("yes", True), ("kubeflow", False)])
def test_purge_deletes_the_definitions_if_it_is_confirmed(confirm: str, left: bool):
    before = with_a_controller()
    result = CHARM.run(
        before.state, "action", "purge", params={"confirm": confirm}, cluster=before.cluster
    )
    for name in DEFINITIONS:
        definition = f"CustomResourceDefinition//{name}.metacontroller.k8s.io"
        assert (definition in result.seen["objects"]) is left
    assert ("DecoratorController//of-a-user" in result.seen["objects"]) is left
