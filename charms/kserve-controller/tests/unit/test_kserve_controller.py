# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""KServe: how its manager runs, what it is told, and what models' pods are made of."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import functools
import json
import pathlib
from typing import Any

import pytest
from charmkit import x509
from jujusim.testing import Charm, Result
from kubefake import ApiError, Cluster, Request, Response, wire

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "kserve-controller"
CONFIG = "ConfigMap/kubeflow/inferenceservice-config"
CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"
INGRESS = {
    "gateway_name": "front",
    "gateway_namespace": "istio",
    "gateway_up": "true",
    "gateway_url": "https://10.64.140.44",
}
LOCAL = {
    "gateway_name": "knative-local-gateway",
    "gateway_namespace": "knative-serving",
    "gateway_up": "true",
}
METADATA = {
    "metadata": json.dumps(
        {
            "namespace": "istio",
            "gateway_name": "api",
            "deployment_name": "api-istio",
            "service_account": "api-istio",
        }
    )
}
RAW = {"deployment-mode": "rawdeployment"}
STORE = {
    "_supported_versions": "- v1\n",
    "data": "{access-key: minio, secret-key: key-of-minio, service: minio, namespace: storage,"
    " port: 9000, secure: true}",
}


def run(
    cluster: Cluster | None = None, bags: dict[str, dict[str, str]] | None = None, **choices: Any
) -> Result:
    bags = {"ingress-gateway": INGRESS, "local-gateway": LOCAL, **(bags or {})}
    state = CHARM.state(bags=bags, **choices)
    return CHARM.run(state, "config_changed", cluster=cluster or CHARM.defined)


def section(result: Result, name: str) -> dict[str, Any]:
    return json.loads(result.seen["objects"][CONFIG]["data"][name])


def service(result: Result) -> dict[str, Any]:
    return result.seen["plans"][NAME]["services"][NAME]


def restart_key(result: Result) -> str:
    return service(result)["environment"]["CHARM_RESTART_KEY"]


def runtimes(result: Result) -> dict[str, dict[str, Any]]:
    objects = result.seen["objects"].values()
    made = [obj for obj in objects if obj["kind"] == "ClusterServingRuntime"]
    return {obj["metadata"]["name"]: obj["spec"] for obj in made}


def manifests(result: Result, endpoint: str) -> list[dict[str, Any]]:
    """What is dispatched, which is in a Juju secret."""
    (relation,) = result.state.get_relations(endpoint)
    bag = relation.local_app_data
    assert bag["is_secret"] == "true"
    secret = result.state.get_secret(id=bag["kubernetes_manifests"])
    return json.loads((secret.latest_content or secret.tracked_content)["manifests"])


# --- the manager ---


def test_every_unit_runs_and_one_is_elected():
    first = run(units=2)
    second = CHARM.run(CHARM.as_unit(first.state, 1), unit=1, cluster=first.cluster)
    for result in (first, second):
        assert result.status == ("active", "")
        program, *flags = service(result)["command"].split()
        assert program == "/manager"
        assert "--leader-elect" in flags


def test_port_moves_listener_and_service_together():
    result = run(config={"port": 9999})
    (port,) = result.seen["objects"]["Service/kubeflow/kserve-webhook-server-service"]["spec"][
        "ports"
    ]
    assert (port["port"], port["targetPort"]) == (443, 9999)
    assert "--webhook-port=9999" in service(result)["command"].split()


@pytest.mark.parametrize("port", [8080, 8081, 80])
def test_port_that_is_taken_is_refused(port: int):
    assert run(config={"port": port}).status[0] == "blocked"


def knative(*, served: bool) -> dict[str, Any]:
    """Return Knative's resource definition of Services."""
    schema = {"openAPIV3Schema": {"type": "object"}}
    version = {"name": "v1", "served": served, "storage": True, "schema": schema}
    names = {"kind": "Service", "plural": "services"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "services.serving.knative.dev"},
        "spec": {
            "group": "serving.knative.dev",
            "names": names,
            "scope": "Namespaced",
            "versions": [version],
        },
    }


