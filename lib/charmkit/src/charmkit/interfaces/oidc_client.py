# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`oidc-client`: a client that an OpenID Connect provider should know.

Wire format (serialized-data-interface, data of the provider, which is the client): `id`, `name`,
`redirectURIs`, `secret`. In v2 the client's secret is in a Juju secret, under the key `secret`,
and here stands the Juju secret's id.

Source of v1: the schema in the published oidc-gatekeeper charm's metadata.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Client:
    """What the client sends."""

    id: str
    name: str
    redirect_uris: tuple[str, ...] = wire.field("redirectURIs")
    secret: str = wire.field(secret=True)


INTERFACE = Interface[Client, None](
    "oidc-client",
    codec=wire.Sdi(("v1", "v2"), secret_version="v2"),  # noqa: S106
    provider=Client,
)


class Provider(relations.Provider[Client, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, Client]):
    """The requiring end."""

    interface = INTERFACE
