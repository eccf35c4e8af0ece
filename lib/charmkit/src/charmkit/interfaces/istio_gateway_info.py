"""`istio-gateway-info`: the Gateway that routes can be attached to.

Wire format (application databag of the provider, plain): `gateway_name`, `gateway_namespace`,
`gateway_up`, which is `true` or `false`; without it the reader takes it to be up.

Source: the charm library istio_pilot.v0.istio_gateway_info.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Gateway:
    """What the provider sends.

    Args:
        name: the Gateway's name.
        namespace: its namespace.
        up: whether it is there, and has an address.
    """

    name: str = wire.field("gateway_name")
    namespace: str = wire.field("gateway_namespace")
    up: bool = wire.field("gateway_up", default=True)

    @property
    def reference(self) -> str:
        """As a VirtualService names it."""
        return f"{self.namespace}/{self.name}"


INTERFACE = Interface[Gateway, None](
    "istio-gateway-info", endpoint="gateway-info", provider=Gateway
)


class Provider(relations.Provider[Gateway, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, Gateway]):
    """The requiring end."""

    interface = INTERFACE
