# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Argo: its configuration, its identity, and which of its objects are admitted."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from typing import Any

import pytest
from jujusim.testing import Charm, Result
from kubefake import Cluster, Request, Response
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
CONFIG = "ConfigMap/kubeflow/argo-workflow-controller-configmap"
KEYS = "Secret/kubeflow/mlpipeline-minio-artifact"


def run(**config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    return CHARM.run(CHARM.state(config=options), "config_changed", cluster=CHARM.defined)


def settings(result: Result) -> dict[str, Any]:
    data = result.seen["objects"][CONFIG]["data"]
    return {name: json.loads(text) for name, text in data.items()}


def test_finished_workflows_go_after_a_week_and_pods_when_they_have_succeeded():
    spec = settings(run())["workflowDefaults"]["spec"]
    assert spec["ttlStrategy"] == {"secondsAfterCompletion": 604800}
    assert spec["podGC"] == {"strategy": "OnPodSuccess", "deleteDelayDuration": "300s"}


def test_nothing_is_deleted_where_the_options_say_so():
    assert "workflowDefaults" not in settings(run(workflow_ttl=0, pod_gc="never"))


def test_containers_of_argo_have_requests_and_limits():
    """A namespace with a quota refuses pods without."""
    resources = settings(run())["executor"]["resources"]
    assert set(resources) == {"requests", "limits"}
    assert set(resources["requests"]) == {"cpu", "memory"}


def test_every_container_is_restricted_where_the_option_says_so():
    found = settings(run(run_as_user=1000))
    for part in ("executor", "mainContainer"):
        assert found[part]["securityContext"]["allowPrivilegeEscalation"] is False
    pod = found["workflowDefaults"]["spec"]["securityContext"]
    assert (pod["runAsUser"], pod["runAsNonRoot"]) == (1000, True)
    assert "kfp-launcher" in found["workflowDefaults"]["spec"]["podSpecPatch"]


def test_images_choose_their_user_by_default():
    found = settings(run())
    assert "securityContext" not in found["executor"]
    assert "mainContainer" not in found


def test_key_format_and_bucket_are_the_options():
    found = settings(run(key_format="a/{{workflow.name}}", bucket="other"))
    store = found["artifactRepository"]["s3"]
    assert (store["keyFormat"], store["bucket"]) == ("a/{{workflow.name}}", "other")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("text", "entry 0: not a mapping"),
        ("{resources: [nvidia.com/gpu], nodes: {}}", "nodes is none of"),
        ("{tolerations: []}", "resources is not a list of names"),
        ("{resources: [gpu]}", "resources: gpu is not <domain>/<name>"),
        ("{resources: [a/b], tolerations: {}}", "tolerations is not a list"),
        ("{resources: [a/b], tolerations: [x]}", "tolerations[0] is not a mapping"),
        ("{resources: [a/b], nodeSelector: {gpu: true}}", "nodeSelector.gpu is not text"),
        ("{resources: [a/b], limits: {memory: much}}", "limits.memory: much is no quantity"),
    ],
)
def test_bad_placement_is_refused_with_its_place(entry: str, reason: str):
    status, message = run(gpu_placement=f"[{entry}]").status
    assert status == "blocked"
    assert reason in message


def test_placement_reaches_the_defaults_of_workflows():
    entry = "{resources: [habana.ai/gaudi], runtimeClassName: habana, limits: {memory: 1024Mi}}"
    patch = settings(run(gpu_placement=f"[{entry}]"))["workflowDefaults"]["spec"]["podSpecPatch"]
    for part in ("habana.ai/gaudi", "runtimeClassName", "1Gi"):
        assert part in patch


def test_every_unit_has_an_identity_of_its_own():
    """Two with one would both believe that they lead."""
    first = CHARM.run(CHARM.state(units=2), "config_changed")
    second = CHARM.run(CHARM.as_unit(first.state, 1), unit=1, cluster=first.cluster)
    identities = {
        result.seen["plans"]["argo-controller"]["services"]["argo-controller"]["environment"][
            "LEADER_ELECTION_IDENTITY"
        ]
        for result in (first, second)
    }
    assert identities == {"argo-controller-0", "argo-controller-1"}


def with_store(**bucket: str) -> Result:
    data = {"access-key": "user", "secret-key": "key", **bucket}
    fresh = CHARM.state(without=["object-storage"])
    store = testing.Relation("s3-credentials", "s3", id=50, remote_app_data=data)
    state = dataclasses.replace(fresh, relations=[*fresh.relations, store])
    return CHARM.run(state, "config_changed", cluster=CHARM.defined)


def test_external_store_with_a_ca_of_its_own():
    result = with_store(
        **{"endpoint": "https://s3.example.com", "region": "eu", "tls-ca-chain": '["pem"]'}
    )
    store = settings(result)["artifactRepository"]["s3"]
    assert (store["endpoint"], store["region"]) == ("s3.example.com:443", "eu")
    assert store["insecure"] is False
    assert store["caSecret"] == {"name": "mlpipeline-minio-artifact", "key": "ca.crt"}
    assert "ca.crt" in result.seen["objects"][KEYS]["data"]


def test_store_that_says_that_it_is_secure_is_asked_with_tls():
    assert (
        settings(with_store(endpoint="https://s3.example.com"))["artifactRepository"]["s3"][
            "insecure"
        ]
        is False
    )
    assert settings(with_store(endpoint="http://s3.example.com"))["artifactRepository"]["s3"][
        "insecure"
    ]


