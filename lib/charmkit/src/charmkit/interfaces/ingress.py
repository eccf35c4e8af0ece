# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ingress`: a path of the gateway that leads to a Service.

Wire format (serialized-data-interface, data of the requirer): `service`, `port`, `prefix`,
`rewrite`, `namespace`. In v2 the namespace must be there, in v1 it may. From v3 on, which has v1's
data and `required-query`, the provider sends `url`: how the gateway is reached from outside the
cluster.

Published requirers speak v1 only, the published provider v1 and v2. v3 is spoken among the charms
here.

Source of v1: the schema in the published charms' metadata.
"""

from __future__ import annotations

import dataclasses
import re

from .. import names, relations, wire
from .._interface import Interface

_REQUIRED_QUERY = re.compile(r"/[\w./-]*\?[\w-]+", re.ASCII)


@dataclasses.dataclass(frozen=True)
class Route:
    """What the requirer sends.

    Args:
        service: the Service that serves the path.
        port: its port.
        prefix: the beginning of the path.
        rewrite: what the Service sees in place of the prefix; by default the prefix itself.
        namespace: the Service's namespace; by default that of the gateway's model.
        required_query: `<path>?<parameter>`: requests below a path that the gateway refuses unless
            they have a query parameter that is not empty.

    Raises:
        ValueError: if a name or the port can't be one, or a path is not below the prefix.
    """

    service: str
    port: int
    prefix: str
    rewrite: str | None = wire.field(default=None)
    namespace: str | None = wire.field(default=None)
    required_query: tuple[str, ...] = wire.field("required-query", default=(), since="v3")

    def __post_init__(self) -> None:
        names.check_service(self.service, self.port)
        if self.namespace is not None and not names.is_label(self.namespace):
            raise ValueError("namespace is not the name of one")
        for text in self.required_query:
            if not _REQUIRED_QUERY.fullmatch(text) or not text.startswith(self.prefix):
                raise ValueError("required-query is not <path>?<parameter> below the prefix")


@dataclasses.dataclass(frozen=True)
class Gateway:
    """What the provider sends.

    Args:
        url: the gateway's, without a path; None while nobody outside can reach it, empty if that
            will not change by itself.
    """

    url: str | None = wire.field(default=None)


_EXAMPLES = (
    Route("some-service", 4321, "/some", "/other", "some-namespace", ("/some/files/?owner",)),
)
INTERFACE = Interface[Gateway, Route](
    "ingress",
    codec=wire.Sdi(("v1", "v3"), provider_version="v3"),
    provider=Gateway,
    requirer=Route,
    examples=_EXAMPLES,
)
PROVIDER_INTERFACE = Interface[Gateway, Route](
    "ingress",
    codec=wire.Sdi(("v1", "v2", "v3"), provider_version="v3"),
    provider=Gateway,
    requirer=Route,
    examples=_EXAMPLES,
)


class Provider(relations.Provider[Gateway, Route]):
    """The providing end."""

    interface = PROVIDER_INTERFACE


class Requirer(relations.Requirer[Route, Gateway]):
    """The requiring end."""

    interface = INTERFACE
