# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`istio-gateway-info`: the Gateway that routes can be attached to.

Wire format (application databag of the provider, plain): `gateway_name`, `gateway_namespace`,
`gateway_up`, which is `true` or `false`; without it the reader takes it to be up. `gateway_url` is
of this repository's charms alone.

Source: the charm library istio_pilot.v0.istio_gateway_info.
"""

from __future__ import annotations

import dataclasses
import urllib.parse

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Gateway:
    """What the provider sends.

    Args:
        name: the Gateway's name.
        namespace: its namespace.
        up: whether it is there, and has an address.
        url: how it is reached from outside the cluster, without a path; empty if it is not known.
    """

    name: str = wire.field("gateway_name")
    namespace: str = wire.field("gateway_namespace")
    up: bool = wire.field("gateway_up", default=True)
    url: str = wire.field("gateway_url", default="")

    @property
    def scheme(self) -> str:
        """`https` or `http`, as it is reached from outside; `http` if that is not known."""
        return urllib.parse.urlsplit(self.url).scheme or "http"

    @property
    def domain(self) -> str:
        """A domain in which every name leads to it; empty if its URL is not known.

        A name is one itself. For an address there are services that resolve any name that ends in
        it; of IPv6, colons become dashes.
        """
        host = urllib.parse.urlsplit(self.url).hostname or ""
        if ":" in host:
            return f"{host.replace(':', '-')}.sslip.io"
        is_address = host.replace(".", "").isdigit()
        return f"{host}.nip.io" if is_address else host

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
