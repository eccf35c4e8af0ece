# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative Serving: what is asked of the operator, and what its answer means."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import pytest
from charmkit import knative
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
OPERATOR = Charm.at(pathlib.Path(__file__).parents[3] / "knative-operator")
NAME = "knative-serving"
CR = f"KnativeServing/{NAME}/{NAME}"
PATH = f"/apis/operator.knative.dev/v1beta1/namespaces/{NAME}/knativeservings/{NAME}"
JOB = "storage-version-migration-serving-serving-1.16.0"
JOBS = f"/apis/batch/v1/namespaces/{NAME}/jobs"
TERMINATING = "MutatingWebhookConfiguration//webhook.serving.knative.dev"
GATEWAY = {
    "gateway_name": "front",
    "gateway_namespace": "istio",
    "gateway_up": "true",
    "gateway_url": "https://10.64.140.44",
}


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knative, "INTERVAL", 0.0)


def run(cluster: Cluster | None = None, **choices: Any) -> Result:
    choices.setdefault("bags", {"gateway-info": GATEWAY})
    return CHARM.run(CHARM.state(**choices), "config_changed", cluster=cluster or defined())


def defined() -> Cluster:
    """A cluster with the operator's definitions as they are."""
    return OPERATOR.complete.cluster.copy()


def unattended() -> Cluster:
    """A cluster in which nobody installs what is asked for."""
    cluster = defined()
    cluster.knative_operator = False
    return cluster


def installed(version: str, *conditions: dict[str, str], **status: Any) -> Cluster:
    """A cluster in which the operator has answered once, and says no more."""
    cluster = run(unattended()).cluster.copy()
    ready = {"type": "Ready", "status": "False" if conditions else "True"}
    answer = {"version": version, "conditions": [ready, *conditions], **status}
    patch(cluster, f"{PATH}/status", {"status": answer})
    return cluster


def patch(cluster: Cluster, path: str, change: dict[str, Any]) -> None:
    media = {"content-type": "application/merge-patch+json"}
    response = cluster.request(Request("PATCH", path, headers=media, body=change))
    assert response.status == 200, response.body


def spec(result: Result) -> dict[str, Any]:
    return result.seen["objects"][CR]["spec"]


def test_waits_until_the_operator_is_there():
    without = Cluster()
    without.install("", "namespaces", {"metadata": {"name": "kubeflow"}})
    assert run(without).status[0] == "waiting"


def test_waits_until_the_operator_answers():
    result = run(unattended())
    assert result.status == (
        "waiting",
        "waiting for the Knative operator to install knative-serving",
    )


@pytest.mark.parametrize(
    ("condition", "message", "expected"),
    [
        (
            "DeploymentsAvailable",
            "Waiting on deployments: activator",
            ("waiting", "knative-serving: Waiting on deployments: activator"),
        ),
        (
            "InstallSucceeded",
            'no matches for kind "Gateway"',
            ("waiting", 'knative-serving: no matches for kind "Gateway"'),
        ),
        (
            "VersionMigrationEligible",
            "not supported to downgrade",
            ("blocked", "option version: not supported to downgrade"),
        ),
    ],
)
def test_status_is_what_the_operator_says(condition: str, message: str, expected: tuple[str, str]):
    answer = {"type": condition, "status": "False", "message": message}
    assert run(installed("1.16.0", answer)).status == expected


def test_status_waits_for_an_answer_to_what_is_asked_now():
    result = run(installed("1.16.0", observedGeneration=0))
    assert result.status == (
        "waiting",
        "waiting for the Knative operator to change knative-serving",
    )


def test_upgrade_goes_release_by_release():
    cluster, seen = installed("1.13.2"), list[tuple[str, tuple[str, str]]]()
    cluster.knative_operator = True
    for _ in range(4):
        result = run(cluster)
        cluster = result.cluster
        seen.append((spec(result)["version"], result.status))
    assert seen == [
        ("1.14", ("waiting", "upgrading 1.13 of 1.16")),
        ("1.15", ("waiting", "upgrading 1.14 of 1.16")),
        ("1.16.0", ("active", "")),
        ("1.16.0", ("active", "")),
    ]


