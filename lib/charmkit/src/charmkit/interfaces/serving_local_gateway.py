# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`serving-local-gateway`: Knative's Gateway for requests from within the cluster.

Wire format (application databag of the provider, plain): `gateway_name`, `gateway_namespace`,
`gateway_up`, as in istio-gateway-info. Two more keys are of this repository's charms alone:
`gateway_service`, the Service of the Gateway's workload, and `domain`, that of Knative's services.

Source: the charm library istio_pilot.v0.istio_gateway_info, which knative-serving uses under this
interface's name.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class LocalGateway:
    """What the provider sends.

    Args:
        name: the Gateway's name.
        namespace: its namespace.
        up: whether Knative is ready.
        service: the Service of its workload, with its namespace and the cluster's domain.
        domain: the domain of Knative's services.
    """

    name: str = wire.field("gateway_name")
    namespace: str = wire.field("gateway_namespace")
    up: bool = wire.field("gateway_up", default=True)
    service: str = wire.field("gateway_service", default="")
    domain: str = wire.field(default="")

    @property
    def reference(self) -> str:
        """As KServe's configuration names it."""
        return f"{self.namespace}/{self.name}"


INTERFACE = Interface[LocalGateway, None](
    "serving-local-gateway", endpoint="local-gateway", provider=LocalGateway
)


class Provider(relations.Provider[LocalGateway, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, LocalGateway]):
    """The requiring end."""

    interface = INTERFACE
