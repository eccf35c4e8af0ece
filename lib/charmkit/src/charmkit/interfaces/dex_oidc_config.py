# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`dex-oidc-config`: where the OpenID Connect provider is.

Wire format (application databag of the provider, plain): `issuer-url`.

Source: the charm library dex_auth.v0.dex_oidc_config.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class OidcConfig:
    """What the provider sends."""

    issuer_url: str = wire.field("issuer-url")


INTERFACE = Interface[OidcConfig, None](
    "dex-oidc-config",
    provider=OidcConfig,
    examples=(OidcConfig("http://dex-auth.example.com:5556/dex"),),
)


class Provider(relations.Provider[OidcConfig, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, OidcConfig]):
    """The requiring end."""

    interface = INTERFACE