def test_images_on_the_way_are_those_of_their_release():
    config = {
        "custom_images": "activator: example.com/activator:16",
        "step_images": '{"1.14": {activator: "example.com/activator:14"}}',
    }
    first = run(installed("1.13.2"), config=config)
    override = spec(first)["registry"]["override"]
    assert override["activator/activator"] == "example.com/activator:14"
    assert override["webhook/webhook"].startswith("gcr.io/knative-releases/")
    assert "1.16" not in str(override)


@pytest.mark.parametrize(
    ("there", "wanted", "reason"),
    [
        ("1.16.0", "1.14.2", "goes down by one release at a time"),
        ("1.10.2", "1.16.0", "refresh to the charm of 1.11 first"),
    ],
)
def test_ways_that_the_operator_refuses_are_blocked(there: str, wanted: str, reason: str):
    cluster = installed(there)
    before = cluster.copy()
    result = run(cluster, config={"version": wanted})
    assert result.status[0] == "blocked"
    assert reason in result.status[1]
    assert spec(result) == next(
        stored.obj["spec"]
        for _, _, stored in before.store.everything()
        if stored.obj["kind"] == "KnativeServing"
    )


def test_gateway_and_domain_by_relation():
    config = spec(run())["config"]
    assert "gateway.istio.front" in config["istio"]
    assert config["domain"] == {"10.64.140.44.nip.io": ""}


def test_options_that_are_set_win_over_the_relation():
    options = {
        "domain.name": "models.example.com",
        "istio.gateway.name": "other",
        "istio.gateway.namespace": "elsewhere",
    }
    config = spec(run(config=options))["config"]
    assert "gateway.elsewhere.other" in config["istio"]
    assert config["domain"] == {"models.example.com": ""}


def test_without_a_relation_the_gateway_is_that_of_the_options():
    result = run(without=["gateway-info"], bags={})
    config = spec(result)["config"]
    assert "gateway.kubeflow.knative-gateway" in config["istio"]
    assert config["domain"] == {"10.64.140.43.nip.io": ""}


def test_local_gateway_is_told_with_its_service_and_the_domain():
    (bag,) = (bag for name, bag in run().seen["databags"].items() if name.startswith("local-"))
    assert bag["app"] == {
        "gateway_name": "knative-local-gateway",
        "gateway_namespace": "knative-serving",
        "gateway_up": "true",
        "gateway_service": "knative-local-gateway.istio.svc.cluster.local",
        "domain": "10.64.140.44.nip.io",
    }


def test_a_private_registry_is_not_asked_for_digests_and_is_used_in_users_pods():
    config = {"custom_images": "queue-proxy: registry.example.com/queue:1"}
    deployment = spec(run(config=config))["config"]["deployment"]
    assert deployment["queue-sidecar-image"] == "registry.example.com/queue:1"
    skipped = deployment["registries-skipping-tag-resolving"].split(",")
    assert skipped == ["nvcr.io", "registry.example.com"]


def test_docker_is_known_to_knative_by_another_name():
    config = {"registries-skipping-tag-resolving": "docker.io, registry.example.com"}
    deployment = spec(run(config=config))["config"]["deployment"]
    skipped = deployment["registries-skipping-tag-resolving"]
    assert skipped == "index.docker.io,registry.example.com"


def test_a_private_registry_leaves_no_other_image():
    keys = spec(run())["registry"]["override"]
    given = [key if key.startswith("net-") else key.rpartition("/")[2] for key in keys]
    images = "\n".join(f"{key}: registry.example.com/a:1" for key in given)
    result = spec(run(config={"custom_images": images}))
    used = [*result["registry"]["override"].values()]
    used.append(result["config"]["deployment"]["queue-sidecar-image"])
    assert {image.partition("/")[0] for image in used} == {"registry.example.com"}


