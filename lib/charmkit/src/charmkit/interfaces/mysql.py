# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`mysql`: a database on MySQL and its root user, as older charms hand them out.

Wire format: each unit of the provider writes `database`, `root_password`, `host` and `port` into
its own databag, all of them text. The requirer writes nothing.

Source: the published kfp-api charm.
"""

from __future__ import annotations

import dataclasses

from .. import relations
from .._interface import Interface
from . import mysql_client


@dataclasses.dataclass(frozen=True)
class RootAccess:
    """What each unit of the provider sends."""

    database: str
    root_password: str
    host: str
    port: str

    def as_database(self) -> mysql_client.Database:
        """Return the same as the interface `mysql_client` has it."""
        return mysql_client.Database(f"{self.host}:{self.port}", "root", self.root_password)


INTERFACE = Interface[None, None]("mysql", provider_unit=RootAccess)


class Provider(relations.Provider[None, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, None]):
    """The requiring end."""

    interface = INTERFACE
