# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""istiod: the mesh's control plane, and the webhooks that it serves."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import charmkit
import istio_release
import mesh_config
import ops
from charmkit import kube
from pilot_options import PilotConfig

METRICS_PORT = 15014
DISCOVERY_PORT = 15012

_RBAC = "rbac.authorization.k8s.io/v1"
_WEBHOOKS = "admissionregistration.k8s.io/v1"
_ISTIOCTL = ("istio-operator",)
"""The field manager of what istioctl applies, with which the published charm installs Istio.

Source: of Istio 1.28, operator/pkg/install, and the templates of its charts."""

_LEGACY = charmkit.Legacy(
    managers=_ISTIOCTL,
    objects=(
        ("v1", "ConfigMap", "{model}/values"),
        (_RBAC, "ClusterRole", "istiod-gateway-controller-{model}"),
        (_RBAC, "ClusterRoleBinding", "istiod-gateway-controller-{model}"),
        (_RBAC, "ClusterRole", "istio-cni-repair-role"),
        (_RBAC, "ClusterRoleBinding", "istio-cni-repair-rolebinding"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "{model}/istiod"),
        ("policy/v1", "PodDisruptionBudget", "{model}/istiod"),
    ),
)
_LEGACY_WEBHOOKS = charmkit.Legacy(
    managers=_ISTIOCTL,
    objects=((_WEBHOOKS, "MutatingWebhookConfiguration", "istio-revision-tag-default-{model}"),),
)


class Istiod(charmkit.Manifests):
    """istiod and its configuration.

    Args:
        charm: the charm.
        config: returns the options.
    """

    def __init__(self, charm: ops.CharmBase, *, config: Callable[[], PilotConfig]) -> None:
        super().__init__(
            charm,
            "istiod",
            context=self._variables,
            files="src/manifests/istiod/*.yaml.j2",
            list_all=[kube.DEPLOYMENT, kube.SERVICE],
            legacy=_LEGACY,
        )
        self._config = config

    def check_release(self) -> None:
        """Refuse to go further than Istio allows from the release that is installed.

        Raises:
            charmkit.Blocked: saying by which way to go.
        """
        istio_release.check(self.get_live(kube.DEPLOYMENT, "istiod"))

    def _variables(self) -> dict[str, Any]:
        self.check_release()
        config, model = self._config(), self.charm.model.name
        return {
            "release": istio_release.RELEASE,
            "images": config.image_configuration,
            "cni": config.cni,
            "replicas": config.istiod_replicas,
            "max_replicas": config.istiod_max_replicas,
            "autoscaled": config.istiod_max_replicas > config.istiod_replicas,
            "mesh": mesh_config.mesh(model),
            "injection": mesh_config.injection(config, pathlib.Path(self.charm.charm_dir)),
            "values": mesh_config.values(config, model),
        }


class Webhooks(charmkit.Manifests):
    """The webhooks of istiod; until it serves them, they stand in the way of all pods.

    Args:
        charm: the charm.
        istiod: istiod.
    """

    def __init__(self, charm: ops.CharmBase, istiod: Istiod) -> None:
        super().__init__(
            charm,
            "webhooks",
            context=self._variables,
            files="src/manifests/webhooks/*.yaml.j2",
            legacy=_LEGACY_WEBHOOKS,
        )
        self._istiod = istiod

    def _variables(self) -> dict[str, Any]:
        self._istiod.check_release()
        return {}
