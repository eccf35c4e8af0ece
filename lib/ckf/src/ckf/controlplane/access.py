# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Users of the API server: its token file, and a kubeconfig for each who has a token."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from kubefake import kubeconfig


@dataclass(frozen=True)
class User:
    """One line of the token file; RBAC's built-in roles know these users and groups."""

    name: str
    groups: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


def write_tokens(path: Path, users: list[User]) -> Path:
    """Write the file that `--token-auth-file` names: token, user, uid and groups a line."""
    path.touch(mode=0o600)
    path.write_text(
        "".join(
            f'{user.token},{user.name},{user.name},"{",".join(user.groups)}"\n' for user in users
        )
    )
    return path


def write_kubeconfig(path: Path, url: str, ca: Path, user: User) -> Path:
    """Write a kubeconfig with which `user` reaches the server at `url`."""
    cluster = {"server": url, "certificate-authority": str(ca)}
    return kubeconfig.write(path, "controlplane", cluster, user.name, user.token)