def test_resource_definitions_that_come_restart_the_manager_and_nothing_else_does():
    before = run()
    same = CHARM.run(before.state, cluster=before.cluster)
    assert restart_key(same) == restart_key(before)
    cluster = before.cluster.copy()
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert cluster.request(Request("POST", path, body=knative(served=True))).status == 201
    after = CHARM.run(before.state, cluster=cluster)
    assert restart_key(after) != restart_key(before)


def test_a_definition_restarts_the_manager_once_it_is_served():
    """The manager would look for it in vain, and not again."""
    before = run()
    cluster = before.cluster.copy()
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert cluster.request(Request("POST", path, body=knative(served=False))).status == 201
    between = CHARM.run(before.state, cluster=cluster)
    assert restart_key(between) == restart_key(before)
    name = knative(served=True)["metadata"]["name"]
    headers = {"content-type": "application/merge-patch+json"}
    patch = {"spec": knative(served=True)["spec"]}
    answer = cluster.request(Request("PATCH", f"{path}/{name}", body=patch, headers=headers))
    assert answer.status == 200
    after = CHARM.run(between.state, cluster=cluster)
    assert restart_key(after) != restart_key(before)


def test_manager_waits_for_the_gateway_api():
    bags = {"gateway-metadata": METADATA}
    state = with_metadata(CHARM.state(config=RAW, without=["ingress-gateway"], bags=bags))
    result = CHARM.run(state, "config_changed", cluster=CHARM.defined)
    assert result.status == ("waiting", "waiting for the Gateway API's resource definitions")


def with_metadata(state: Any) -> Any:
    from ops import testing

    relation = testing.Relation(
        "gateway-metadata", "gateway_metadata", id=77, remote_app_data=METADATA
    )
    return dataclasses.replace(state, relations={*state.relations, relation})


def test_runtimes_wait_while_the_webhook_does_not_answer():
    cluster = CHARM.defined.copy()

    def refuse(request: Request) -> Response | None:
        if request.method == "PATCH" and "clusterservingruntimes" in request.path:
            message = 'failed calling webhook "clusterservingruntime": connection refused'
            return wire.fail(ApiError(500, "InternalError", message))
        return None

    cluster.faults = refuse
    result = run(cluster)
    assert result.status[0] == "waiting"
    assert "webhook" in result.status[1]
    assert result.seen["services"] == {NAME: {NAME: "active"}}
    healed = result.cluster.copy()
    healed.faults = None
    assert CHARM.run(result.state, cluster=healed).status == ("active", "")


# --- gateways and domain ---


def test_names_and_scheme_follow_the_gateway():
    found = section(
        run(bags={"local-gateway": {**LOCAL, "domain": "10.64.140.44.nip.io"}}), "ingress"
    )
    assert found["ingressGateway"] == "istio/front"
    assert found["ingressDomain"] == "10.64.140.44.nip.io"
    assert found["urlScheme"] == "https"
    assert found["localGatewayService"] == "knative-local-gateway.istio.svc.cluster.local"


def test_beside_published_charms_names_are_as_published():
    bare = {key: text for key, text in INGRESS.items() if key != "gateway_url"}
    found = section(run(bags={"ingress-gateway": bare}), "ingress")
    assert (found["ingressDomain"], found["urlScheme"]) == ("example.com", "http")


def test_domain_that_knative_does_not_have_is_blocked():
    bags = {"local-gateway": {**LOCAL, "domain": "knative.example.com"}}
    result = run(bags=bags, config={"domain-name": "models.example.com"})
    message = "option domain-name accepts knative.example.com, as knative-serving has"
    assert result.status == ("blocked", message)


def test_domain_that_is_set_wins_over_the_gateways():
    found = section(run(config={**RAW, "domain-name": "models.example.com"}), "ingress")
    assert found["ingressDomain"] == "models.example.com"


def test_raw_mode_needs_nothing_of_knatives():
    state = CHARM.state(config=RAW, without=["local-gateway"], bags={"ingress-gateway": INGRESS})
    result = CHARM.run(state, "config_changed", cluster=CHARM.defined)
    assert result.status == ("active", "")
    found = section(result, "ingress")
    assert "localGateway" not in found
    assert found["ingressDomain"] == "10.64.140.44.nip.io"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("serverless", "Serverless"),
        ("Knative", "Serverless"),
        ("RawDeployment", "RawDeployment"),
        ("standard", "RawDeployment"),
    ],
)
def test_modes_of_this_release_and_the_next(mode: str, expected: str):
    deploy = section(run(config={"deployment-mode": mode}), "deploy")
    assert deploy == {"defaultDeploymentMode": expected}


