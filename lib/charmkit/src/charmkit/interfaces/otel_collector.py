# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`otel-collector`: where Knative's components send their metrics.

Wire format (application databag of the provider, plain): `otel_collector_svc_name`,
`otel_collector_svc_namespace` and `otel_collector_port`, all text.

Source: the published knative-operator charm.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Collector:
    """What the provider sends: the collector's Service."""

    service: str = wire.field("otel_collector_svc_name")
    namespace: str = wire.field("otel_collector_svc_namespace")
    port: str = wire.field("otel_collector_port")

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.service}.{self.namespace}:{self.port}"


INTERFACE = Interface[Collector, None]("otel-collector", provider=Collector)


class Provider(relations.Provider[Collector, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, Collector]):
    """The requiring end."""

    interface = INTERFACE
