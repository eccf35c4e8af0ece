# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The pages of pipelines: artifacts, archived logs, and what other charms must agree on."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result
from kubefake import Cluster
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
S3 = {
    "endpoint": "https://s3.example.com",
    "access-key": "a-key",
    "secret-key": "a-secret-key",
    "region": "eu-west-1",
    "bucket": "shared",
    "tls-ca-chain": '["a certificate"]',
}


def run(cluster: Cluster | None = None, model: str = "kubeflow", **config: Any) -> Result:
    options = {name.replace("_", "-"): value for name, value in config.items()}
    return CHARM.run(CHARM.state(config=options, model=model), "config_changed", cluster=cluster)


def environment(result: Result) -> dict[str, str]:
    return result.seen["plans"]["ml-pipeline-ui"]["services"]["ml-pipeline-ui"]["environment"]


def external() -> Result:
    relation = testing.Relation("s3-credentials", id=91, remote_app_name="s3", remote_app_data=S3)
    state = CHARM.state(without=["object-storage"])
    return CHARM.run(dataclasses.replace(state, relations=[*state.relations, relation]))


def test_viewers_run_as_the_account_of_the_profile():
    template = json.loads(run().files("ml-pipeline-ui")["/etc/config/viewer-pod-template.json"])
    assert template == {"spec": {"serviceAccountName": "default-editor"}}


def test_store_is_the_one_of_the_relation():
    variables = environment(run(model="ml"))
    assert variables["MINIO_HOST"] == "some-service.some-namespace"
    assert variables["MINIO_NAMESPACE"] == ""
    assert variables["FRONTEND_SERVER_NAMESPACE"] == "ml"


def test_external_store_with_bucket_region_tls_and_private_ca():
    result = external()
    variables = environment(result)
    assert (variables["MINIO_HOST"], variables["MINIO_PORT"]) == ("s3.example.com", "443")
    assert variables["MINIO_SSL"] == variables["AWS_SSL"] == "true"
    assert variables["AWS_REGION"] == "eu-west-1"
    assert variables["ARGO_ARCHIVE_BUCKETNAME"] == "shared"
    path = variables["NODE_EXTRA_CA_CERTS"]
    assert result.files("ml-pipeline-ui")[path] == "a certificate\n"


def argo(**archive: str) -> Cluster:
    """A cluster in which argo-controller archives logs."""
    cluster = CHARM.cluster()
    data = {"artifactRepository": json.dumps({"archiveLogs": True, "s3": archive})}
    name = {"name": "argo-workflow-controller-configmap", "namespace": "kubeflow"}
    cluster.install("", "configmaps", {"metadata": name, "data": data})
    return cluster


KEY = (
    "artifacts/{{workflow.name}}/{{workflow.creationTimestamp.Y}}/"
    "{{workflow.creationTimestamp.m}}/{{workflow.creationTimestamp.d}}/{{pod.name}}"
)


def test_agrees_with_argo_controller_by_default():
    assert run(argo(bucket="mlpipeline", keyFormat=f" {KEY}\n")).status == ("active", "")


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        ({"bucket": "logs"}, "option bucket differs from argo-controller's: logs"),
        (
            {"bucket": "mlpipeline", "keyFormat": "{{pod.name}}"},
            "option key-format differs from argo-controller's: {{pod.name}}",
        ),
    ],
)
def test_place_of_logs_that_differs_from_argos_is_named(archive: dict[str, str], message: str):
    result = run(argo(**archive))
    assert result.status == ("blocked", message)
    assert result.seen["services"] == {"ml-pipeline-ui": {"ml-pipeline-ui": "active"}}


def test_option_that_follows_argos_heals():
    assert run(argo(bucket="logs"), bucket="logs").status == ("active", "")


def test_configuration_of_a_published_argo_controller_is_left_alone():
    cluster = CHARM.cluster()
    name = {"name": "argo-workflow-controller-configmap", "namespace": "kubeflow"}
    data = {"artifactRepository": "s3:\n  bucket: logs\n"}
    cluster.install("", "configmaps", {"metadata": name, "data": data})
    assert run(cluster).status == ("active", "")


@pytest.mark.parametrize("proxy", [True, False])
def test_artifacts_are_read_through_the_profiles_if_asked(proxy: bool):
    variables = environment(run(artifact_proxy=proxy))
    assert variables["ARTIFACTS_SERVICE_PROXY_ENABLED"] == str(proxy).lower()


@pytest.mark.parametrize("proxy", [True, False])
def test_gateway_refuses_artifacts_without_a_namespace(proxy: bool):
    """They would not go through a profile's server."""
    (relation,) = run(artifact_proxy=proxy).state.get_relations("ingress")
    sent = yaml.safe_load(relation.local_app_data["data"])
    assert sent.get("required-query", []) == (["/pipeline/artifacts/?namespace"] if proxy else [])


@pytest.mark.parametrize(
    ("proxy", "logs", "has_keys"),
    [(True, False, False), (True, True, True), (False, False, True)],
)
def test_server_has_keys_only_if_it_reads_the_store(proxy: bool, logs: bool, has_keys: bool):
    """Requests without a namespace are answered with its own keys."""
    result = run(artifact_proxy=proxy, argo_archive_logs=logs)
    variables = environment(result)
    for name in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"):
        assert bool(variables[name]) is has_keys
    role = result.seen["objects"]["ClusterRole//kfp-ui"]
    resources = [name for rule in role["rules"] for name in rule["resources"]]
    assert ("secrets" in resources) is has_keys


def test_image_of_tensorboards_has_no_tag():
    status, message = run(tensorboard_image="registry.example.com:5000/tensorflow:2").status
    assert status == "blocked"
    assert "option tensorboard-image accepts a container image without a tag" in message