@pytest.mark.parametrize(
    ("image", "status", "left"),
    [
        ("migrate:old", {"conditions": [{"type": "Complete", "status": "True"}]}, False),
        ("migrate:old", {"active": 1, "ready": 1}, True),
        ("migrate:old", {"active": 1, "ready": 0}, False),
        ("", {"conditions": [{"type": "Complete", "status": "True"}]}, True),
    ],
    ids=["finished", "running", "without its image", "of the same image"],
)
def test_a_job_makes_room_for_one_of_another_image(image: str, status: dict[str, Any], left: bool):
    cluster = installed("1.16.0")
    image = image or spec(run(cluster))["registry"]["override"]["migrate"]
    pod = {"restartPolicy": "Never", "containers": [{"name": "migrate", "image": image}]}
    metadata = {"name": JOB, "namespace": NAME, "labels": {knative.COMPONENT_LABEL: NAME}}
    job = {"metadata": metadata, "spec": {"template": {"spec": pod}}}
    cluster.install("batch", "jobs", job)
    patch(cluster, f"{JOBS}/{JOB}/status", {"status": status})
    assert (f"Job/{NAME}/{JOB}" in run(cluster).seen["objects"]) is left


def removed(cluster: Cluster) -> Result:
    state = dataclasses.replace(CHARM.state(), planned_units=0)
    return CHARM.run(state, "remove", cluster=cluster)


def held() -> Cluster:
    """A cluster whose KnativeServing waits for an operator that has gone."""
    cluster = installed("1.16.0")
    finalizers = ["knativeservings.operator.knative.dev"]
    patch(cluster, PATH, {"metadata": {"finalizers": finalizers}})
    webhook = {
        "metadata": {
            "name": "webhook.serving.knative.dev",
            "labels": {knative.COMPONENT_LABEL: NAME},
        },
        "webhooks": [],
    }
    group = "admissionregistration.k8s.io"
    cluster.install(group, "mutatingwebhookconfigurations", webhook)
    return cluster


def test_removal_ends_without_the_operator_and_leaves_what_is_users():
    after = removed(held())
    assert CR not in after.seen["objects"]
    assert TERMINATING not in after.seen["objects"]
    assert f"Namespace//{NAME}" in after.seen["objects"]
    assert (
        "CustomResourceDefinition//knativeservings.operator.knative.dev" in after.seen["objects"]
    )


def test_removal_lets_definitions_be_read_without_a_webhook():
    cluster = held()
    table, key, stored = next(
        item
        for item in cluster.store.everything()
        if item[2].obj["metadata"]["name"] == "knativeservings.operator.knative.dev"
    )
    labels = {**stored.obj["metadata"].get("labels", {}), knative.COMPONENT_LABEL: NAME}
    labelled = {**stored.obj, "metadata": {**stored.obj["metadata"], "labels": labels}}
    cluster.store.put(table, key, labelled, stored.managers)
    after = removed(cluster).seen["objects"]
    definition = after["CustomResourceDefinition//knativeservings.operator.knative.dev"]
    assert definition["spec"]["conversion"] == {"strategy": "None"}
    assert definition["metadata"]["labels"]["model.juju.is/disable-webhook"] == "true"


def test_what_a_published_charm_has_installed_is_upgraded_by_steps_too():
    cluster = defined()
    cluster.install("", "namespaces", {"metadata": {"name": NAME}})
    body = {
        "apiVersion": "operator.knative.dev/v1beta1",
        "kind": "KnativeServing",
        "metadata": {"name": NAME},
        "spec": {"version": "1.14"},
    }
    query = {"fieldManager": "kubeflow"}
    path = PATH.rpartition("/")[0]
    assert cluster.request(Request("POST", path, query, body=body)).status == 201
    result = run(cluster)
    assert spec(result)["version"] == "1.15"
    assert result.status == ("waiting", "upgrading 1.14 of 1.16")
