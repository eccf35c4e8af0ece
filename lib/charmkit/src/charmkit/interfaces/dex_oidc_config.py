"""`dex-oidc-config`: where the OpenID Connect provider is.

Wire format (application databag of the provider, plain): `issuer-url`.

Source: the charm library dex_auth.v0.dex_oidc_config.
"""

from __future__ import annotations

import dataclasses

from .. import interface, wire


@dataclasses.dataclass(frozen=True)
class OidcConfig:
    """What the provider says."""

    issuer_url: str = wire.field("issuer-url")


INTERFACE = interface.Interface[OidcConfig, None](
    "dex-oidc-config", provider=OidcConfig, requirer=None
)
