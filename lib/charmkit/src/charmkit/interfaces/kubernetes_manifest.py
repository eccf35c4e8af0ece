# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`kubernetes_manifest`: Kubernetes objects that the provider copies into namespaces of users.

Wire format (plain keys, data of the requirer): `kubernetes_manifests`, a JSON list of manifests.
If `is_secret` is exactly `true`, it is the id of a Juju secret instead, whose key `manifests` has
the list. The provider sends nothing. A requirer here always sends a secret, which the published
provider reads as well.

Source: the published charms' library resource_dispatcher.v0.kubernetes_manifests, 0.1 and 0.2.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any, ClassVar, TypeVar

from .. import relations, wire
from .._interface import Interface

T = TypeVar("T")

_LIST = "kubernetes_manifests"
_FLAG = "is_secret"
_SECRET_KEY = "manifests"  # noqa: S105  the name of a key


@dataclasses.dataclass(frozen=True)
class Manifests:
    """What the requirer sends.

    Args:
        manifests: the objects; what is in them the provider checks.
    """

    manifests: tuple[dict[str, Any], ...] = wire.field(_LIST)


class Codec(wire.Plain):
    """Plain keys, with the list in the databag or in a secret."""

    has_secrets: ClassVar[bool] = True

    def encode(
        self, schema: type[Any] | None, data: Any, version: str, keep: wire.KeepSecret
    ) -> dict[str, str]:
        """Return the keys to write; the list goes into a secret."""
        if data is None:
            return super().encode(schema, None, version, keep) | {_FLAG: ""}
        secret_id = keep({_SECRET_KEY: json.dumps(list(data.manifests), sort_keys=True)})
        return {_LIST: secret_id, _FLAG: "true"}

    def decode(self, schema: type[T], bag: wire.Bag, open_secret: wire.OpenSecret) -> T:
        """Read the other side's databag; an application that has sent nothing has no objects."""
        text = bag.get(_LIST) or "[]"
        if bag.get(_FLAG) == "true" and _LIST in bag:
            if not text.startswith("secret:"):
                raise wire.MalformedError(f"{_LIST} is not the id of a secret")
            text = open_secret(text).get(_SECRET_KEY, "[]")
        return wire.from_plain(schema, {_LIST: text})


INTERFACE = Interface[None, Manifests](
    "kubernetes_manifest",
    codec=Codec(),
    requirer=Manifests,
    # What stands in it has to be of the endpoint's kind.
    examples=(Manifests(()),),
)


class Provider(relations.Provider[None, Manifests]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[Manifests, None]):
    """The requiring end."""

    interface = INTERFACE
