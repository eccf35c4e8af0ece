"""`k8s-service`: the name and port of a Kubernetes Service.

Two wire formats share the interface's name. `INTERFACE` is the serialized-data-interface one, data
of the provider `service-name` and `service-port`, both text. `PLAIN_INTERFACE` has the plain keys
`name` and `port`, both text; it is what mlmd, envoy, kfp-metadata-writer and katib speak.

Source: the published charms' metadata, and the charm library mlops_libs.v0.k8s_service_info.
"""

from __future__ import annotations

import dataclasses

from .. import interface, wire


@dataclasses.dataclass(frozen=True)
class Service:
    """What the provider says."""

    name: str = wire.field("service-name")
    port: str = wire.field("service-port")


@dataclasses.dataclass(frozen=True)
class PlainService:
    """What the provider says in plain keys."""

    name: str
    port: str


INTERFACE = interface.Interface[Service, None](
    "k8s-service", provider=Service, requirer=None, versions=("v1",)
)
PLAIN_INTERFACE = interface.Interface[PlainService, None](
    "k8s-service", provider=PlainService, requirer=None
)
