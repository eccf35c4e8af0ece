#!/usr/bin/env python3
"""Knative Serving: containers that scale with their requests, down to none."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import charmkit
import ops
import serving_resource
from charmkit import knative
from charmkit.interfaces import (
    istio_gateway_info,
    istio_ingress_gateway,
    otel_collector,
    serving_local_gateway,
)
from charmkit.knative_release import Images
from serving_options import ServingOptions


class KnativeServingCharm(ops.CharmBase):
    """Asks the Knative operator for Knative Serving, and shows what becomes of it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.options = charmkit.Options(self, ServingOptions)
        self.gateway = charmkit.Requirer(self, "gateway-info", istio_gateway_info.INTERFACE)
        self.collector = charmkit.Requirer(self, "otel-collector", otel_collector.INTERFACE)
        self.serving = knative.KnativeComponent(
            self,
            knative.SERVING,
            serving_resource.NAMESPACE,
            self._wanted,
            self._spec,
            lambda: {"ca": self.options.value.ca_certificates},
        )
        self.reconciler = charmkit.Reconciler(
            self,
            [
                self.options,
                self.gateway,
                self.collector,
                self.serving,
                charmkit.Provider(
                    self, "ingress-gateway", istio_ingress_gateway.INTERFACE, self._ingress
                ),
                charmkit.Provider(
                    self, "local-gateway", serving_local_gateway.INTERFACE, self._local
                ),
            ],
        )

    def _wanted(self) -> knative.Wanted:
        config = self.options.value
        path = pathlib.Path(self.charm_dir) / "src/knative_serving_images.json"
        known = json.loads(path.read_text())
        return knative.Wanted(config.version, known, config.custom_images, config.step_images)

    def _spec(self, version: str, images: Images) -> dict[str, Any]:
        config = self.options.value
        collectors = [item.address for _, item in self.collector.each()]
        return serving_resource.spec(
            serving_resource.Settings(
                version=version,
                images=images,
                gateway=self._gateway(),
                domain=self._domain(),
                progress_deadline=config.progress_deadline,
                skipped_registries=config.skipped_registries,
                queue_image=config.queue_sidecar_image or images["queue-proxy"],
                proxy=serving_resource.controller_proxy(
                    config.http_proxy, config.https_proxy, config.no_proxy
                ),
                collector="".join(collectors[:1]),
                has_ca=bool(config.ca_certificates),
            )
        )

    def _told(self) -> istio_gateway_info.Gateway | None:
        """The Gateway by relation; what is not there or malformed counts as not told."""
        return next((told for _, told in self.gateway.each()), None)

    def _gateway(self) -> serving_resource.Gateway:
        """The Gateway: options that are set win over the relation."""
        config, told = self.options.value, self._told()
        name = config.gateway_name or (told.name if told else config.default_gateway)
        namespace = config.gateway_namespace or (told.namespace if told else self.model.name)
        return serving_resource.Gateway(name, namespace)

    def _domain(self) -> str:
        config, told = self.options.value, self._told()
        return config.domain or (told.domain if told else "") or config.default_domain

    def _ingress(self) -> istio_gateway_info.Gateway:
        gateway = self._gateway()
        return istio_gateway_info.Gateway(gateway.name, gateway.namespace)

    def _local(self) -> serving_local_gateway.LocalGateway:
        return serving_local_gateway.LocalGateway(
            name=serving_resource.LOCAL_GATEWAY,
            namespace=serving_resource.NAMESPACE,
            up=self.serving.is_ready(),
            service=self._gateway().local_service,
            domain=self._domain(),
        )


if __name__ == "__main__":
    ops.main(KnativeServingCharm)
