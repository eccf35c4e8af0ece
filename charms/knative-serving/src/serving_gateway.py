# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Gateway that services are reached by, and their domain: by options and by relation."""

from __future__ import annotations

from collections.abc import Callable

import ops
from charmkit.interfaces import istio_gateway_info
from serving_options import ServingConfig
from serving_resource import Gateway


class ServingGateway(istio_gateway_info.Requirer):
    """The relation to the Gateway; options that are set win over it.

    Args:
        charm: the charm.
        config: returns the options.
    """

    def __init__(self, charm: ops.CharmBase, *, config: Callable[[], ServingConfig]) -> None:
        super().__init__(charm)
        self._config = config

    @property
    def is_meshed(self) -> bool:
        """Whether Istio puts a sidecar into pods that ask for it: who sends a Gateway runs it."""
        return self._sent() is not None

    @property
    def choice(self) -> Gateway:
        """The Gateway."""
        config, sent = self._config(), self._sent()
        name = config.gateway_name or (sent.name if sent else config.default_gateway)
        namespace = sent.namespace if sent else self.charm.model.name
        return Gateway(name, config.gateway_namespace or namespace)

    @property
    def domain(self) -> str:
        """The domain of services."""
        config, sent = self._config(), self._sent()
        return config.domain or (sent.domain if sent else "") or config.default_domain

    def _sent(self) -> istio_gateway_info.Gateway | None:
        """The Gateway by relation; what is missing or malformed counts as not sent."""
        return next(iter(self.by_app().values()), None)
