# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A Juju interface: what each side sends, and how it is written."""

from __future__ import annotations

import dataclasses
from typing import Any, Generic, TypeVar

from . import wire

Provided = TypeVar("Provided")
Required = TypeVar("Required")


# Its examples may hold mappings, so it is hashed by identity.
@dataclasses.dataclass(frozen=True, eq=False)
class Interface(Generic[Provided, Required]):
    """What goes over a relation.

    Args:
        name: the name of the interface in charmcraft.yaml.
        endpoint: the usual name of the endpoint; by default the interface's own.
        codec: how application databags are written, `wire.Plain()` or `wire.Sdi(...)`.
        provider: the dataclass that the provider sends, or None if it sends nothing.
        requirer: the dataclass that the requirer sends, or None if it sends nothing.
        provider_unit: the dataclass in the databag of each unit of the provider, or None.
        requirer_unit: the dataclass in the databag of each unit of the requirer, or None.
        examples: valid instances of these dataclasses, for tests; a dataclass whose fields' types
            say enough needs none.
    """

    name: str
    endpoint: str = ""
    codec: wire.Plain | wire.Sdi = dataclasses.field(default_factory=wire.Plain)
    provider: type[Provided] | None = None
    requirer: type[Required] | None = None
    provider_unit: type[Any] | None = None
    requirer_unit: type[Any] | None = None
    examples: tuple[Any, ...] = ()
