# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`k8s-service`: the name and port of a Kubernetes Service.

Two wire formats share the interface's name. `INTERFACE` is the serialized-data-interface one, data
of the provider `service-name` and `service-port`, both text. `PLAIN_INTERFACE` has the plain keys
`name` and `port`, both text; it is what mlmd, envoy, kfp-metadata-writer and katib speak.

Source: the published charms' metadata, and the charm library mlops_libs.v0.k8s_service_info.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Service:
    """What the provider sends."""

    name: str = wire.field("service-name")
    port: str = wire.field("service-port")


@dataclasses.dataclass(frozen=True)
class PlainService:
    """What the provider sends in plain keys.

    Raises:
        ValueError: if the port can't be one.
    """

    name: str
    port: str

    def __post_init__(self) -> None:
        if not (self.port.isdecimal() and 1 <= int(self.port) <= 65535):
            raise ValueError("port is not from 1 to 65535")


INTERFACE = Interface[Service, None](
    "k8s-service",
    codec=wire.Sdi(("v1",)),
    provider=Service,
    examples=(Service("kubeflow-profiles", "8081"),),
)
PLAIN_INTERFACE = Interface[PlainService, None](
    "k8s-service",
    provider=PlainService,
    examples=(PlainService("katib-db-manager", "6789"),),
)


class Provider(relations.Provider[Service, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, Service]):
    """The requiring end."""

    interface = INTERFACE


class PlainProvider(relations.Provider[PlainService, None]):
    """The providing end, in plain keys."""

    interface = PLAIN_INTERFACE


class PlainRequirer(relations.Requirer[None, PlainService]):
    """The requiring end, in plain keys."""

    interface = PLAIN_INTERFACE
