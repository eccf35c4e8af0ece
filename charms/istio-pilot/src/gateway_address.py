"""Where the gateway can be reached."""

from __future__ import annotations

from typing import Any


def of(service: dict[str, Any] | None) -> str:
    """The host name or address of the gateway's Service.

    Args:
        service: the Service, or None.

    Returns:
        Of a load balancer, the first that it says; of other Services, the cluster's own address.
        Nothing while there is none.
    """
    if service is None:
        return ""
    spec = service["spec"]
    if spec.get("type") != "LoadBalancer":
        return spec.get("clusterIP", "")
    entries = service.get("status", {}).get("loadBalancer", {}).get("ingress") or [{}]
    return entries[0].get("hostname") or entries[0].get("ip", "")
