"""`ingress`: a path of the gateway that leads to a Service.

Wire format (serialized-data-interface, data of the requirer): `service`, `port`, `prefix`,
`rewrite`, and in v2 also `namespace`, which v1 tolerates. The provider says nothing.

Source: the schema in the published charms' metadata.
"""

from __future__ import annotations

import dataclasses

from .. import interface, wire


@dataclasses.dataclass(frozen=True)
class Route:
    """What the requirer says.

    Args:
        service: the Service that serves the path.
        port: its port.
        prefix: the beginning of the path.
        rewrite: what the Service sees in place of the prefix; by default the prefix itself.
        namespace: the Service's namespace; by default that of the gateway's model.
    """

    service: str
    port: int
    prefix: str
    rewrite: str | None = wire.field(default=None)
    namespace: str | None = wire.field(default=None)


INTERFACE = interface.Interface[None, Route](
    "ingress", provider=None, requirer=Route, versions=("v1",)
)
