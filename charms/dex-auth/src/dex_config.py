# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Dex's configuration file, its static user, and the URL by which everybody knows it."""

from __future__ import annotations

import json
import urllib.parse
import uuid
from collections.abc import Iterable, Mapping

import charmkit
from charmkit import pebble, wire
from charmkit.interfaces import oidc_client
from dex_options import METRICS_PORT, DexConfig

PATH = "/etc/dex/config.docker.yaml"


def issuer(config: DexConfig, service: str, gateway: str = "") -> str:
    """The URL of Dex: by the options, at the gateway, or that of its Service.

    Args:
        config: the options.
        service: the host name of the Service.
        gateway: the URL of the gateway, if Dex is to be known by it.
    """
    if config.issuer_url:
        return config.issuer_url
    public = config.public_url or gateway
    return f"{public}/dex" if public else f"http://{service}:{config.port}/dex"


def path(issuer_url: str) -> str:
    """The path under which Dex serves everything."""
    return urllib.parse.urlsplit(issuer_url).path or "/"


def layer(namespace: str) -> pebble.Layer:
    """Return the Pebble layer.

    Args:
        namespace: where Dex keeps its state.
    """
    return pebble.layer(
        "dex",
        f"/usr/local/bin/docker-entrypoint dex serve {PATH}",
        summary="Dex",
        environment={
            "KUBERNETES_POD_NAMESPACE": namespace,
            # A dollar in a connector's password is a dollar.
            "DEX_EXPAND_ENV": "false",
        },
        checks=[pebble.http_check(METRICS_PORT, "/healthz/ready")],
    )


def new_user() -> dict[str, str]:
    """A static user's password, and what must stay the same for the user to be the same."""
    import bcrypt

    salt = bcrypt.gensalt().decode()
    password = charmkit.random_text()
    return {
        "user-id": str(uuid.uuid4()),
        "salt": salt,
        "password": password,
        "hash": _hash(password, salt),
    }


def password_hash(config: DexConfig, user: Mapping[str, str]) -> str:
    """The bcrypt hash of the static user's password: from the options, or the generated one."""
    password = config.static_password
    if not password:
        return user["hash"]
    if password.startswith("$2"):
        return password
    if user.get("given") == password:
        return user["given-hash"]
    return _hash(password, user["salt"])


def remembered(config: DexConfig, user: Mapping[str, str]) -> dict[str, str]:
    """The static user with the password from the options and its hash, which takes long to make.

    Returns:
        The same as before, if there is nothing new to remember.
    """
    password = config.static_password
    if password and user.get("given") == password:
        return dict(user)
    own = {name: value for name, value in user.items() if name not in ("given", "given-hash")}
    if not password or password.startswith("$2"):
        return own
    return {**own, "given": password, "given-hash": _hash(password, user["salt"])}


def config_file(
    config: DexConfig,
    issuer_url: str,
    user: Mapping[str, str],
    clients: Iterable[oidc_client.Client],
) -> str:
    """Dex's configuration, as JSON: in YAML, what is text to one parser is a number to another.

    Args:
        config: the options.
        issuer_url: the URL of Dex.
        user: the static user, see `new_user`.
        clients: who may ask Dex to log a user in.
    """
    settings = {
        "issuer": issuer_url,
        "storage": {"type": "kubernetes", "config": {"inCluster": True}},
        "web": {"http": f"0.0.0.0:{config.port}"},
        "telemetry": {"http": f"0.0.0.0:{METRICS_PORT}"},
        "logger": {"level": "info", "format": "text"},
        "oauth2": {"skipApprovalScreen": True},
        "staticClients": [wire.to_mapping(client) for client in clients],
        "connectors": list(config.connectors),
        "enablePasswordDB": config.enable_password_db,
        "staticPasswords": [_static_user(config, user)] if config.enable_password_db else [],
    }
    return _literal(json.dumps(settings, indent=2, sort_keys=True))


def _static_user(config: DexConfig, user: Mapping[str, str]) -> dict[str, str]:
    return {
        "email": config.username,
        "username": config.username,
        "userID": user["user-id"],
        "hash": password_hash(config, user),
    }


def _hash(password: str, salt: str) -> str:
    import bcrypt

    return bcrypt.hashpw(password.encode(), salt.encode()).decode()


def _literal(text: str) -> str:
    """The image's entrypoint runs the file through a template engine; braces in texts are to stay.

    Between texts JSON has no two opening braces side by side.
    """
    return text.replace("{{", r"{\u007b")
