#!/usr/bin/env python3
"""KServe Controller: models, each behind one URL."""

from __future__ import annotations

import functools
import json
from typing import Any

import charmkit
import kserve_webhooks
import manager_layer
import model_credentials
import ops
import serving_config
from charmkit import kube, object_store, proxy, webhooks
from charmkit.interfaces import kubernetes_manifest
from charmkit.kubeflow import controller
from kserve_options import METRICS_PORT, KserveConfig
from serving_gateways import ServingGateways

NAME = "kserve-controller"
CERTIFICATES = "/tmp/k8s-webhook-server/serving-certs"  # noqa: S108  where the manager looks


class KserveControllerCharm(ops.CharmBase):
    """Runs manager and webhooks on every unit; the managers elect the one that works."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, KserveConfig))
        self.peers = add(charmkit.Peers(self))
        self.certificate = add(kserve_webhooks.certificate(self, self.peers))
        self.gateways = ServingGateways(
            self,
            mode=lambda: self.options.get().deployment_mode,
            domain=lambda: self.options.get().domain_name,
        )
        self.store = object_store.ObjectStoreRelation(self, required=False)
        for component in (*self.gateways.endpoints, self.gateways):
            add(component)
        for component in (*self.store.endpoints, self.store):
            add(component)
        self.manifests = add(
            charmkit.Manifests(
                self, list_all=[manager_layer.DEFINITION], legacy=kserve_webhooks.LEGACY
            )
        )
        add(
            charmkit.Manifests(
                self, "config", context=self._configuration, files="src/manifests/config/*.yaml.j2"
            )
        )
        # Before the webhooks, which they pass: these are the first to go at the end.
        add(
            charmkit.Manifests(
                self, "runtimes", context=self._runtimes, files="src/manifests/runtimes/*.yaml.j2"
            )
        )
        self.webhooks = add(
            webhooks.WebhookManifests(
                self,
                "webhooks",
                certificate=self.certificate,
                context=lambda: {"port": self.options.get().port},
                files="src/manifests/webhooks/*.yaml.j2",
                list_all=[kube.SERVICE],
            )
        )
        add(
            charmkit.ServicePorts(
                self,
                ports=self._ports,
                find=functools.partial(self.webhooks.get_live, kube.SERVICE),
            )
        )
        self.manager = manager_layer.Manager(self, NAME, self._is_defined)
        add(charmkit.Workload(self, NAME, layer=self._layer, files=self._files))
        add(kubernetes_manifest.Requirer(self, "secrets", data=self._secrets))
        add(kubernetes_manifest.Requirer(self, "service-accounts", data=self._accounts))
        add(charmkit.MetricsEndpoint(self, jobs=controller.jobs))
        add(charmkit.GrafanaDashboards(self))
        add(charmkit.LogForwarding(self))
        framework.observe(self.on.purge_action, self._on_purge)

    def _on_purge(self, event: ops.ActionEvent) -> None:
        charmkit.purge_definitions(event, self.manifests, "InferenceServices")

    def _ports(self) -> list[charmkit.Port]:
        return [charmkit.Port("http-metrics", METRICS_PORT)]

    def _sections(self) -> dict[str, Any]:
        config, route = self.options.get(), self.gateways.route
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
        config = self.options.get()
        return {
            "images": config.custom_images,
            "users": config.custom_users,
            "gpu_node_selector": config.gpu_node_selector,
            "gpu_tolerations": list(config.gpu_tolerations),
            "proxy": self._proxy(),
        }

    def _proxy(self) -> list[dict[str, str]]:
        config, store = self.options.get(), self._store()
        also = [store.host] if store else []
        variables = proxy.environment(config.http_proxy, config.https_proxy, config.no_proxy, also)
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
        return self.options.get().ca_certificates + (store.ca if store else "")

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
            f"{CERTIFICATES}/ca.crt": charmkit.File(self.certificate.ca_bundle, watched=True),
            f"{CERTIFICATES}/tls.crt": charmkit.File(serving.certificate, watched=True),
            f"{CERTIFICATES}/tls.key": charmkit.File(serving.key, mode=0o600, watched=True),
        }

    def _layer(self) -> charmkit.Layer:
        return self.manager.layer(self._sections(), self.options.get().port)

    def _is_defined(self, name: str) -> bool:
        return self.manifests.get_live(manager_layer.DEFINITION, name) is not None


if __name__ == "__main__":
    ops.main(KserveControllerCharm)