def test_two_gateways_are_one_too_many():
    state = with_metadata(CHARM.state(bags={"ingress-gateway": INGRESS}))
    status, message = CHARM.run(state, "config_changed", cluster=CHARM.defined).status
    assert status == "blocked"
    assert "remove the relation ingress-gateway or gateway-metadata" in message


# --- object stores ---


def test_credentials_have_the_names_that_notebooks_use():
    result = run(bags={"object-storage": STORE})
    (secret,) = manifests(result, "secrets")
    (account,) = manifests(result, "service-accounts")
    assert secret["metadata"]["name"] == account["metadata"]["name"] == "kserve-controller-s3"
    assert account["secrets"] == [{"name": "kserve-controller-s3"}]
    assert secret["stringData"] == {
        "AWS_ACCESS_KEY_ID": "minio",
        "AWS_SECRET_ACCESS_KEY": "key-of-minio",
    }
    annotations = secret["metadata"]["annotations"]
    assert annotations["serving.kserve.io/s3-endpoint"] == "minio.storage:9000"
    assert annotations["serving.kserve.io/s3-usehttps"] == "1"
    assert annotations["serving.kserve.io/s3-verifyssl"] == "1"


def test_credentials_go_with_the_relation():
    result = run(without=["object-storage"])
    assert result.status == ("active", "")
    assert manifests(result, "secrets") == manifests(result, "service-accounts") == []


def test_private_authorities_reach_downloads():
    authority = x509.new_ca("private").certificate
    result = run(config={"ca-certificates": authority})
    bundle = result.seen["objects"]["ConfigMap/kubeflow/kserve-ca-bundle"]["data"]
    assert bundle == {"cabundle.crt": authority}
    assert section(result, "storageInitializer")["caBundleConfigMapName"] == "kserve-ca-bundle"
    assert "ConfigMap/kubeflow/kserve-ca-bundle" not in run().seen["objects"]


def test_downloads_by_a_proxy_go_directly_to_the_object_store():
    config = {"http-proxy": "http://proxy.example.com:3128"}
    result = run(bags={"object-storage": STORE}, config=config)
    container = result.seen["objects"]["ClusterStorageContainer//default"]["spec"]["container"]
    environment = {item["name"]: item["value"] for item in container["env"]}
    assert environment["http_proxy"] == environment["HTTP_PROXY"] == config["http-proxy"]
    assert {".svc", ".cluster.local", "minio.storage"} <= set(environment["NO_PROXY"].split(","))


# --- models' pods ---


def containers(result: Result) -> list[dict[str, Any]]:
    found = [
        container
        for spec in runtimes(result).values()
        for part in (spec, spec.get("workerSpec", {}))
        for container in part.get("containers", [])
    ]
    storage = result.seen["objects"]["ClusterStorageContainer//default"]["spec"]["container"]
    return [*found, storage]


def test_every_container_is_restricted_and_has_a_user_with_a_number():
    for container in containers(run()):
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_user_of_an_image_can_be_set():
    result = run(config={"custom_users": "serving_runtimes__sklearnserver: 1000"})
    (container,) = runtimes(result)["kserve-sklearnserver"]["containers"]
    assert container["securityContext"]["runAsUser"] == 1000


def test_every_image_is_an_option():
    given = "\n".join(f"{key}: registry.example.com/{key.lower()}:1" for key in images())
    result = run(config={"custom_images": given})
    used = [container["image"] for container in containers(result)]
    injected = ("agent", "batcher", "logger", "router", "storageInitializer")
    used += [section(result, name)["image"] for name in injected]
    used.append(section(result, "explainers")["art"]["image"])
    assert {image.partition("/")[0] for image in used} == {"registry.example.com"}


def images() -> dict[str, str]:
    with CHARM.directory.importable():
        import serving_images
    return serving_images.IMAGES


