# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Where the gateway can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import charmkit
from charmkit import kube
from pilot_options import PilotConfig

BALANCED = "LoadBalancer"


class GatewayAddress:
    """Where the gateway of the options can be reached.

    Args:
        services: who lists the Services.
        config: returns the options.
    """

    def __init__(self, services: charmkit.Manifests, *, config: Callable[[], PilotConfig]) -> None:
        self._services = services
        self._config = config

    def host(self) -> str:
        """Return the host name or address of the gateway's Service, or nothing without one."""
        return of(self._service())

    def url(self, *, tls: bool) -> str | None:
        """Return how the gateway is reached from outside the cluster; see the function `url`."""
        return url(self._service(), self._config().csr_domain_name, tls=tls)

    def certified(self) -> str:
        """Return what a certificate is requested for."""
        config = self._config()
        service = f"{config.gateway_service_name}.{self._services.charm.model.name}.svc"
        return config.csr_domain_name or self.host() or service

    def _service(self) -> dict[str, Any] | None:
        return self._services.get_live(kube.SERVICE, self._config().gateway_service_name)


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
    return _balanced(service) if spec.get("type") == BALANCED else spec.get("clusterIP", "")


def url(service: dict[str, Any] | None, domain: str, *, tls: bool) -> str | None:
    """How the gateway is reached from outside the cluster; None if it is not known yet.

    It is empty if nothing will come: no name has been given, and no load balancer is asked for.

    Args:
        service: the gateway's Service, or None.
        domain: the name that it has been given, if any; one of many, `*.`, tells nothing.
        tls: whether it serves a certificate.
    """
    if service is None:
        return None
    named = domain if domain and "*" not in domain else ""
    is_balanced = service["spec"].get("type") == BALANCED
    host = named or (_balanced(service) if is_balanced else "")
    if not host:
        return None if is_balanced else ""
    scheme, usual = ("https", 443) if tls else ("http", 80)
    ports = {port["name"]: port["port"] for port in service["spec"]["ports"]}
    port = ports["https" if tls else "http2"]
    return f"{scheme}://{_bracketed(host)}" + ("" if port == usual else f":{port}")


def _balanced(service: dict[str, Any]) -> str:
    entries = service.get("status", {}).get("loadBalancer", {}).get("ingress") or [{}]
    return entries[0].get("hostname") or entries[0].get("ip", "")


def _bracketed(host: str) -> str:
    """An address of IPv6 stands in brackets in a URL."""
    return f"[{host}]" if ":" in host else host
