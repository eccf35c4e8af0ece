# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The profile controller: what each profile gets, and that changes reach all of them at once."""

from __future__ import annotations

import base64
import dataclasses
import json
import pathlib
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "kfp-profile-controller"
DATA = "/var/lib/pebble/default/manifests.json"
CONTROLLER = "DecoratorController//kubeflow-pipelines-profile-controller"
STORE: dict[str, Any] = {
    "access-key": "minio",
    "namespace": "ml",
    "port": 9000,
    "secret-key": "a-key",
    "secure": False,
    "service": "minio",
}


def state(model: str = "kubeflow", store: dict[str, Any] = STORE, **config: Any) -> testing.State:
    bag = {"_supported_versions": "- v1\n", "data": yaml.safe_dump(store)}
    options = {name.replace("_", "-"): value for name, value in config.items()}
    for name in ("custom_images", "default_pipeline_root", "kfp_api_service_account_name"):
        if name in config:
            options[name] = options.pop(name.replace("_", "-"))
    return CHARM.state(model=model, config=options, bags={"object-storage": bag})


def run(model: str = "kubeflow", before: Result | None = None, **details: Any) -> Result:
    fresh = state(model, **details)
    if before:
        kept = [item for item in before.state.relations if item.endpoint != "object-storage"]
        (store,) = fresh.get_relations("object-storage")
        fresh = dataclasses.replace(before.state, relations=[*kept, store], config=fresh.config)
        return CHARM.run(fresh, "config_changed", cluster=before.cluster)
    return CHARM.run(fresh, "config_changed", cluster=CHARM.cluster(model))


def data(result: Result) -> dict[str, Any]:
    return json.loads(result.files(NAME)[DATA])


def profile(result: Result) -> dict[str, dict[str, Any]]:
    """What a profile gets, by kind and name."""
    manifests = data(result)["manifests"]
    return {f"{item['kind']}/{item['metadata']['name']}": item for item in manifests}


def controller(result: Result) -> dict[str, Any]:
    return result.seen["objects"][CONTROLLER]


def url(result: Result) -> str:
    return controller(result)["spec"]["hooks"]["sync"]["webhook"]["url"]


def test_profile_gets_what_pipelines_need():
    assert set(profile(run())) == {
        "Secret/mlpipeline-minio-artifact",
        "ConfigMap/kfp-launcher",
        "ConfigMap/metadata-grpc-configmap",
        "PodDefault/access-ml-pipeline",
        "AuthorizationPolicy/ml-pipeline-ui-artifact",
        "AuthorizationPolicy/ml-pipeline-viewer",
        "AuthorizationPolicy/ns-owner-access-istio-charmed",
        "Deployment/ml-pipeline-ui-artifact",
        "Service/ml-pipeline-ui-artifact",
    }


def test_no_pod_waits_in_a_profile_without_the_proxy():
    result = run(artifact_proxy=False)
    assert not [name for name in profile(result) if name.startswith(("Deployment", "Service/"))]
    annotations = controller(result)["metadata"]["annotations"]
    assert annotations["charmed-kubeflow.io/artifact-proxy"] == "false"


@pytest.mark.parametrize(
    ("readers", "user"), [("owner", "{owner of the namespace}"), ("users", "*")]
)
def test_contributors_read_artifacts_if_all_users_may(readers: str, user: str):
    name = "AuthorizationPolicy/ml-pipeline-ui-artifact"
    policy = profile(run(artifact_readers=readers))[name]["spec"]
    assert policy["selector"]["matchLabels"] == {"app": "ml-pipeline-ui-artifact"}
    header = {"key": "request.headers[kubeflow-userid]", "values": [user]}
    assert policy["rules"] == [{"when": [header]}]
    assert name not in profile(run(artifact_readers=readers, artifact_proxy=False))


OWNER_POLICY = "AuthorizationPolicy/ns-owner-access-istio-charmed"
ACTIVATOR = "cluster.local/ns/knative-serving/sa/activator"


def told(bag: dict[str, str]) -> Result:
    """What the charm does with what knative-serving sends."""
    gateway = {"gateway_name": "local", "gateway_namespace": "knative-serving", **bag}
    fresh = state()
    relations = [item for item in fresh.relations if item.endpoint != "local-gateway"]
    relation = testing.Relation(
        "local-gateway", "serving-local-gateway", id=60, remote_app_data=gateway
    )
    fresh = dataclasses.replace(fresh, relations=[*relations, relation])
    return CHARM.run(fresh, "config_changed", cluster=CHARM.cluster())


