# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`istio-ingress-gateway`: the Gateway that Knative's services are reached by from outside.

Wire format: that of istio-gateway-info: `gateway_name`, `gateway_namespace`, `gateway_up`, and
`gateway_url` where it is known.

Source: the published knative-serving charm; no published charm requires it.
"""

from __future__ import annotations

from .. import relations
from .._interface import Interface
from .istio_gateway_info import Gateway

INTERFACE = Interface[Gateway, None](
    "istio-ingress-gateway", endpoint="ingress-gateway", provider=Gateway
)


class Provider(relations.Provider[Gateway, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, Gateway]):
    """The requiring end."""

    interface = INTERFACE
