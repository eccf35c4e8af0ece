# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the oidc-gatekeeper charm."""

from __future__ import annotations

import dataclasses

from charmkit import config


def _skipped(path: str) -> str:
    """The service compares beginnings of paths, so `/` would let everything pass."""
    if path == "/":
        raise ValueError("/ lets everything pass")
    return path


@dataclasses.dataclass(frozen=True)
class GatekeeperConfig:
    """The options, parsed."""

    client_id: str = config.word()
    client_name: str = config.text(required=True)
    client_secret: str = config.text(secret=True)
    oidc_scopes: str = config.text(required=True)
    ca_bundle: str = config.ca_bundle()
    skip_auth_urls: tuple[str, ...] = config.paths(check=_skipped)
    forward_logs: bool = config.boolean()
    userid_claim: str = config.word()
