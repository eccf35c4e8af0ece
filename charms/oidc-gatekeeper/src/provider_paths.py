# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The provider's paths at the gateway: what of them needs no login.

Source: of Dex 2.41, server/server.go.
"""

from __future__ import annotations

import urllib.parse

ENDPOINTS = (
    ".well-known/openid-configuration",
    "approval",
    "auth",
    "callback",
    "device",
    "healthz",
    "keys",
    "robots.txt",
    "static/",
    "theme/",
    "token",
    "userinfo",
)


def base(issuer: str) -> str:
    """Return the path of the provider's URL, without a slash at its end; perhaps nothing."""
    return urllib.parse.urlsplit(issuer).path.rstrip("/")


def endpoints(issuer: str) -> tuple[str, ...]:
    """Return the beginnings of the paths at which users log in.

    A provider without a path of its own has a host of its own, and none is at the gateway. Nothing
    shorter than an endpoint is exempt: the URL's path may be that of something else.
    """
    path = base(issuer)
    return tuple(f"{path}/{name}" for name in ENDPOINTS) if path else ()
