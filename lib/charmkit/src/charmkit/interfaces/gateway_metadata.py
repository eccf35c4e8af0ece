# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`gateway_metadata`: a Gateway of the Gateway API that routes can be attached to.

Wire format (application databag of the provider): `metadata`, a JSON object with `namespace`,
`gateway_name`, `deployment_name` and `service_account`, all text.

Source: PyPI package charmed-service-mesh-helpers, interfaces.gateway_metadata.
"""

from __future__ import annotations

import dataclasses

from .. import relations
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Metadata:
    """A Gateway.

    Args:
        namespace: its namespace.
        gateway_name: its name.
        deployment_name: that of its workload, and of the workload's Service.
        service_account: what its workload runs as.
    """

    namespace: str
    gateway_name: str
    deployment_name: str
    service_account: str


@dataclasses.dataclass(frozen=True)
class GatewayMetadata:
    """What the provider sends."""

    metadata: Metadata


INTERFACE = Interface[GatewayMetadata, None](
    "gateway_metadata", endpoint="gateway-metadata", provider=GatewayMetadata
)


class Provider(relations.Provider[GatewayMetadata, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, GatewayMetadata]):
    """The requiring end."""

    interface = INTERFACE
