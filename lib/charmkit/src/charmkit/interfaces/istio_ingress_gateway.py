"""`istio-ingress-gateway`: the Gateway that Knative's services are reached by from outside.

Wire format: that of istio-gateway-info.

Source: the published knative-serving charm; no published charm requires it.
"""

from __future__ import annotations

from .. import interface
from .istio_gateway_info import Gateway

INTERFACE = interface.Interface[Gateway, None](
    "istio-ingress-gateway", provider=Gateway, requirer=None
)
