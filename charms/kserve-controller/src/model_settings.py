# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What options and relations make of KServe's configuration and of its runtimes."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import charmkit
import serving_config
from charmkit import proxy
from kserve_options import KserveConfig
from model_credentials import ModelStore
from serving_gateways import ServingGateways


@dataclasses.dataclass(frozen=True)
class ModelSettings:
    """How models are run, for the templates and for the manager.

    Args:
        options: the charm's options.
        gateways: how models are reached.
        store: where models are downloaded from.
    """

    options: charmkit.Config[KserveConfig]
    gateways: ServingGateways
    store: ModelStore

    def sections(self) -> dict[str, Any]:
        """Return KServe's configuration by its keys.

        Raises:
            charmkit.NotReady: if an option is invalid, or the gateways are not known yet.
        """
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

    def configuration(self) -> dict[str, Any]:
        """Return the values of the configuration's template."""
        sections = self.sections().items()
        return {
            "configuration": {key: json.dumps(section) for key, section in sections},
            "ca": self._authorities(),
        }

    def runtimes(self) -> dict[str, Any]:
        """Return the values of the runtimes' templates."""
        config = self.options.get()
        return {
            "images": config.custom_images,
            "users": config.custom_users,
            "gpu_node_selector": config.gpu_node_selector,
            "gpu_tolerations": list(config.gpu_tolerations),
            "proxy": self._proxy(),
        }

    def _proxy(self) -> list[dict[str, str]]:
        config, store = self.options.get(), self.store.get_or_none()
        also = [store.host] if store else []
        variables = proxy.environment(config.http_proxy, config.https_proxy, config.no_proxy, also)
        return [{"name": name, "value": value} for name, value in sorted(variables.items())]

    def _authorities(self) -> str:
        """The private authorities that downloads trust."""
        store = self.store.get_or_none()
        return self.options.get().ca_certificates + (store.ca if store else "")
