#!/usr/bin/env python3
"""KServe Controller: models, each behind one URL."""

from __future__ import annotations

import json
from typing import Any

import charmkit
import kserve_webhooks
import manager_layer
import model_credentials
import ops
import serving_config
from charmkit import certificates, object_store, observability, proxy, purge
from charmkit.interfaces import kubernetes_manifest
from kserve_options import METRICS_PORT, KserveOptions
from serving_gateways import ServingGateways

NAME = "kserve-controller"
CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"  # noqa: S108  where the manager looks


class KserveControllerCharm(ops.CharmBase):
    """Runs manager and webhooks on every unit; the managers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, KserveOptions)
        self.peers = charmkit.Peers(self)
        self.certificate = kserve_webhooks.certificate(self, self.peers)
        self.gateways = ServingGateways(
            self,
            lambda: self.options.value.deployment_mode,
            lambda: self.options.value.domain_name,
        )
        self.store = object_store.ObjectStoreRelation(self, required=False)
        self.manifests = charmkit.Manifests(
            self, whole=("CustomResourceDefinition",), left=kserve_webhooks.LEFT
        )
        self.webhooks = certificates.WebhookManifests(
            self,
            self.certificate,
            lambda: {"port": self.options.value.port},
            files="src/manifests/webhooks/*.yaml.j2",
            whole=("Service",),
        )
        self.configuration = charmkit.Manifests(
            self, self._configuration, files="src/manifests/config/*.yaml.j2"
        )
        self.manager = manager_layer.Manager(self, NAME, self._is_defined)
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.peers,
                self.certificate,
                charmkit.ServicePorts(self, self._ports, self.webhooks),
                self.manifests,
                *self.gateways.endpoints,
                self.gateways,
                *self.store.endpoints,
                self.store,
                self.configuration,
                # Before the webhooks, which they pass: these are the first to go at the end.
                charmkit.Manifests(
                    self, self._runtimes, files="src/manifests/runtimes/*.yaml.j2"
                ),
                self.webhooks,
                charmkit.Workload(self, NAME, self._layer, files=self._files),
                charmkit.Requirer(
                    self, "secrets", kubernetes_manifest.INTERFACE, self._secrets
                ),
                charmkit.Requirer(
                    self, "service-accounts", kubernetes_manifest.INTERFACE, self._accounts
                ),
                charmkit.MetricsEndpoint(self, self._jobs),
                charmkit.LogForwarding(self),
            ],
        )
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        purge.definitions(event, self.manifests, "InferenceServices")

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("http-metrics", METRICS_PORT)]

    def _jobs(self) -> list[observability.Job]:
        return [observability.job(METRICS_PORT)]

    def _sections(self) -> dict[str, Any]:
        config, route = self.options.value, self.gateways.route
        return serving_config.sections(
            serving_config.Settings(
                mode=config.deployment_mode,
                gateways=route.gateways,
                domain=route.domain,
                url_scheme=route.scheme,
                images=config.custom_images,
                gpu_resource_types=config.gpu_resource_types,
                has_ca=bool(self._authorities()),
                disable_ingress_creation=config.disable_ingress_creation,
                mount_token=config.mount_service_account_token,
            )
        )

    def _configuration(self) -> dict[str, Any]:
        sections = self._sections().items()
        return {
            "configuration": {key: json.dumps(section) for key, section in sections},
            "ca": self._authorities(),
        }

    def _runtimes(self) -> dict[str, Any]:
        config = self.options.value
        return {
            "images": config.custom_images,
            "users": config.custom_users,
            "gpu_node_selector": config.gpu_node_selector,
            "gpu_tolerations": list(config.gpu_tolerations),
            "proxy": self._proxy(),
        }

    def _proxy(self) -> list[dict[str, str]]:
        config, store = self.options.value, self._store()
        also = [store.host] if store else []
        variables = proxy.environment(
            config.http_proxy, config.https_proxy, config.no_proxy, also
        )
        return [{"name": name, "value": value} for name, value in sorted(variables.items())]

    def _store(self) -> object_store.ObjectStore | None:
        """The object store; what is not ready counts as none, and shows in its own status."""
        try:
            return self.store.get_or_none()
        except charmkit.NotReady:
            return None

    def _authorities(self) -> str:
        """The private authorities that downloads trust."""
        store = self._store()
        return self.options.value.ca_certificates + (store.ca if store else "")

    @property
    def _credentials(self) -> str:
        """The name of Secret and account in people's namespaces."""
        return f"{self.app.name}-s3"

    def _secrets(self) -> kubernetes_manifest.Manifests:
        store = self._store()
        made = [model_credentials.secret(self._credentials, store)] if store else []
        return kubernetes_manifest.Manifests(tuple(made))

    def _accounts(self) -> kubernetes_manifest.Manifests:
        store = self._store()
        made = [model_credentials.account(self._credentials)] if store else []
        return kubernetes_manifest.Manifests(tuple(made))

    def _files(self) -> dict[str, charmkit.File]:
        serving = self.certificate.serving
        return {
            f"{CERTIFICATES}/ca.crt": charmkit.File(self.certificate.ca_bundle),
            f"{CERTIFICATES}/tls.crt": charmkit.File(serving.certificate),
            f"{CERTIFICATES}/tls.key": charmkit.File(serving.key, mode=0o600),
        }

    def _layer(self) -> charmkit.Layer:
        return self.manager.layer(self._sections(), self.options.value.port)

    def _is_defined(self, name: str) -> bool:
        return self.manifests.found("CustomResourceDefinition", name) is not None


if __name__ == "__main__":
    ops.main(KserveControllerCharm)
