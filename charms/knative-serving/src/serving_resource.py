# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The KnativeServing that the operator is asked for.

Sources: knative.dev/operator, release 1.16, pkg/apis/operator; the ConfigMaps of
knative.dev/serving and knative.dev/net-istio of the same release, whose keys `config` has.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

NAMESPACE = "knative-serving"
LOCAL_GATEWAY = "knative-local-gateway"
"""The Gateway for requests from within the cluster, and the Service of its workload."""

GATEWAY_SERVICE = "istio-ingressgateway-workload"
"""The Service of the ingress gateway's workload, which the charm istio-gateway makes."""

GATEWAY_ACCOUNT = "istio-ingressgateway-workload-service-account"
"""The ServiceAccount of that workload."""

ACTIVATOR = f"cluster.local/ns/{NAMESPACE}/sa/activator"
"""The activator's principal; it has an account of its own in every release from 1.12 on."""

CA_CONFIG_MAP = "registry-ca-certificates"

FEATURES = (
    "affinity",
    "fieldref",
    "init-containers",
    "nodeselector",
    "persistent-volume-claim",
    "persistent-volume-write",
    "runtimeclassname",
    "schedulername",
    "securitycontext",
    "tolerations",
    "topologyspreadconstraints",
)
"""Fields of a pod spec that services may set: what places them on GPU nodes, and what Pod Security
asks for. None may be taken away: existing services could not be changed any more."""

_MESH = {"mesh-compatibility-mode": "enabled"}
"""Makes the activator call a model by its Service. By a pod's address, which it tries first, its
sidecar knows no workload, speaks no TLS, and the model is not told who calls."""

_DEPLOYMENTS = ("activator", "autoscaler", "autoscaler-hpa", "controller", "webhook")


@dataclasses.dataclass(frozen=True)
class Gateway:
    """The Gateway that services are reached by from outside.

    Args:
        name: its name.
        namespace: its namespace, and that of its workload.
    """

    name: str
    namespace: str

    @property
    def local_service(self) -> str:
        """The Service of the gateway for requests from within."""
        return f"{LOCAL_GATEWAY}.{self.namespace}.svc.cluster.local"

    @property
    def principal(self) -> str:
        """Who the mesh says the gateway is."""
        return f"cluster.local/ns/{self.namespace}/sa/{GATEWAY_ACCOUNT}"


@dataclasses.dataclass(frozen=True)
class Settings:
    """What Knative Serving depends on.

    Args:
        version: the version to install.
        images: the images by container, or by deployment and container.
        gateway: the Gateway.
        domain: the domain of services.
        progress_deadline: how long a service may take to come up.
        skipped_registries: registries that are not asked for digests.
        queue_image: the image of the proxy in users' pods.
        proxy: the environment by which the controller reaches registries.
        collector: where metrics are sent, host and port; empty if nowhere.
        has_ca: whether there are private authorities of registries.
        is_meshed: whether the activator is in the mesh.
    """

    version: str
    images: Mapping[str, str]
    gateway: Gateway
    domain: str
    progress_deadline: str
    skipped_registries: tuple[str, ...]
    queue_image: str
    proxy: Mapping[str, str] = dataclasses.field(default_factory=dict)
    collector: str = ""
    has_ca: bool = False
    is_meshed: bool = False


def spec(settings: Settings) -> dict[str, Any]:
    """Return the spec of the KnativeServing."""
    certificates = {"type": "ConfigMap", "name": CA_CONFIG_MAP}
    workloads = _workloads(settings)
    return {
        "version": settings.version,
        "config": _config(settings),
        "registry": {"override": overrides(settings.images)},
        **({"controller-custom-certs": certificates} if settings.has_ca else {}),
        **({"workloads": workloads} if workloads else {}),
    }


def overrides(images: Mapping[str, str]) -> dict[str, str]:
    """Return the images by the operator's names, each for one container only.

    A bare `controller` or `webhook` would be that of net-istio too.
    """
    return {f"{key}/{key}" if key in _DEPLOYMENTS else key: images[key] for key in sorted(images)}


def _config(settings: Settings) -> dict[str, dict[str, str]]:
    gateway = settings.gateway
    service = f"{GATEWAY_SERVICE}.{gateway.namespace}.svc.cluster.local"
    config = {
        "deployment": {
            "progress-deadline": settings.progress_deadline,
            "queue-sidecar-image": settings.queue_image,
            "registries-skipping-tag-resolving": ",".join(settings.skipped_registries),
        },
        "domain": {settings.domain: ""},
        "features": {f"kubernetes.podspec-{name}": "enabled" for name in FEATURES},
        "istio": {
            f"gateway.{gateway.namespace}.{gateway.name}": service,
            f"local-gateway.{NAMESPACE}.{LOCAL_GATEWAY}": gateway.local_service,
        },
    }
    return {
        **config,
        **({"observability": _observed(settings)} if settings.collector else {}),
        **({"network": _MESH} if settings.is_meshed else {}),
    }


def _observed(settings: Settings) -> dict[str, str]:
    return {
        "metrics.backend-destination": "opencensus",
        "metrics.request-metrics-backend-destination": "opencensus",
        "metrics.opencensus-address": settings.collector,
    }


def _workloads(settings: Settings) -> list[dict[str, Any]]:
    """What of Knative's own pods is changed.

    The others stay out of the mesh: the API server, which calls the webhooks, is not in it either,
    and the autoscaler is called by the activator alone.
    """
    activator = {"name": "activator", "labels": {"sidecar.istio.io/inject": "true"}}
    return [
        *([activator] if settings.is_meshed else []),
        *([_controller(settings.proxy)] if settings.proxy else []),
    ]


def _controller(environment: Mapping[str, str]) -> dict[str, Any]:
    variables = [{"name": name, "value": value} for name, value in sorted(environment.items())]
    return {
        "name": "controller",
        "env": [{"container": "controller", "envVars": variables}],
    }
