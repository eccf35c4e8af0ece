# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The training operator: its Deployment under any name, its certificate, its options, its jobs."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request, Response

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "training-operator"
JOBS = {
    "JAXJob": "jaxReplicaSpecs",
    "MPIJob": "mpiReplicaSpecs",
    "PaddleJob": "paddleReplicaSpecs",
    "PyTorchJob": "pytorchReplicaSpecs",
    "TFJob": "tfReplicaSpecs",
    "XGBoostJob": "xgbReplicaSpecs",
}


def run(before: Result | None = None, *, units: int = 1, **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    if before is None:
        state = CHARM.state(config=options, units=units)
        return CHARM.run(state, "config_changed", cluster=CHARM.defined)
    state = dataclasses.replace(before.state, config=options)
    return CHARM.run(state, "config_changed", cluster=before.cluster)


def deployment(result: Result) -> dict[str, Any]:
    return result.seen["objects"][f"Deployment/kubeflow/{NAME}"]["spec"]


def container(result: Result) -> dict[str, Any]:
    return deployment(result)["template"]["spec"]["containers"][0]


def flags(result: Result) -> dict[str, str]:
    pairs = [flag.removeprefix("--").partition("=") for flag in container(result)["args"]]
    return {name: value for name, _, value in pairs}


def init_container(result: Result) -> dict[str, Any]:
    data = result.seen["objects"][f"ConfigMap/kubeflow/{NAME}-pytorch-init"]["data"]
    (found,) = json.loads(data["initContainer.yaml"])
    return found


# --- the Deployment ---


@pytest.mark.parametrize("units", [1, 2, 3])
def test_a_replica_for_each_unit_and_one_that_is_elected(units: int):
    result = run(units=units)
    assert deployment(result)["replicas"] == units
    assert "leader-elect" in flags(result)


def test_secret_and_service_are_those_that_the_operator_is_told_of():
    result = run()
    told = flags(result)
    objects = result.seen["objects"]
    assert f"Secret/kubeflow/{told['webhook-secret-name']}" in objects
    assert f"Service/kubeflow/{told['webhook-service-name']}" in objects
    webhooks = objects["ValidatingWebhookConfiguration//validator.training-operator.kubeflow.org"]
    called = {each["clientConfig"]["service"]["name"] for each in webhooks["webhooks"]}
    assert called == {told["webhook-service-name"]}
    volumes = deployment(result)["template"]["spec"]["volumes"]
    mounted = [each["secret"]["secretName"] for each in volumes if "secret" in each]
    assert mounted == [told["webhook-secret-name"]]


def test_the_deployment_can_follow_the_published_one():
    """Its selector can't be changed."""
    assert deployment(run())["selector"] == {"matchLabels": {"control-plane": f"kubeflow-{NAME}"}}


def test_what_the_operator_fills_in_is_left_alone():
    before = run()
    cluster = before.cluster.copy()
    secret = f"/api/v1/namespaces/kubeflow/secrets/{NAME}-webhook-cert"
    name = "validator.training-operator.kubeflow.org"
    webhooks = f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{name}"
    patch = {"content-type": "application/merge-patch+json"}
    filled: dict[str, Any] = {"data": {"tls.key": "a2V5"}}
    assert cluster.request(Request("PATCH", secret, {}, patch, filled)).status == 200
    there = cluster.request(Request("GET", webhooks)).json()
    for webhook in there["webhooks"]:
        webhook["clientConfig"]["caBundle"] = "Y2E="
    assert cluster.request(Request("PUT", webhooks, {}, {}, there)).status == 200
    after = CHARM.run(
        dataclasses.replace(before.state, config={"controller-threads": 3}),
        "config_changed",
        cluster=cluster,
    )
    assert after.seen["objects"][f"Secret/kubeflow/{NAME}-webhook-cert"]["data"] == filled["data"]
    left = after.seen["objects"][f"ValidatingWebhookConfiguration//{name}"]["webhooks"]
    assert {each["clientConfig"]["caBundle"] for each in left} == {"Y2E="}
    assert flags(after)["controller-threads"] == "3"


# --- options ---


def test_images_threads_and_tries_are_flags():
    told = flags(
        run(
            pytorch_init_image="registry:5000/alpine:3",
            pytorch_init_tries=7,
            mpi_kubectl_delivery_image="registry:5000/kubectl",
            controller_threads=5,
        )
    )
    assert told["pytorch-init-container-image"] == "registry:5000/alpine:3"
    assert told["pytorch-init-container-max-tries"] == "7"
    assert told["mpi-kubectl-delivery-image"] == "registry:5000/kubectl"
    assert told["controller-threads"] == "5"


@pytest.mark.parametrize(
    ("scheduler", "group"),
    [("volcano", "scheduling.volcano.sh"), ("gang", "scheduling.x-k8s.io")],
)
def test_a_gang_scheduler_brings_the_rights_it_needs(scheduler: str, group: str):
    groups = ("scheduling.volcano.sh", "scheduling.x-k8s.io")
    result = run(gang_scheduler_name=scheduler)
    assert flags(result)["gang-scheduler-name"] == scheduler
    assert [each for each in groups if each in _groups(result)] == [group]
    assert not set(groups) & _groups(run())
    assert "gang-scheduler-name" not in flags(run())


def _groups(result: Result) -> set[str]:
    rules = result.seen["objects"][f"ClusterRole//{NAME}"]["rules"]
    return {group for rule in rules for group in rule["apiGroups"]}


def test_waiting_containers_get_what_the_option_says_and_the_operator_starts_anew():
    before = run()
    assert init_container(before)["resources"]["limits"] == {"cpu": "100m", "memory": "20Mi"}
    after = run(before, pytorch_init_resources="{limits: {memory: 64Mi}}")
    assert init_container(after)["resources"] == {"limits": {"memory": "64Mi"}}
    assert deployment(after)["template"]["metadata"] != deployment(before)["template"]["metadata"]


def test_waiting_containers_are_told_of_the_master_by_the_operator():
    found = init_container(run())
    assert found["image"] == "{{.InitContainerImage}}"
    assert "nslookup {{.MasterAddr}}" in found["command"][-1]


def test_the_operator_has_no_limit_unless_it_is_given_one():
    assert container(run()).get("resources", {}) == {}
    limited = run(resources="{limits: {memory: 1024Mi, cpu: 2}}")
    assert container(limited)["resources"] == {"limits": {"memory": "1Gi", "cpu": "2"}}


@pytest.mark.parametrize(
    "config",
    [
        {"pytorch_init_tries": 0},
        {"controller_threads": 101},
        {"resources": "{requests: {cpu: 2}, limits: {cpu: 1}}"},
        {"gang_scheduler_name": "Not One"},
        {"pytorch_init_image": "Not An Image"},
    ],
    ids=lambda config: next(iter(config)),
)
def test_options_that_the_operator_could_not_use(config: dict[str, Any]):
    assert run(None, **config).status[0] == "blocked"


# --- jobs ---


@functools.cache
def defined() -> Cluster:
    """The definitions in a cluster that calls no webhooks."""
    cluster = run().cluster.copy()
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    return cluster


def request(verb: str, kind: str, body: Any, name: str = "") -> Response:
    path = f"/apis/kubeflow.org/v1/namespaces/ann/{kind.lower()}s{name}"
    return defined().copy().request(Request(verb, path, {"fieldValidation": "Strict"}, body=body))


def fields(refused: Response) -> list[str]:
    """What is wrong; beside it the server says that it has not looked at the rules."""
    causes = refused.json()["details"]["causes"]
    return [cause["field"] for cause in causes if cause["field"] != "<nil>"]


def job(kind: str, **spec: Any) -> dict[str, Any]:
    pod = {"spec": {"containers": [{"name": "main", "image": "train:1"}]}}
    roles = {JOBS[kind]: {"Worker": {"replicas": 2, "restartPolicy": "Never", "template": pod}}}
    metadata = {"name": "one"}
    return {
        "apiVersion": "kubeflow.org/v1",
        "kind": kind,
        "metadata": metadata,
        "spec": {**roles, **spec},
    }


@pytest.mark.parametrize("kind", JOBS)
def test_jobs_of_every_kind_are_admitted(kind: str):
    policy = {
        "cleanPodPolicy": "None",
        "ttlSecondsAfterFinished": 60,
        "schedulingPolicy": {"minAvailable": 2, "minResources": {"nvidia.com/gpu": 2}},
    }
    body = job(kind, runPolicy=policy)
    answer = request("POST", kind, body)
    assert answer.status == 201, answer.body
    spec = answer.json()["spec"]
    assert spec == {**body["spec"], "runPolicy": {**policy, "suspend": False}}


@pytest.mark.parametrize("kind", JOBS)
@pytest.mark.parametrize(
    ("container", "field"),
    [
        ({"image": "train:1"}, "name"),
        ({"name": "main", "image": 1}, "image"),
        ({"name": "main", "env": [{"name": "A", "value": 1}]}, "env[0].value"),
        ({"name": "main", "resources": {"limits": {"cpu": "many"}}}, "resources.limits.cpu"),
    ],
)
def test_pods_that_could_not_be_made_are_refused(kind: str, container: dict[str, Any], field: str):
    body = job(kind)
    body["spec"][JOBS[kind]]["Worker"]["template"]["spec"]["containers"] = [container]
    answer = request("POST", kind, body)
    assert answer.status == 422, answer.body
    place = f"spec.{JOBS[kind]}.Worker.template.spec.containers[0].{field}"
    assert fields(answer) == [place]


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_without_roles_is_refused(kind: str):
    answer = request("POST", kind, {**job(kind), "spec": {}})
    assert answer.status == 422
    assert fields(answer) == [f"spec.{JOBS[kind]}"]


def test_elastic_jobs_have_an_autoscaler_policy():
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    policy = {"minReplicas": 1, "maxReplicas": 3, "metrics": [metric]}
    for kind in ("PaddleJob", "PyTorchJob"):
        assert request("POST", kind, job(kind, elasticPolicy=policy)).status == 201
        less = {**policy, "metrics": [{"resource": metric["resource"]}]}
        refused = request("POST", kind, job(kind, elasticPolicy=less))
        assert fields(refused) == ["spec.elasticPolicy.metrics[0].type"]


def test_every_webhook_is_for_a_kind_that_is_defined():
    objects = run().seen["objects"]
    webhooks = objects["ValidatingWebhookConfiguration//validator.training-operator.kubeflow.org"]
    checked = {each["rules"][0]["resources"][0] for each in webhooks["webhooks"]}
    assert checked == {f"{kind.lower()}s" for kind in JOBS} - {"mpijobs"}
    for each in webhooks["webhooks"]:
        (plural,) = each["rules"][0]["resources"]
        path = each["clientConfig"]["service"]["path"]
        assert path == f"/validate-kubeflow-org-v1-{plural.removesuffix('s')}"


def test_removal_leaves_definitions_and_no_webhook():
    before = run()
    state = dataclasses.replace(before.state, planned_units=0)
    left = CHARM.run(state, "remove", cluster=before.cluster).seen["objects"]
    assert {name for name in left if name.startswith("CustomResourceDefinition")} == {
        f"CustomResourceDefinition//{kind.lower()}s.kubeflow.org" for kind in JOBS
    }
    assert not [name for name in left if name.startswith("Validating")]
    assert f"Deployment/kubeflow/{NAME}" not in left
