# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ingress-auth`: the Service that decides who may pass the gateway.

Wire format (serialized-data-interface, data of the requirer): `service`, `port`,
`allowed-request-headers`, `allowed-response-headers`. From v2 on, which is spoken among the
charms here, also `exempt-paths`: beginnings of paths that it lets pass without asking, so that the
gateway can refuse those that open what is another's. The provider sends nothing.

Source of v1: the schema in the published istio-pilot charm's metadata, and its code, which needs
the headers although the schema does not.
"""

from __future__ import annotations

import dataclasses

from .. import names, relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Authorizer:
    """What the requirer sends.

    Args:
        service: the Service that is asked about each request.
        port: its port.
        request_headers: the headers of the request that it gets to see.
        response_headers: the headers of its answer that are passed on to the workload; clients
            cannot send them.
        exempt_paths: beginnings of the paths that need no login.

    Raises:
        ValueError: if the name or the port can't be one.
    """

    service: str
    port: int
    request_headers: tuple[str, ...] = wire.field("allowed-request-headers", default=())
    response_headers: tuple[str, ...] = wire.field("allowed-response-headers", default=())
    exempt_paths: tuple[str, ...] = wire.field("exempt-paths", default=(), since="v2")

    def __post_init__(self) -> None:
        names.check_service(self.service, self.port)


INTERFACE = Interface[None, Authorizer](
    "ingress-auth", codec=wire.Sdi(("v1", "v2")), requirer=Authorizer
)


class Provider(relations.Provider[None, Authorizer]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[Authorizer, None]):
    """The requiring end."""

    interface = INTERFACE