LOCATION = {
    "archiveLogs": True,
    "s3": {
        "bucket": "b",
        "key": "k",
        "insecure": True,
        "accessKeySecret": {"name": "s", "key": "a"},
        "encryptionOptions": {"enableEncryption": True},
        "createBucketIfNotPresent": {"objectLocking": True},
    },
}
ARTIFACT = {
    "name": "model",
    "path": "/out",
    "mode": 420,
    "archive": {"tar": {"compressionLevel": 1}},
    "artifactGC": {"strategy": "Never", "podMetadata": {"labels": {"a": "b"}}},
    "git": {"repo": "r", "depth": 1, "fetch": ["f"]},
    "http": {
        "url": "u",
        "headers": [{"name": "a", "value": "b"}],
        "auth": {"oauth2": {"scopes": ["s"], "endpointParams": [{"key": "k"}]}},
    },
    "hdfs": {"path": "p", "addresses": ["a"]},
    "azure": {"endpoint": "e", "container": "c", "blob": "b"},
    "oss": {"key": "k", "lifecycleRule": {"markDeletionAfterDays": 3}},
    "gcs": {"key": "k"},
    "artifactory": {"url": "u"},
    "raw": {"data": "d"},
}
PARAMETER = {
    "name": "p",
    "value": "v",
    "enum": ["v"],
    "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}, "supplied": {}},
}
OBJECTS: dict[str, dict[str, Any]] = {
    "Workflow": {"spec": {"anything": [1]}, "status": {"phase": "Running"}},
    "WorkflowTemplate": {"spec": {"anything": {"deep": True}}},
    "CronWorkflow": {"spec": {"schedule": "* * * * *"}, "status": {"active": []}},
    "WorkflowTaskSet": {"spec": {"tasks": {}}},
    "WorkflowTaskResult": {
        "phase": "Succeeded",
        "outputs": {"artifacts": [ARTIFACT], "parameters": [PARAMETER], "exitCode": "0"},
    },
    "WorkflowArtifactGCTask": {
        "spec": {
            "artifactsByNode": {"n": {"archiveLocation": LOCATION, "artifacts": {"a": ARTIFACT}}}
        }
    },
    "WorkflowEventBinding": {
        "spec": {
            "event": {"selector": "true"},
            "submit": {
                "workflowTemplateRef": {"name": "w", "clusterScope": True},
                "arguments": {"artifacts": [ARTIFACT], "parameters": [PARAMETER]},
                "metadata": {"generateName": "w-", "finalizers": ["a/b"]},
            },
        }
    },
}


@functools.cache
def defined() -> Cluster:
    cluster = CHARM.complete.cluster.copy()
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    return cluster


def create(kind: str, content: dict[str, Any]) -> Response:
    path = f"/apis/argoproj.io/v1alpha1/namespaces/ann/{kind.lower()}s"
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": "one"}}
    query = {"fieldValidation": "Strict"}
    return defined().copy().request(Request("POST", path, query, body={**body, **content}))


@pytest.mark.parametrize("kind", OBJECTS)
def test_object_with_every_field_is_admitted_and_kept(kind: str):
    answer = create(kind, OBJECTS[kind])
    assert answer.status == 201, answer.body
    kept = answer.json()
    # A new object of a kind with a status of its own has none.
    for name in OBJECTS[kind].keys() - {"status"}:
        assert json.dumps(OBJECTS[kind][name], sort_keys=True) == json.dumps(
            kept[name], sort_keys=True
        )


@pytest.mark.parametrize(
    ("kind", "content", "field"),
    [
        ("Workflow", {}, "spec"),
        ("Workflow", {"spec": []}, "spec"),
        ("WorkflowTaskResult", {"message": 1}, "message"),
        ("WorkflowTaskResult", {"outputs": {"artifacts": [{}]}}, "outputs.artifacts[0].name"),
        (
            "WorkflowTaskResult",
            {"outputs": {"artifacts": [{"name": "a", "mode": "x"}]}},
            "outputs.artifacts[0].mode",
        ),
        (
            "WorkflowTaskResult",
            {"outputs": {"artifacts": [{"name": "a", "azure": {"blob": "b", "container": "c"}}]}},
            "outputs.artifacts[0].azure.endpoint",
        ),
        (
            "WorkflowTaskResult",
            {"outputs": {"parameters": [{"name": "a", "enum": [1]}]}},
            "outputs.parameters[0].enum[0]",
        ),
        (
            "WorkflowEventBinding",
            {"spec": {"event": {"selector": "x"}, "submit": {}}},
            "spec.submit.workflowTemplateRef",
        ),
        (
            "WorkflowArtifactGCTask",
            {"spec": {"artifactsByNode": {"n": {"archiveLocation": {"gcs": {}}}}}},
            "spec.artifactsByNode.n.archiveLocation.gcs.key",
        ),
    ],
)
def test_mistyped_object_is_refused(kind: str, content: dict[str, Any], field: str):
    answer = create(kind, content)
    assert answer.status == 422, answer.body
    assert [cause["field"] for cause in answer.json()["details"]["causes"]] == [field]


def test_definitions_of_metacontroller_are_not_argo_s():
    names = [name for name in CHARM.complete.seen["objects"] if name.startswith("CustomResource")]
    assert len(names) == 8
    assert all(name.endswith(".argoproj.io") for name in names)
