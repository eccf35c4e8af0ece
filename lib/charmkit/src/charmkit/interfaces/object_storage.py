# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`object-storage`: an S3 endpoint and the keys to it.

Wire format (serialized-data-interface, data of the provider): `service`, `namespace`, `port`,
`secure`, `access-key`, `secret-key`. In v2 the two keys are in a Juju secret; its id is `secret`.

Source of v1: the schema in the published minio charm's metadata.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class ObjectStorage:
    """What the provider sends."""

    service: str
    port: float
    secure: bool
    access_key: str = wire.field("access-key", secret=True)
    secret_key: str = wire.field("secret-key", secret=True)
    namespace: str | None = wire.field(default=None)


INTERFACE = Interface[ObjectStorage, None](
    "object-storage",
    codec=wire.Sdi(("v1", "v2"), secret_version="v2"),  # noqa: S106
    provider=ObjectStorage,
)


class Provider(relations.Provider[ObjectStorage, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, ObjectStorage]):
    """The requiring end."""

    interface = INTERFACE
