# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the authentication service is run."""

from __future__ import annotations

from collections.abc import Iterable

import provider_paths
from charmkit import pebble
from gatekeeper_options import GatekeeperConfig

PORT = 8080
PROBE_PORT = 8081
PREFIX = "/authservice"
HOME = "/home/authservice"
CA_DIRECTORY = "/etc/certs/oidc"
CA_BUNDLE = f"{CA_DIRECTORY}/root-ca.pem"
USER_HEADER = "kubeflow-userid"


def layer(
    config: GatekeeperConfig, *, issuer: str, secret: str, exempt_paths: Iterable[str]
) -> pebble.Layer:
    """Return the Pebble layer; the provider's URL, and all paths at it, come from the relation.

    Args:
        config: the options.
        issuer: the URL of the OpenID Connect provider.
        secret: the secret by which the provider knows the service.
        exempt_paths: the beginnings of paths that need no login.
    """
    return pebble.layer(
        "oidc-authservice",
        f"{HOME}/oidc-authservice",
        summary="OIDC authentication service",
        environment={
            **_environment(config, issuer),
            "CLIENT_SECRET": secret,
            "SKIP_AUTH_URLS": ",".join(exempt_paths),
        },
        working_dir=HOME,
        checks=[pebble.http_check(PROBE_PORT, "/")],
    )


def _environment(config: GatekeeperConfig, issuer: str) -> dict[str, str]:
    path = provider_paths.base(issuer)
    bundle = {"CA_BUNDLE": CA_BUNDLE} if config.ca_bundle else {}
    return {
        "AFTER_LOGIN_URL": "/",
        "AFTER_LOGOUT_URL": "/",
        "AUTHSERVICE_URL_PREFIX": f"{PREFIX}/",
        "CLIENT_ID": config.client_id,
        # Browsers reach a provider below the gateway by the path alone.
        "OIDC_AUTH_URL": f"{path or issuer.rstrip('/')}/auth",
        "OIDC_PROVIDER": issuer,
        "OIDC_SCOPES": config.oidc_scopes,
        "OIDC_STATE_STORE_PATH": "oidc_state.db",
        "SERVER_PORT": str(PORT),
        "SESSION_STORE_PATH": "bolt.db",
        "USERID_CLAIM": config.userid_claim,
        "USERID_HEADER": USER_HEADER,
        "USERID_PREFIX": "",
        **bundle,
    }
