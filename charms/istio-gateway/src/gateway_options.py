# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the istio-gateway charm."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from charmkit import config

HTTP_TARGET, HTTPS_TARGET = 8080, 8443
"""What the pods listen on behind the Service's two ports: the ports of the published Gateways."""

PROXY_PORTS = range(15000, 15091)
"""Istio's proxy listens on many of these itself."""

_RESERVED = ("kubernetes.io/", "k8s.io/")


def _kind(raw: str | None) -> str:
    if raw not in (None, "", "ingress", "egress"):
        raise ValueError(raw)
    return raw or "ingress"


def _port(other: int) -> Any:
    """A port of the Service; it must not be the one that the pods listen on for the other."""

    def parse(raw: int) -> int:
        if not 1 <= raw <= 65535 or raw in PROXY_PORTS or raw == other:
            raise ValueError(raw)
        return raw

    taken = f"{PROXY_PORTS.start} to {PROXY_PORTS.stop - 1}"
    return config.custom(parse, f"a port other than {other} and {taken}", invalid_example=other)


@dataclasses.dataclass(frozen=True)
class GatewayConfig:
    """The options, parsed."""

    annotations: Mapping[str, str] = config.object_annotations(reserved=_RESERVED)
    kind: str = config.custom(_kind, "ingress or egress", invalid_example="sideways")
    gateway_service_type: str = config.one_of(
        "LoadBalancer", "NodePort", "ClusterIP", name="gateway_service_type"
    )
    http_port: int = _port(HTTPS_TARGET)
    https_port: int = _port(HTTP_TARGET)
    proxy_image: str = config.image()
    replicas: int = config.integer(1, 100)
    max_replicas: int = config.integer(0, 100)

    @property
    def name(self) -> str:
        """What everything of the gateway is named by."""
        return f"istio-{self.kind}gateway"

    @property
    def service_type(self) -> str:
        """The type of its Service; traffic leaves from inside, where no outside address helps."""
        return "ClusterIP" if self.kind == "egress" else self.gateway_service_type

    def context(self) -> dict[str, Any]:
        """Return what of the templates' variables the options decide."""
        return {
            "kind": self.kind,
            "name": self.name,
            "image": self.proxy_image,
            "type": self.service_type,
            "annotations": self.annotations,
            "ports": {
                "http2": (self.http_port, HTTP_TARGET),
                "https": (self.https_port, HTTPS_TARGET),
            },
            "replicas": self.replicas,
            "max_replicas": self.max_replicas,
            "autoscaled": self.max_replicas > self.replicas,
        }

    def __post_init__(self) -> None:
        if self.http_port == self.https_port:
            raise config.InvalidConfig(
                "https-port", f"a port other than {self.http_port}, http-port's"
            )
