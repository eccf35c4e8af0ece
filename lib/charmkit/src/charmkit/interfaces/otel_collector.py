"""`otel-collector`: where Knative's components send their metrics.

Wire format (application databag of the provider, plain): `otel_collector_svc_name`,
`otel_collector_svc_namespace` and `otel_collector_port`, all text.

Source: the published knative-operator charm.
"""

from __future__ import annotations

import dataclasses

from .. import interface, wire


@dataclasses.dataclass(frozen=True)
class Collector:
    """What the provider says: the collector's Service."""

    service: str = wire.field("otel_collector_svc_name")
    namespace: str = wire.field("otel_collector_svc_namespace")
    port: str = wire.field("otel_collector_port")

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.service}.{self.namespace}:{self.port}"


INTERFACE = interface.Interface[Collector, None](
    "otel-collector", provider=Collector, requirer=None
)