def test_the_owner_s_name_is_believed_to_the_activator_alone():
    owner, _ = profile(told({"activator_principal": ACTIVATOR}))[OWNER_POLICY]["spec"]["rules"]
    assert owner["from"] == [{"source": {"principals": [ACTIVATOR]}}]


def test_the_owner_is_let_in_where_nobody_knows_the_activator():
    """A published knative-serving does not tell of it, and there may be none."""
    alone = CHARM.run(CHARM.state(without=["local-gateway"]), "config_changed")
    for result in (told({}), alone):
        assert result.status == ("active", "")
        owner, _ = profile(result)[OWNER_POLICY]["spec"]["rules"]
        assert "from" not in owner


@pytest.mark.parametrize("principal", ["*", "*/sa/activator", "cluster.local/ns/a/sa/*"])
def test_an_activator_that_could_be_anybody_is_refused(principal: str):
    status, message = told({"activator_principal": principal}).status
    assert status == "blocked"
    assert "activator_principal is not one account's" in message


@pytest.mark.parametrize("model", ["kubeflow", "ml"])
def test_everything_is_found_whatever_the_model_is_called(model: str):
    found = profile(run(model))
    host = found["ConfigMap/metadata-grpc-configmap"]["data"]["METADATA_GRPC_SERVICE_HOST"]
    assert host == f"metadata-grpc-service.{model}"
    providers = json.loads(found["ConfigMap/kfp-launcher"]["data"]["providers"])
    assert providers["minio"]["default"]["endpoint"] == "minio.ml:9000"
    if model != "kubeflow":
        assert "kubeflow:" not in json.dumps(found)


def test_rotated_key_reaches_the_profiles_in_one_pass():
    """The revision in the URL makes Metacontroller ask for all of them; nothing is restarted."""
    before = run()
    after = run(before=before, store={**STORE, "secret-key": "another-key"})
    key = profile(after)["Secret/mlpipeline-minio-artifact"]["data"]["secretkey"]
    assert base64.b64decode(key) == b"another-key"
    assert url(after) != url(before)
    assert url(after).endswith(f"?rev={data(after)['revision']}")
    assert after.seen["plans"] == before.seen["plans"]
    assert after.seen["services"] == {NAME: {NAME: "active"}}


def test_unchanged_key_leaves_the_controller_as_it_is():
    before = run()
    again = CHARM.run(before.state, cluster=before.cluster)
    assert url(again) == url(before)
    assert not again.writes


def test_key_is_in_no_plan_and_no_log():
    result = run()
    assert "a-key" not in json.dumps(result.seen["plans"])
    assert "a-key" not in json.dumps(result.log)
    assert "a-key" not in json.dumps(controller(result))


def test_launcher_takes_the_root_of_the_option():
    found = profile(run(default_pipeline_root="s3://bucket/{namespace}"))
    assert found["ConfigMap/kfp-launcher"]["data"]["defaultPipelineRoot"] == (
        "s3://bucket/{namespace}"
    )
    assert data(run())["placeholder"] == "{namespace}"


def test_bucket_is_the_root_s():
    found = profile(run(bucket="other"))
    root = found["ConfigMap/kfp-launcher"]["data"]["defaultPipelineRoot"]
    assert root == "minio://other/v2/artifacts"


IMAGES = {
    "registry:5000/frontend": "registry:5000/frontend",
    "registry/frontend@sha256:" + "0" * 64: "registry/frontend@sha256:" + "0" * 64,
    "": "docker.io/charmedkubeflow/frontend:2.15.0-890e0cc",
}


@pytest.mark.parametrize(("image", "expected"), IMAGES.items())
def test_image_of_the_proxy(image: str, expected: str):
    result = run(custom_images=yaml.safe_dump({"frontend": image, "visualization_server": ""}))
    pod = profile(result)["Deployment/ml-pipeline-ui-artifact"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == expected


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ("{frontpage: a}", "frontpage is neither visualization_server nor frontend"),
        ("{frontend: not an image}", "frontend is not a container image"),
        ("[]", "not a mapping"),
    ],
)
def test_image_that_is_none_blocks_by_name(images: str, reason: str):
    status, message = run(custom_images=images).status
    assert status == "blocked"
    assert reason in message


