# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a profile's namespace has for pipelines."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any

import profile_objects
import pytest

STORE = profile_objects.Store("minio.ml", 9000, False, "us-east-1", "user", "a-key")
POD = profile_objects.Pod("image:1", "IfNotPresent", {"requests": {"cpu": "10m"}})


def empty_parts(value: Any, place: str = "") -> list[str]:
    """Places of null and of empty text, mappings and lists, which the Kubernetes API drops."""
    if isinstance(value, dict):
        items = [(f"{place}.{name}", item) for name, item in value.items()]
    elif isinstance(value, list):
        items = [(f"{place}[{index}]", item) for index, item in enumerate(value)]
    else:
        return [place] if value in (None, "") else []
    return (
        [place] if not items else [found for at, item in items for found in empty_parts(item, at)]
    )


BARE_STORE = dataclasses.replace(STORE, host="store")
EVERYTHING = [
    profile_objects.keys(STORE),
    profile_objects.launcher(STORE, "minio://mlpipeline/v2/artifacts"),
    profile_objects.store_ca(dataclasses.replace(STORE, ca="pem")),
    profile_objects.metadata_server("metadata-grpc-service.ml", 8080),
    profile_objects.pod_default(),
    profile_objects.owner_policy(),
    profile_objects.owner_policy("cluster.local/ns/knative-serving/sa/activator"),
    profile_objects.artifact_policy("owner"),
    profile_objects.viewer_policy(),
    profile_objects.visualization_policy("cluster.local/ns/ml/sa/kfp-api"),
    *profile_objects.artifact_proxy(BARE_STORE, POD),
    *profile_objects.visualization_server(POD),
]


@pytest.mark.parametrize("obj", EVERYTHING, ids=lambda obj: obj["metadata"]["name"])
def test_nothing_is_there_that_the_api_would_drop(obj: dict[str, Any]):
    assert empty_parts(obj) == []
    assert "status" not in obj
    assert "namespace" not in obj["metadata"]


def test_launcher_knows_the_store_by_either_scheme():
    data = profile_objects.launcher(STORE, "s3://bucket/root")["data"]
    providers = json.loads(data["providers"])
    assert data["defaultPipelineRoot"] == "s3://bucket/root"
    for scheme in ("minio", "s3"):
        default = providers[scheme]["default"]
        assert default["endpoint"] == "minio.ml:9000"
        assert default["disableSSL"] is True
        assert default["credentials"]["secretRef"]["secretName"] == "mlpipeline-minio-artifact"


def test_secret_has_the_ca_that_the_store_has():
    with_ca = profile_objects.keys(dataclasses.replace(STORE, ca="pem"))["data"]
    assert base64.b64decode(with_ca["ca.crt"]) == b"pem"
    assert set(profile_objects.keys(STORE)["data"]) == {"accesskey", "secretkey"}


@pytest.mark.parametrize(
    ("host", "expected"),
    [("minio.ml", ("minio", "ml")), ("s3.example.com", ("s3", "example.com")), ("s3", ("s3", ""))],
)
def test_artifact_proxy_puts_the_store_s_name_together(host: str, expected: tuple[str, str]):
    """It joins host and namespace with a dot, and takes the host alone without a namespace."""
    deployment, _ = profile_objects.artifact_proxy(dataclasses.replace(STORE, host=host), POD)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    plain = {item["name"]: item.get("value", "") for item in container["env"]}
    assert (plain["MINIO_HOST"], plain["MINIO_NAMESPACE"]) == expected


def test_keys_of_the_proxy_come_from_the_profile_s_secret():
    deployment, _ = profile_objects.artifact_proxy(STORE, POD)
    assert "a-key" not in json.dumps(deployment)


def test_optional_pods_pass_pod_security_restricted():
    for deployment in (
        profile_objects.artifact_proxy(STORE, POD)[0],
        profile_objects.visualization_server(POD)[0],
    ):
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        context = container["securityContext"]
        assert context["runAsNonRoot"]
        assert context["runAsUser"] > 0
        assert not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}


@pytest.mark.parametrize(
    ("defined", "missing"),
    [
        (["PodDefault", "AuthorizationPolicy"], set()),
        (["PodDefault"], {"authorizationpolicies"}),
        (["AuthorizationPolicy"], {"poddefaults"}),
        ([], {"authorizationpolicies", "poddefaults"}),
    ],
)
def test_kinds_that_the_cluster_has_not_are_no_attachments(defined: list[str], missing: set[str]):
    found = {item["resource"] for item in profile_objects.attachments(defined)}
    assert {resource for _, resource in profile_objects.ATTACHMENTS} - found == missing


def test_every_kind_that_is_made_is_an_attachment():
    attached = {
        (item["apiVersion"], item["resource"])
        for item in profile_objects.attachments(profile_objects.OPTIONAL_KINDS)
    }
    for obj in EVERYTHING:
        plural = obj["kind"].lower().removesuffix("y") + (
            "ies" if obj["kind"].endswith("y") else "s"
        )
        assert (obj["apiVersion"], plural) in attached
