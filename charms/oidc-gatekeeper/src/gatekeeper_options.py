"""The options of the oidc-gatekeeper charm."""

from __future__ import annotations

import dataclasses

from charmkit import config


def _pem(raw: str | None) -> str:
    text = (raw or "").strip()
    if text and not (text.startswith("-----BEGIN") and text.endswith("-----")):
        raise ValueError("no PEM")
    return f"{text}\n" if text else ""


def _paths(raw: str | None) -> tuple[str, ...]:
    paths = [path.strip() for path in (raw or "").split(",") if path.strip()]
    for path in paths:
        if not path.startswith("/"):
            raise ValueError(path)
    return tuple(paths)


@dataclasses.dataclass(frozen=True)
class GatekeeperConfig:
    """The options, parsed."""

    client_id: str = config.text(required=True)
    client_name: str = config.text(required=True)
    client_secret: str = config.text(secret=True)
    oidc_scopes: str = config.text(required=True)
    ca_bundle: str = config.custom(
        _pem, "certificates, PEM, or nothing", invalid_example="no certificate"
    )
    skip_auth_urls: tuple[str, ...] = config.custom(
        _paths,
        "paths, separated by commas, each beginning with a slash",
        invalid_example="no/slash",
    )
    userid_claim: str = config.text(required=True)
