# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`mysql_client`: a database on MySQL, and a user who may use it.

Wire format, plain keys in application databags. The requirer writes `database`, the name that it
wants, and `requested-secrets`, a JSON list of the keys that it takes in a Juju secret. The
provider writes `endpoints`, `host:port` of the primary, several of them separated by commas;
`secret-user`, the id of a secret with `username` and `password`; and, where it serves TLS,
`secret-tls`, the id of one with `tls` and `tls-ca`. A provider that knows no secrets writes the
four keys themselves.

The primary's name stays the same when another unit takes over. mysql-k8s writes it as a full name
that ends with a dot. A password that is changed comes as a new revision of the secret.

Source: the charm library data_platform_libs.v0.data_interfaces, and mysql-k8s's relations.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface

SECRETS = ("username", "password", "tls", "tls-ca", "uris")
"""What the published charms take in a secret."""


@dataclasses.dataclass(frozen=True)
class DatabaseRequest:
    """What the requirer sends: the name of the database, and what it takes in a secret."""

    database: str
    requested_secrets: tuple[str, ...] = wire.field("requested-secrets", default=SECRETS)


@dataclasses.dataclass(frozen=True)
class Database:
    """What the provider sends.

    Args:
        endpoints: `host:port` of the primary, or several separated by commas.
        username: the user.
        password: the user's password.
        tls: `True` if the server has a certificate that clients can check.
        tls_ca: the CA of that certificate, PEM.

    Raises:
        ValueError: if the endpoint is no host and port.
    """

    endpoints: str
    username: str
    password: str
    tls: str = wire.field(default="")
    tls_ca: str = wire.field("tls-ca", default="")

    def __post_init__(self) -> None:
        host, _, port = self._address
        if not host or not port.isdecimal():
            raise ValueError("endpoints is not a host and a port")

    @property
    def host(self) -> str:
        """The primary's host, as the provider has it."""
        return self._address[0]

    @property
    def port(self) -> str:
        """The primary's port."""
        return self._address[2]

    @property
    def has_tls(self) -> bool:
        """Whether the server has a certificate that clients can check."""
        return self.tls.lower() == "true"

    @property
    def _address(self) -> tuple[str, str, str]:
        return self.endpoints.partition(",")[0].strip().rpartition(":")


INTERFACE = Interface[Database, DatabaseRequest](
    "mysql_client",
    endpoint="relational-db",
    codec=wire.Plain(secret_keys=("secret-user", "secret-tls")),
    provider=Database,
    requirer=DatabaseRequest,
    examples=(
        Database("mysql-primary.example.svc.cluster.local.:3306", "relation-7", "a-password"),
        DatabaseRequest("a_database"),
    ),
)


class Provider(relations.Provider[Database, DatabaseRequest]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[DatabaseRequest, Database]):
    """The requiring end."""

    interface = INTERFACE
