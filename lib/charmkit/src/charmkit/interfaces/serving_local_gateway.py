# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`serving-local-gateway`: Knative's Gateway for requests from within the cluster.

Wire format (application databag of the provider, plain): `gateway_name`, `gateway_namespace`,
`gateway_up`, as in istio-gateway-info. Three more keys are of this repository's charms alone:
`gateway_service`, the Service of the Gateway's workload; `domain`, that of Knative's services; and
`activator_principal`, by which the mesh knows Knative's activator, once it is in the mesh.

Source: the charm library istio_pilot.v0.istio_gateway_info, which knative-serving uses under this
interface's name.
"""

from __future__ import annotations

import dataclasses
import re

from .. import relations, wire
from .._interface import Interface

_PRINCIPAL = re.compile(r"[^/*\s]+/ns/[^/*\s]+/sa/[^/*\s]+")


@dataclasses.dataclass(frozen=True)
class LocalGateway:
    """What the provider sends.

    Args:
        name: the Gateway's name.
        namespace: its namespace.
        up: whether Knative is ready.
        service: the Service of its workload, with its namespace and the cluster's domain.
        domain: the domain of Knative's services.
        activator: whom requests come from that have waited for pods; empty if the mesh does not
            know.

    Raises:
        ValueError: if `activator` can be more than one.
    """

    name: str = wire.field("gateway_name")
    namespace: str = wire.field("gateway_namespace")
    up: bool = wire.field("gateway_up", default=True)
    service: str = wire.field("gateway_service", default="")
    domain: str = wire.field(default="")
    activator: str = wire.field("activator_principal", default="")

    def __post_init__(self) -> None:
        if self.activator and not _PRINCIPAL.fullmatch(self.activator):
            raise ValueError("activator_principal is not one account's")

    @property
    def reference(self) -> str:
        """As KServe's configuration names it."""
        return f"{self.namespace}/{self.name}"


INTERFACE = Interface[LocalGateway, None](
    "serving-local-gateway",
    endpoint="local-gateway",
    provider=LocalGateway,
    examples=(
        LocalGateway(
            "knative-local-gateway",
            "knative-serving",
            service="knative-local-gateway.gateways.svc.cluster.local",
            domain="10.64.140.43.nip.io",
            activator="cluster.local/ns/knative-serving/sa/activator",
        ),
    ),
)


class Provider(relations.Provider[LocalGateway, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, LocalGateway]):
    """The requiring end."""

    interface = INTERFACE

    def activator(self) -> str:
        """Return the principal of Knative's activator; empty where nobody sends it."""
        return next((each.activator for each in self.by_app().values()), "")