def test_runtimes_for_gpus_have_images_and_places_of_their_own():
    config = {
        "gpu-node-selector": "{accelerator: nvidia}",
        "gpu-tolerations": "[{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]",
    }
    found = runtimes(run(config=config))
    gpu, cpu = found["kserve-huggingfaceserver-gpu"], found["kserve-huggingfaceserver"]
    assert gpu["containers"][0]["image"] != cpu["containers"][0]["image"]
    several = found["kserve-huggingfaceserver-multinode"]
    for spec in (gpu, several, several["workerSpec"]):
        assert spec["nodeSelector"] == {"accelerator": "nvidia"}
        assert [item["key"] for item in spec["tolerations"]] == ["nvidia.com/gpu"]
    assert "nodeSelector" not in cpu
    assert not gpu["supportedModelFormats"][0]["autoSelect"]


def test_further_names_of_gpus():
    result = run(config={"gpu-resource-types": "nvidia.com/mig-1g.5gb, example.com/gpu"})
    names = ["nvidia.com/mig-1g.5gb", "example.com/gpu"]
    assert section(result, "multiNode") == {"customGPUResourceTypeList": names}


# --- webhooks ---


def test_all_webhooks_trust_what_is_served():
    result = run()
    bundles = {
        hook["clientConfig"]["caBundle"]
        for name, obj in result.seen["objects"].items()
        if name.endswith(".serving.kserve.io") and "webhooks" in obj
        for hook in obj["webhooks"]
    }
    authorities = result.files(NAME)[f"{CERTIFICATES}/ca.crt"]
    assert bundles == {base64.b64encode(authorities.encode()).decode()}


def test_certificate_renews_long_before_its_end_without_a_restart(
    monkeypatch: pytest.MonkeyPatch,
):
    before = run()
    now = x509.now()
    monkeypatch.setattr(x509, "now", lambda: now + datetime.timedelta(days=300))
    after = CHARM.run(before.state, cluster=before.cluster)
    old, new = (result.files(NAME)[f"{CERTIFICATES}/tls.crt"] for result in (before, after))
    assert old != new
    assert service(after) == service(before)
    assert after.status == ("active", "")


def test_pods_that_are_no_models_pass_no_webhook():
    name = "MutatingWebhookConfiguration//inferenceservice.serving.kserve.io"
    (hook,) = (
        hook
        for hook in run().seen["objects"][name]["webhooks"]
        if hook["rules"][0]["resources"] == ["pods"]
    )
    (expression,) = hook["objectSelector"]["matchExpressions"]
    assert expression == {"key": "serving.kserve.io/inferenceservice", "operator": "Exists"}


# --- definitions ---


@functools.cache
def defined() -> Cluster:
    cluster = run().cluster.copy()
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    return cluster


def create(
    spec: dict[str, Any], kind: str = "InferenceService", version: str = "v1beta1"
) -> Response:
    path = f"/apis/serving.kserve.io/{version}/namespaces/ann/{kind.lower()}s"
    body = {
        "apiVersion": f"serving.kserve.io/{version}",
        "kind": kind,
        "metadata": {"name": "one"},
        "spec": spec,
    }
    return (
        defined().copy().request(Request("POST", path, {"fieldValidation": "Strict"}, body=body))
    )


MODEL = {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/one"}
ADMITTED: dict[str, dict[str, Any]] = {
    "a model": {"predictor": {"model": MODEL, "serviceAccountName": "kserve-controller-s3"}},
    "the old way": {"predictor": {"sklearn": {"storageUri": "s3://models/one"}}},
    "a container without a name": {"predictor": {"model": {**MODEL, "env": [{"name": "A"}]}}},
    "on a GPU": {
        "predictor": {
            "model": {
                "modelFormat": {"name": "huggingface"},
                "runtime": "kserve-huggingfaceserver-gpu",
                "resources": {"limits": {"nvidia.com/mig-1g.5gb": "1"}},
            },
            "nodeSelector": {"accelerator": "nvidia"},
            "runtimeClassName": "nvidia",
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
        }
    },
    "with transformer, logger and batcher": {
        "predictor": {
            "model": MODEL,
            "minReplicas": 0,
            "maxReplicas": 3,
            "logger": {"mode": "all", "url": "http://sink"},
            "batcher": {"maxBatchSize": 4, "maxLatency": 50},
        },
        "transformer": {"containers": [{"name": "kserve-container", "image": "a:1"}]},
    },
    "of containers of one's own": {
        "predictor": {
            "containers": [
                {"image": "a:1", "name": "a", "readinessProbe": {"httpGet": {"path": "/"}}}
            ],
            "volumes": [{"name": "a", "emptyDir": {}}],
        }
    },
    "in several pods": {"predictor": {"model": MODEL, "workerSpec": {"pipelineParallelSize": 2}}},
    "with metrics": {
        "predictor": {
            "model": MODEL,
            "autoScaling": {
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {
                            "name": "cpu",
                            "target": {"type": "Utilization", "averageUtilization": 80},
                        },
                    }
                ]
            },
        }
    },
}