def test_resources_are_written_as_the_api_keeps_them():
    result = run(artifact_proxy_resources="{requests: {cpu: 0.5, memory: 1024Mi}}")
    pod = profile(result)["Deployment/ml-pipeline-ui-artifact"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["resources"] == {"requests": {"cpu": "500m", "memory": "1Gi"}}


@pytest.mark.parametrize(
    ("config", "principal"),
    [
        ({}, "cluster.local/ns/ml/sa/kfp-api"),
        ({"kfp_api_service_account_name": "api"}, "cluster.local/ns/ml/sa/api"),
        (
            {"kfp_api_service_account_name": "", "kfp_api_principal": "td/ns/a/sa/b"},
            "td/ns/a/sa/b",
        ),
    ],
)
def test_pipelines_api_may_reach_the_visualization_server(config: dict[str, Any], principal: str):
    found = profile(run("ml", visualization_server=True, **config))
    policy = found["AuthorizationPolicy/ml-pipeline-visualizationserver"]
    (rule,) = policy["spec"]["rules"]
    assert rule["from"][0]["source"]["principals"] == [principal]


def test_two_ways_to_name_the_api_are_one_too_many():
    status, message = run(kfp_api_principal="td/ns/a/sa/b").status
    assert (status, message) == (
        "blocked",
        "option kfp-api-principal accepts nothing while kfp_api_service_account_name is set",
    )


def without(*kinds: str) -> Result:
    """What the charm does in a cluster in which kinds are not defined."""
    cluster = CHARM.cluster()
    for table, key, stored in list(cluster.store.everything()):
        if stored.obj["metadata"]["name"].partition(".")[0] in kinds:
            cluster.store.remove(table, key)
    cluster.forget_resources()
    return CHARM.run(state(), "config_changed", cluster=cluster)


@pytest.mark.parametrize(
    ("resource", "kind"),
    [("poddefaults", "PodDefault"), ("authorizationpolicies", "AuthorizationPolicy")],
)
def test_kind_that_nobody_has_defined_is_left_out_and_named(resource: str, kind: str):
    """The others are dispatched; when it is defined, it is an attachment."""
    before = without(resource)
    assert before.status == ("active", f"without {kind}: not defined yet")
    assert resource not in _attached(before)
    assert "secrets" in _attached(before)
    after = CHARM.run(before.state, cluster=_with_everything(before))
    assert after.status == ("active", "")
    assert resource in _attached(after)


def _attached(result: Result) -> list[str]:
    return [item["resource"] for item in controller(result)["spec"]["attachments"]]


def _with_everything(before: Result) -> Any:
    cluster = before.cluster.copy()
    for table, key, stored in CHARM.cluster().store.everything():
        if stored.obj["kind"] == "CustomResourceDefinition" and not cluster.store.get(table, key):
            cluster.store.put(table, key, stored.obj, stored.managers)
    cluster.forget_resources()
    return cluster


def test_waits_for_metacontroller_and_serves_meanwhile():
    result = without("decoratorcontrollers")
    assert result.status[0] == "waiting"
    assert result.seen["services"] == {NAME: {NAME: "active"}}


def test_ca_of_the_store_reaches_argo_and_the_launcher():
    fresh = CHARM.state(without=["object-storage"])
    bucket = {
        "endpoint": "https://s3.example.com",
        "access-key": "user",
        "secret-key": "a-key",
        "tls-ca-chain": json.dumps(["pem of the CA"]),
        "region": "eu-west-1",
    }
    store = testing.Relation("s3-credentials", "s3", id=50, remote_app_data=bucket)
    relations = [*fresh.relations, store]
    result = CHARM.run(dataclasses.replace(fresh, relations=relations), "config_changed")
    found = profile(result)
    assert found["ConfigMap/object-store-ca"]["data"] == {"ca.crt": "pem of the CA\n"}
    assert "ca.crt" in found["Secret/mlpipeline-minio-artifact"]["data"]
    default = json.loads(found["ConfigMap/kfp-launcher"]["data"]["providers"])["s3"]["default"]
    assert (default["endpoint"], default["region"]) == ("s3.example.com:443", "eu-west-1")
    assert default["disableSSL"] is False
