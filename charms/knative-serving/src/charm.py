#!/usr/bin/env python3
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

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
from serving_options import ServingConfig


class KnativeServingCharm(ops.CharmBase):
    """Asks the Knative operator for Knative Serving, and shows what becomes of it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        add = charmkit.Reconciler(self).add
        self.options = add(charmkit.Config(self, ServingConfig))
        self.gateway = add(istio_gateway_info.Requirer(self))
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
        path = pathlib.Path(self.charm_dir) / "src/knative_serving_images.json"
        known = json.loads(path.read_text())
        return knative.Release(config.version, known, config.custom_images, config.step_images)

    def _spec(self, version: str, images: Images) -> dict[str, Any]:
        config = self.options.get()
        collectors = [item.address for item in self.collector.by_app().values()]
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
                is_meshed=self._is_meshed(),
            )
        )

    def _sent(self) -> istio_gateway_info.Gateway | None:
        """The Gateway by relation; what is missing or malformed counts as not sent."""
        return next(iter(self.gateway.by_app().values()), None)

    def _is_meshed(self) -> bool:
        """Whether Istio puts a sidecar into pods that ask for it: who sends a Gateway runs it."""
        return self._sent() is not None

    def _mesh(self) -> dict[str, Any]:
        return {"gateway": self._gateway().principal if self._is_meshed() else ""}

    def _activator(self) -> str:
        """Who the activator is, once it is in the mesh; an upgrade does not take that back."""
        if not self._is_meshed():
            return ""
        is_sent = any(bag.get("activator_principal") for bag in self.local_gateway.published())
        return serving_resource.ACTIVATOR if is_sent or self.serving.is_ready() else ""

    def _gateway(self) -> serving_resource.Gateway:
        """The Gateway: options that are set win over the relation."""
        config, sent = self.options.get(), self._sent()
        name = config.gateway_name or (sent.name if sent else config.default_gateway)
        namespace = config.gateway_namespace or (sent.namespace if sent else self.model.name)
        return serving_resource.Gateway(name, namespace)

    def _domain(self) -> str:
        config, sent = self.options.get(), self._sent()
        return config.domain or (sent.domain if sent else "") or config.default_domain

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
            activator=self._activator(),
        )


if __name__ == "__main__":
    ops.main(KnativeServingCharm)
