#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative Serving: containers that scale with their requests, down to none."""

from __future__ import annotations

from typing import Any

import charmkit
import ops
import serving_gateway
import serving_resource
from charmkit import knative
from charmkit.interfaces import (
    istio_gateway_info,
    istio_ingress_gateway,
    otel_collector,
    serving_local_gateway,
)
from charmkit.knative_release import Images
from serving_options import ServingConfig


class KnativeServingCharm(ops.CharmBase):
    """Asks the Knative operator for Knative Serving, and shows what becomes of it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ServingConfig))
        self.gateway = add(serving_gateway.ServingGateway(self, config=self.options.get))
        self.collector = add(otel_collector.Requirer(self))
        self.serving = add(
            knative.KnativeComponent(
                self,
                knative.SERVING,
                serving_resource.NAMESPACE,
                release=self._release,
                spec=self._spec,
                context=lambda: {"ca": self.options.get().ca_certificates},
            )
        )
        add(
            charmkit.Manifests(
                self, "mesh", context=self._mesh, files="src/manifests/mesh/*.yaml.j2"
            )
        )
        add(istio_ingress_gateway.Provider(self, data=self._ingress))
        self.local_gateway = add(serving_local_gateway.Provider(self, data=self._local))

    def _release(self) -> knative.Release:
        config = self.options.get()
        return knative.Release(config.version, config.custom_images, config.step_images)

    def _spec(self, version: str, images: Images) -> dict[str, Any]:
        config = self.options.get()
        collectors = [item.address for item in self.collector.by_app().values()]
        settings = serving_resource.Settings(
            version=version,
            images=images,
            gateway=self.gateway.choice,
            domain=self.gateway.domain,
            progress_deadline=config.progress_deadline,
            skipped_registries=config.skipped_registries,
            queue_image=config.queue_sidecar_image or images["queue-proxy"],
            proxy=config.controller_proxy(),
            collector="".join(collectors[:1]),
            has_ca=bool(config.ca_certificates),
            is_meshed=self.gateway.is_meshed,
        )
        return serving_resource.spec(settings)

    def _mesh(self) -> dict[str, Any]:
        return {"gateway": self.gateway.choice.principal if self.gateway.is_meshed else ""}

    def _activator(self) -> str:
        """Who the activator is, once it is in the mesh; an upgrade does not take that back."""
        if not self.gateway.is_meshed:
            return ""
        is_sent = any(bag.get("activator_principal") for bag in self.local_gateway.published())
        return serving_resource.ACTIVATOR if is_sent or self.serving.is_ready() else ""

    def _ingress(self) -> istio_gateway_info.Gateway:
        gateway = self.gateway.choice
        return istio_gateway_info.Gateway(gateway.name, gateway.namespace)

    def _local(self) -> serving_local_gateway.LocalGateway:
        return serving_local_gateway.LocalGateway(
            name=serving_resource.LOCAL_GATEWAY,
            namespace=serving_resource.NAMESPACE,
            up=self.serving.is_ready(),
            service=self.gateway.choice.local_service,
            domain=self.gateway.domain,
            activator=self._activator(),
        )


if __name__ == "__main__":
    ops.main(KnativeServingCharm)
