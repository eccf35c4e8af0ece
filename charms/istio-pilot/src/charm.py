#!/usr/bin/env python3
"""Istio Pilot: the mesh's control plane, and what the platform's front door is made of."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import charmkit
import front_door
import gateway_address
import gateway_tls
import ingress_routes
import istio_release
import mesh_config
import ops
from charmkit import observability
from charmkit.interfaces import ingress, ingress_auth, istio_gateway_info, k8s_service
from pilot_options import PilotOptions

METRICS_PORT = 15014
DISCOVERY_PORT = 15012
RBAC = "rbac.authorization.k8s.io/v1"
WEBHOOKS = "admissionregistration.k8s.io/v1"
ISTIOCTL = ("istio-operator",)
"""The field manager of what istioctl applies, with which the published charm installs Istio.

Source: of Istio 1.28, operator/pkg/install, and the templates of its charts."""

LEFT_OF_ISTIOD = charmkit.LeftBehind(
    managers=ISTIOCTL,
    objects=(
        ("v1", "ConfigMap", "{model}/values"),
        (RBAC, "ClusterRole", "istiod-gateway-controller-{model}"),
        (RBAC, "ClusterRoleBinding", "istiod-gateway-controller-{model}"),
        (RBAC, "ClusterRole", "istio-cni-repair-role"),
        (RBAC, "ClusterRoleBinding", "istio-cni-repair-rolebinding"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "{model}/istiod"),
        ("policy/v1", "PodDisruptionBudget", "{model}/istiod"),
    ),
)
LEFT_OF_WEBHOOKS = charmkit.LeftBehind(
    managers=ISTIOCTL,
    objects=((WEBHOOKS, "MutatingWebhookConfiguration", "istio-revision-tag-default-{model}"),),
)


class IstioPilotCharm(ops.CharmBase):
    """Keeps Istio's objects in the cluster; the leader does, the other units stand in for it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, PilotOptions)
        self.peers = charmkit.Peers(self)
        ingress_side = charmkit.Provider(
            self, "ingress", ingress.PROVIDER_INTERFACE, self._public_door
        )
        auth_side = charmkit.Provider(self, "ingress-auth", ingress_auth.INTERFACE)
        self.istiod = charmkit.Manifests(
            self,
            self._istiod,
            files="src/manifests/istiod/*.yaml.j2",
            whole=("Deployment", "Service"),
            left=LEFT_OF_ISTIOD,
        )
        self.webhooks = charmkit.Manifests(
            self,
            self._webhooks,
            files="src/manifests/webhooks/*.yaml.j2",
            left=LEFT_OF_WEBHOOKS,
        )
        self.routes = ingress_routes.Routes(self, self.peers, ingress_side)
        self.tls = gateway_tls.GatewayTls(
            self, self.peers, lambda: self.options.value.tls_secret_id, self._host
        )
        authentication = front_door.Authentication(self, self.peers, auth_side)
        self.door = front_door.Door(self, authentication, self._gateway)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.istiod,
                auth_side,
                self.tls.authority,
                self.tls,
                self.door,
                ingress_side,
                self.routes,
                charmkit.Manifests(
                    self,
                    self._routes,
                    files="src/manifests/routes/*.yaml.j2",
                    whole=("VirtualService",),
                    left=charmkit.LeftBehind(scopes=("ingress",)),
                ),
                charmkit.Provider(self, "istio-pilot", k8s_service.INTERFACE, self._service),
                charmkit.Provider(
                    self, "gateway-info", istio_gateway_info.INTERFACE, self._gateway_info
                ),
                charmkit.MetricsEndpoint(self, self._jobs),
                charmkit.GrafanaDashboards(self),
                self.webhooks,
            ],
        )

    def _check_release(self) -> None:
        istio_release.check(self.istiod.found("Deployment", "istiod"))

    def _webhooks(self) -> dict[str, Any]:
        self._check_release()
        return {}

    def _istiod(self) -> dict[str, Any]:
        self._check_release()
        config = self.options.value
        return {
            "release": istio_release.RELEASE,
            "images": config.image_configuration,
            "cni": config.cni,
            "replicas": config.istiod_replicas,
            "max_replicas": config.istiod_max_replicas,
            "autoscaled": config.istiod_max_replicas > config.istiod_replicas,
            "mesh": mesh_config.mesh(self.model.name),
            "injection": mesh_config.injection(config, pathlib.Path(self.charm_dir)),
            "values": mesh_config.values(config, self.model.name),
        }

    def _gateway(self) -> dict[str, Any]:
        return {
            "gateway": self.options.value.default_gateway,
            "ports": front_door.PORTS,
            "tls": self.tls.pair,
        }

    def _routes(self) -> dict[str, Any]:
        routes = [dataclasses.asdict(route) for route in self.routes.decision.routes]
        return {"gateway": self.options.value.default_gateway, "routes": routes}

    def _service(self) -> k8s_service.Service:
        return k8s_service.Service(f"istiod.{self.model.name}.svc", str(DISCOVERY_PORT))

    def _address(self) -> str:
        """The host name or address of the gateway's Service, or nothing while it has none."""
        return gateway_address.of(
            self.istiod.found("Service", self.options.value.gateway_service_name)
        )

    def _public_door(self) -> ingress.Door:
        config = self.options.value
        service = self.istiod.found("Service", config.gateway_service_name)
        try:
            tls = self.tls.pair is not None
        except charmkit.NotReady:
            return ingress.Door()
        return ingress.Door(gateway_address.url(service, config.csr_domain_name, tls=tls))

    def _host(self) -> str:
        """What a certificate is requested for."""
        config = self.options.value
        service = f"{config.gateway_service_name}.{self.model.name}.svc"
        return config.csr_domain_name or self._address() or service

    def _gateway_info(self) -> istio_gateway_info.Gateway:
        name = self.options.value.default_gateway
        up = self.door.is_open and bool(self._address())
        url = self._public_door().url or ""
        return istio_gateway_info.Gateway(name, self.model.name, up, url)

    def _jobs(self) -> list[observability.Job]:
        target = f"istiod.{self.model.name}.svc:{METRICS_PORT}"
        return [{"metrics_path": "/metrics", "static_configs": [{"targets": [target]}]}]


if __name__ == "__main__":
    ops.main(IstioPilotCharm)
