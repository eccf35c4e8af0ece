"""A Juju interface: what each side says, and how it is written."""

from __future__ import annotations

import dataclasses
from typing import Generic, TypeVar

Provided = TypeVar("Provided")
Required = TypeVar("Required")


@dataclasses.dataclass(frozen=True)
class Interface(Generic[Provided, Required]):
    """What goes over a relation, in the application databags.

    Args:
        name: the name of the interface in charmcraft.yaml.
        provider: the dataclass of what the provider says, or None if it says nothing.
        requirer: the dataclass of what the requirer says, or None if it says nothing.
        versions: for a serialized-data-interface relation, the versions that are spoken; empty
            means plain databag keys.
        secret_version: the version from which on secret fields travel in a Juju secret, whose id
            stands under `secret`; they are in clear in older versions.
        provider_version: the version from which on the provider says anything.
        secret_keys: for a relation with plain keys, those that hold the id of a Juju secret. The
            keys in the secret count as if they stood in the databag.
    """

    name: str
    provider: type[Provided] | None
    requirer: type[Required] | None
    versions: tuple[str, ...] = ()
    secret_version: str = ""
    provider_version: str = ""
    secret_keys: tuple[str, ...] = ()
