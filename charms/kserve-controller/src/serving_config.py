# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""KServe's own configuration: the ConfigMap inferenceservice-config.

Each of its keys holds JSON, which the manager reads when it starts, its webhooks for each pod, and
its reconcilers for each InferenceService.

Source: kserve 0.15, pkg/apis/serving/v1beta1/configmap.go and pkg/webhook/admission/pod.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import serving_images

SERVERLESS, RAW = "Serverless", "RawDeployment"
"""What the manager calls the two modes."""

MODES = {
    "serverless": SERVERLESS,
    "knative": SERVERLESS,
    "rawdeployment": RAW,
    "standard": RAW,
}
"""The modes by their names in the option, of this release and of the next."""

CA_CONFIG_MAP = "kserve-ca-bundle"
CA_FILE = "cabundle.crt"
"""Where private authorities are; the manager copies the file to users' namespaces."""

_READ_AT_START = ("deploy", "ingress", "multiNode")

_SMALL = {"memoryRequest": "100Mi", "memoryLimit": "1Gi", "cpuRequest": "100m", "cpuLimit": "1"}


@dataclasses.dataclass(frozen=True)
class Gateways:
    """By which gateways models are reached.

    Args:
        ingress: the Gateway for requests from outside, as `<namespace>/<name>`.
        has_gateway_api: whether it is one of the Gateway API rather than of Istio.
        local: Knative's Gateway for requests from within, likewise; empty without Knative.
        local_service: the Service of that one, with its namespace and the cluster's domain.
    """

    ingress: str
    has_gateway_api: bool = False
    local: str = ""
    local_service: str = ""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the configuration depends on.

    Args:
        mode: one of `SERVERLESS` and `RAW`.
        gateways: by which gateways models are reached.
        domain: the domain of models' names.
        url_scheme: `http` or `https`, as the gateway is reached.
        images: the images by their names in the option.
        gpu_resource_types: names of resources that are GPUs, beside those that KServe knows.
        has_ca: whether there are private authorities.
        disable_ingress_creation: whether models in raw mode get no route.
        mount_token: whether model servers get a token for the Kubernetes API.
    """

    mode: str
    gateways: Gateways
    domain: str
    url_scheme: str
    images: Mapping[str, str]
    gpu_resource_types: tuple[str, ...] = ()
    has_ca: bool = False
    disable_ingress_creation: bool = False
    mount_token: bool = True


def sections(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the configuration by its keys."""
    images = settings.images
    return {
        **_injected(images, has_ca=settings.has_ca),
        "credentials": _credentials(),
        "deploy": {"defaultDeploymentMode": settings.mode},
        "explainers": {"art": _explainer(images["configmap__explainers__art"])},
        "inferenceService": {
            "resource": {
                "cpuLimit": "1",
                "memoryLimit": "2Gi",
                "cpuRequest": "1",
                "memoryRequest": "2Gi",
            }
        },
        "ingress": _ingress(settings),
        "localModel": {"enabled": False, "jobNamespace": "kserve-localmodel-jobs"},
        "metricsAggregator": {
            "enableMetricAggregation": "true",
            "enablePrometheusScraping": "true",
        },
        "multiNode": {"customGPUResourceTypeList": list(settings.gpu_resource_types)},
        "opentelemetryCollector": {
            "scrapeInterval": "5s",
            "metricReceiverEndpoint": "keda-otel-scaler.keda.svc:4317",
            "metricScalerEndpoint": "keda-otel-scaler.keda.svc:4318",
        },
        "security": {"autoMountServiceAccountToken": settings.mount_token},
        "service": {"serviceClusterIPNone": False},
    }


def restart_key(configuration: Mapping[str, Any], definitions: Iterable[str]) -> str:
    """Return what changes whenever the manager has to look again at what it reads only at start.

    Args:
        configuration: the configuration by its keys.
        definitions: the names of those resource definitions that it looks for and that are there.
    """
    parts = [{key: configuration[key] for key in _READ_AT_START}, sorted(definitions)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _injected(images: Mapping[str, str], *, has_ca: bool) -> dict[str, dict[str, Any]]:
    """What is put into models' pods, or runs beside them."""
    return {
        "agent": {"image": images["configmap__agent"], **_SMALL},
        "batcher": {
            "image": images["configmap__batcher"],
            "memoryRequest": "1Gi",
            "memoryLimit": "1Gi",
            "cpuRequest": "1",
            "cpuLimit": "1",
            "maxBatchSize": "32",
            "maxLatency": "5000",
        },
        "logger": {
            "image": images["configmap__logger"],
            **_SMALL,
            "defaultUrl": "http://default-broker",
        },
        "router": {
            "image": images["configmap__router"],
            **_SMALL,
            "imagePullPolicy": "IfNotPresent",
        },
        "storageInitializer": {
            "image": images["configmap__storageInitializer"],
            **_SMALL,
            "caBundleConfigMapName": CA_CONFIG_MAP if has_ca else "",
            "caBundleVolumeMountPath": "/etc/ssl/custom-certs",
            "enableDirectPvcVolumeMount": True,
            "enableModelcar": True,
            "cpuModelcar": "10m",
            "memoryModelcar": "15Mi",
            "uidModelcar": 1010,
        },
    }


def _credentials() -> dict[str, Any]:
    empty = (
        "s3Endpoint",
        "s3UseHttps",
        "s3Region",
        "s3VerifySSL",
        "s3UseVirtualBucket",
        "s3UseAccelerate",
        "s3UseAnonymousCredential",
        "s3CABundle",
    )
    return {
        "storageSpecSecretName": "storage-config",
        "storageSecretNameAnnotation": "serving.kserve.io/storageSecretName",
        "gcs": {"gcsCredentialFileName": "gcloud-application-credentials.json"},
        "s3": {
            "s3AccessKeyIDName": "AWS_ACCESS_KEY_ID",
            "s3SecretAccessKeyName": "AWS_SECRET_ACCESS_KEY",
            **dict.fromkeys(empty, ""),
        },
    }


def _explainer(image: str) -> dict[str, str]:
    found = serving_images.explainer(image)
    return {"image": found.image, "defaultImageVersion": found.version}


def _ingress(settings: Settings) -> dict[str, Any]:
    gateways = settings.gateways
    local = {
        "localGateway": gateways.local,
        "localGatewayService": gateways.local_service,
        "knativeLocalGatewayService": gateways.local_service,
    }
    return {
        "enableGatewayApi": gateways.has_gateway_api,
        "kserveIngressGateway": gateways.ingress,
        "ingressGateway": gateways.ingress,
        **(local if gateways.local else {}),
        "ingressDomain": settings.domain,
        "additionalIngressDomains": [],
        "domainTemplate": "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}",
        "ingressClassName": "istio",
        "urlScheme": settings.url_scheme,
        "disableIstioVirtualHost": False,
        "disableIngressCreation": settings.disable_ingress_creation,
    }
