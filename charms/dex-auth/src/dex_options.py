# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the dex-auth charm."""

from __future__ import annotations

import dataclasses
import re
import urllib.parse
from typing import Any

import dex_connectors
from charmkit import config

METRICS_PORT = 5558

# Dex refuses a hash that took less work than 2**10 rounds, and above 2**16 a login takes too long.
_BCRYPT = re.compile(r"\$2[aby]?\$(1[0-6])\$[./A-Za-z0-9]{53}")


def _password(raw: str | None) -> str:
    password = raw or ""
    if password.startswith("$2") and not _BCRYPT.fullmatch(password):
        raise ValueError("a malformed hash")
    if len(password.encode()) > 72:
        raise ValueError("too long")
    return password


def _with_path(url: str) -> str:
    """An issuer's URL; everything below its path is Dex's, and some of it needs no login."""
    if not urllib.parse.urlsplit(url).path and url:
        raise ValueError("no path of its own")
    return url


def _with_scheme(raw: str | None) -> str:
    address = (raw or "").strip()
    return address if "://" in address or not address else f"http://{address}"


def _public(url: str) -> str:
    """The gateway's URL; `/dex` at its end is what is added anyway."""
    return url.removesuffix("/dex")


@dataclasses.dataclass(frozen=True)
class DexConfig:
    """The options, parsed."""

    port: int = config.port()
    issuer_url: str = config.url(
        check=_with_path, more="with a path of its own, for example https://kf.example.com/dex"
    )
    public_url: str = config.url(prepare=_with_scheme, check=_public)
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
        dex_connectors.parse,
        "connectors, each with type, id and name",
        invalid_example="[{type: ldap}]",
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