@pytest.mark.parametrize("spec", ADMITTED.values(), ids=ADMITTED)
def test_inference_services_that_upstream_admits(spec: dict[str, Any]):
    answer = create(spec)
    assert answer.status == 201, answer.body


REFUSED: dict[str, dict[str, Any]] = {
    "spec.predictor": {},
    "spec.predictor.minReplicas": {"predictor": {"minReplicas": "none"}},
    "spec.predictor.scaleMetric": {"predictor": {"scaleMetric": "gpu"}},
    "spec.predictor.logger.mode": {"predictor": {"logger": {"mode": "some"}}},
    "spec.predictor.model.modelFormat.name": {"predictor": {"model": {"modelFormat": {}}}},
    "spec.predictor.model.storage.parameters": {
        "predictor": {"model": {"storage": {"parameters": 1}}}
    },
    "spec.predictor.model.env[0].name": {"predictor": {"model": {"env": [{}]}}},
    "spec.predictor.containers[0].name": {"predictor": {"containers": [{"image": "a"}]}},
    "spec.predictor.nodeSelector": {"predictor": {"nodeSelector": ["gpu"]}},
    "spec.predictor.tolerations[0].tolerationSeconds": {
        "predictor": {"tolerations": [{"tolerationSeconds": "1"}]}
    },
}


@pytest.mark.parametrize(("field", "spec"), REFUSED.items(), ids=REFUSED)
def test_inference_services_that_upstream_refuses(field: str, spec: dict[str, Any]):
    answer = create(spec)
    assert answer.status == 422, answer.body
    assert field in [cause["field"] for cause in answer.json()["details"]["causes"]]


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        ("ServingRuntime", {}, "spec.containers"),
        ("ServingRuntime", {"containers": [{"image": "a"}]}, "spec.containers[0].name"),
        (
            "ServingRuntime",
            {"containers": [], "supportedModelFormats": [{"name": "a", "priority": 0}]},
            "spec.supportedModelFormats[0].priority",
        ),
        ("InferenceGraph", {"nodes": {"root": {}}}, "spec.nodes.root.routerType"),
        (
            "InferenceGraph",
            {"nodes": {"root": {"routerType": "Loop"}}},
            "spec.nodes.root.routerType",
        ),
        ("TrainedModel", {"inferenceService": "one"}, "spec.model"),
    ],
)
def test_other_resources_that_upstream_refuses(kind: str, spec: dict[str, Any], field: str):
    answer = create(spec, kind, "v1alpha1")
    assert answer.status == 422, answer.body
    assert field in [cause["field"] for cause in answer.json()["details"]["causes"]]


def test_removal_leaves_models_and_no_webhook():
    before = run()
    cluster = before.cluster.copy()
    cluster.install("", "namespaces", {"metadata": {"name": "ann"}})
    path = "/apis/serving.kserve.io/v1beta1/namespaces/ann/inferenceservices"
    body = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "one"},
        "spec": ADMITTED["a model"],
    }
    assert cluster.request(Request("POST", path, body=body)).status == 201
    state = dataclasses.replace(before.state, planned_units=0)
    after = CHARM.run(state, "remove", cluster=cluster).seen["objects"]
    assert "InferenceService/ann/one" in after
    assert not [name for name in after if "WebhookConfiguration//" in name]
    assert not [name for name in after if name.startswith("ClusterServingRuntime/")]
