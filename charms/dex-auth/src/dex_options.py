"""The options of the dex-auth charm."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from charmkit import config

METRICS_PORT = 5558

CONNECTOR_TYPES = (
    "atlassian-crowd",
    "authproxy",
    "bitbucket-cloud",
    "gitea",
    "github",
    "gitlab",
    "google",
    "keystone",
    "ldap",
    "linkedin",
    "microsoft",
    "mockCallback",
    "mockPassword",
    "oauth",
    "oidc",
    "openshift",
    "saml",
)
"""Source: Dex, server/server.go, ConnectorsConfig, as of 2.41."""

# Dex refuses a hash that took less work than 2**10 rounds, and above 2**16 a login takes too long.
_BCRYPT = re.compile(r"\$2[aby]?\$(1[0-6])\$[./A-Za-z0-9]{53}")


def _connector(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise ValueError("not a mapping")
    for field in ("type", "id", "name"):
        if not isinstance(entry.get(field), str) or not entry[field]:
            raise ValueError(f"{field} is missing or not text")
    if entry["type"] not in CONNECTOR_TYPES:
        raise ValueError(f"type is not one of {', '.join(CONNECTOR_TYPES)}")
    if not isinstance(entry.get("config", {}), dict):
        raise ValueError("config is not a mapping")
    return entry


def _password(raw: str | None) -> str:
    password = raw or ""
    if password.startswith("$2") and not _BCRYPT.fullmatch(password):
        raise ValueError("a malformed hash")
    if len(password.encode()) > 72:
        raise ValueError("too long")
    return password


def _public_url(raw: str | None) -> str:
    address = (raw or "").rstrip("/")
    return address if "://" in address or not address else f"http://{address}"


@dataclasses.dataclass(frozen=True)
class DexConfig:
    """The options, parsed."""

    port: int = config.port()
    issuer_url: str = config.url()
    public_url: str = config.custom(_public_url, "a URL, or nothing")
    public_issuer: bool = config.boolean()
    enable_password_db: bool = config.boolean()
    static_username: str = config.text()
    static_password: str = config.custom(
        _password,
        "a password of at most 72 bytes, a bcrypt hash of cost 10 to 16, or nothing",
        invalid_example="$2y$04$short",
        secret=True,
    )
    connectors: tuple[dict[str, Any], ...] = config.yaml_list(
        _connector, "connectors, each with type, id and name", invalid_example="[{type: ldap}]"
    )

    def __post_init__(self) -> None:
        if self.port == METRICS_PORT:
            raise config.InvalidConfig("port", f"a port other than {METRICS_PORT}, the metrics'")
        if not self.enable_password_db and not self.connectors:
            accepts = "at least one connector while enable-password-db is false"
            raise config.InvalidConfig("connectors", accepts)
        ids = [connector["id"] for connector in self.connectors]
        twice = {name for name in ids if ids.count(name) > 1}
        if twice:
            raise config.InvalidConfig("connectors", f"each id once, not {min(twice)} twice")

    @property
    def username(self) -> str:
        """The static user's name."""
        return self.static_username or "admin"
