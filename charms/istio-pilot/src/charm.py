#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Istio Pilot: the mesh's control plane, and the platform's ingress."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import charmkit
import gateway_address
import gateway_tls
import ingress_gateway
import ingress_routes
import istio_release
import mesh_config
import ops
from charmkit import kube, observability
from charmkit.interfaces import ingress, ingress_auth, istio_gateway_info, k8s_service
from pilot_options import PilotConfig

METRICS_PORT = 15014
DISCOVERY_PORT = 15012
RBAC = "rbac.authorization.k8s.io/v1"
WEBHOOKS = "admissionregistration.k8s.io/v1"
ISTIOCTL = ("istio-operator",)
"""The field manager of what istioctl applies, with which the published charm installs Istio.

Source: of Istio 1.28, operator/pkg/install, and the templates of its charts."""

VIRTUAL_SERVICE = kube.Kind("networking.istio.io/v1", "VirtualService", namespaced=True)

LEGACY_OF_ISTIOD = charmkit.Legacy(
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
LEGACY_OF_WEBHOOKS = charmkit.Legacy(
    managers=ISTIOCTL,
    objects=((WEBHOOKS, "MutatingWebhookConfiguration", "istio-revision-tag-default-{model}"),),
)


class IstioPilotCharm(ops.CharmBase):
    """Applies Istio's objects; the leader does, the other units stand in for it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, PilotConfig))
        self.peers = add(charmkit.Peers(self))
        self.istiod = add(
            charmkit.Manifests(
                self,
                "istiod",
                context=self._istiod,
                files="src/manifests/istiod/*.yaml.j2",
                list_all=[kube.DEPLOYMENT, kube.SERVICE],
                legacy=LEGACY_OF_ISTIOD,
            )
        )
        # The gateway opens last of all, so everything that closes it comes before.
        authorizers = add(ingress_auth.Provider(self))
        self.tls = gateway_tls.GatewayTls(
            self, self.peers, secret_id=lambda: self.options.get().tls_secret_id, host=self._host
        )
        add(self.tls.authority)
        add(self.tls)
        authentication = ingress_gateway.Authentication(
            self, self.peers, authorizers, routes=lambda: self.routes.decision.routes
        )
        self.gateway = add(
            ingress_gateway.IngressGateway(self, authentication, context=self._gateway)
        )
        applications = add(ingress.Provider(self, data=self._public_gateway))
        self.routes = add(ingress_routes.Routes(self, self.peers, applications))
        add(
            charmkit.Manifests(
                self,
                "routes",
                context=self._routes,
                files="src/manifests/routes/*.yaml.j2",
                list_all=[VIRTUAL_SERVICE],
                legacy=charmkit.Legacy(scopes=("ingress",)),
            )
        )
        add(k8s_service.Provider(self, "istio-pilot", data=self._service))
        add(istio_gateway_info.Provider(self, data=self._gateway_info))
        add(charmkit.Observability(self, jobs=self._jobs))
        # Webhooks come last: until istiod serves them, they stand in the way of all pods.
        add(
            charmkit.Manifests(
                self,
                "webhooks",
                context=self._webhooks,
                files="src/manifests/webhooks/*.yaml.j2",
                legacy=LEGACY_OF_WEBHOOKS,
            )
        )

    def _check_release(self) -> None:
        istio_release.check(self.istiod.get_live(kube.DEPLOYMENT, "istiod"))

    def _webhooks(self) -> dict[str, Any]:
        self._check_release()
        return {}

    def _istiod(self) -> dict[str, Any]:
        self._check_release()
        config = self.options.get()
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
            "gateway": self.options.get().default_gateway,
            "ports": ingress_gateway.PORTS,
            "tls": self.tls.pair,
        }

    def _routes(self) -> dict[str, Any]:
        routes = [
            {**dataclasses.asdict(route), "without_slash": route.without_slash}
            for route in self.routes.decision.routes
        ]
        return {"gateway": self.options.get().default_gateway, "routes": routes}

    def _service(self) -> k8s_service.Service:
        return k8s_service.Service(f"istiod.{self.model.name}.svc", str(DISCOVERY_PORT))

    def _address(self) -> str:
        """The host name or address of the gateway's Service, or nothing while it has none."""
        return gateway_address.of(
            self.istiod.get_live(kube.SERVICE, self.options.get().gateway_service_name)
        )

    def _public_gateway(self) -> ingress.Gateway:
        config = self.options.get()
        service = self.istiod.get_live(kube.SERVICE, config.gateway_service_name)
        try:
            tls = self.tls.pair is not None
        except charmkit.NotReady:
            return ingress.Gateway()
        return ingress.Gateway(gateway_address.url(service, config.csr_domain_name, tls=tls))

    def _host(self) -> str:
        """What a certificate is requested for."""
        config = self.options.get()
        service = f"{config.gateway_service_name}.{self.model.name}.svc"
        return config.csr_domain_name or self._address() or service

    def _gateway_info(self) -> istio_gateway_info.Gateway:
        name = self.options.get().default_gateway
        up = self.gateway.is_open and bool(self._address())
        url = self._public_gateway().url or ""
        return istio_gateway_info.Gateway(name, self.model.name, up, url)

    def _jobs(self) -> list[observability.Job]:
        return [observability.job(METRICS_PORT, host=f"istiod.{self.model.name}.svc")]


if __name__ == "__main__":
    ops.main(IstioPilotCharm)
