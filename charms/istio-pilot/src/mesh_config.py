# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What istiod reads: the mesh's configuration, and how proxies are put into pods.

Sources: istio.io/api mesh/v1alpha1 (MeshConfig), and of Istio the package pkg/kube/inject and the
defaults of its chart istio-discovery, each of release 1.28.
"""

from __future__ import annotations

import pathlib
from typing import Any

from pilot_options import Images, PilotConfig

TRUST_DOMAIN = "cluster.local"
EVERYTHING = "0.0.0.0/0"
TEMPLATES = ("sidecar", "gateway")


def mesh(namespace: str) -> dict[str, Any]:
    """The mesh's configuration.

    Args:
        namespace: where istiod is.
    """
    return {
        "accessLogFile": "/dev/stdout",
        "defaultConfig": {"discoveryAddress": f"istiod.{namespace}.svc:15012"},
        "defaultProviders": {"metrics": ["prometheus"]},
        "enablePrometheusMerge": True,
        "rootNamespace": namespace,
        "trustDomain": TRUST_DOMAIN,
    }


def injection(config: PilotConfig, charm_dir: pathlib.Path) -> dict[str, Any]:
    """Which pods get a proxy, by which templates, and with which annotations beside.

    Args:
        config: the options.
        charm_dir: where the charm's files are.
    """
    templates = {
        name: (charm_dir / f"src/injection/{name}.yaml").read_text() for name in TEMPLATES
    }
    # With the CNI plugin, init containers run before the proxy does; what they ask of the network
    # must not be sent there.
    excluded = {"traffic.sidecar.istio.io/excludeOutboundIPRanges": EVERYTHING}
    return {
        "policy": "enabled",
        "defaultTemplates": ["sidecar"],
        "alwaysInjectSelector": [],
        "neverInjectSelector": [],
        "injectedAnnotations": excluded if config.cni else {},
        "templates": templates,
    }


def values(config: PilotConfig, namespace: str) -> dict[str, Any]:
    """What the templates are filled with.

    Args:
        config: the options.
        namespace: where istiod is.
    """
    images = config.image_configuration
    return {
        "revision": "",
        "global": {
            "hub": images.hub,
            "tag": images.tag,
            "imagePullPolicy": "",
            "istioNamespace": namespace,
            "logging": {"level": "default:info"},
            "multiCluster": {"clusterName": ""},
            "network": "",
            "pilotCertProvider": "istiod",
            "proxy": _proxy(images),
            "proxy_init": {"image": images.proxy_init},
        },
        "pilot": {"cni": {"enabled": bool(config.cni), "provider": "default"}, "env": {}},
        # What istioctl analyze reads; without the keys it ends in a panic.
        "sidecarInjectorWebhook": {
            "enableNamespacesByDefault": False,
            "neverInjectSelector": [],
            "alwaysInjectSelector": [],
            "injectedAnnotations": {},
            "reinvocationPolicy": "Never",
            "rewriteAppHTTPProbe": True,
        },
    }


def _proxy(images: Images) -> dict[str, Any]:
    return {
        "image": images.proxy,
        "autoInject": "enabled",
        "clusterDomain": TRUST_DOMAIN,
        "logLevel": "warning",
        "componentLogLevel": "misc:error",
        "includeIPRanges": "*",
        "excludeIPRanges": "",
        "includeInboundPorts": "*",
        "excludeInboundPorts": "",
        "includeOutboundPorts": "",
        "excludeOutboundPorts": "",
        "privileged": False,
        "readinessInitialDelaySeconds": 0,
        "readinessPeriodSeconds": 15,
        "readinessFailureThreshold": 4,
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"cpu": "2000m", "memory": "1024Mi"},
        },
        "statusPort": 15020,
    }
