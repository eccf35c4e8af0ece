"""`kubernetes_manifest`: objects that resource-dispatcher makes in people's namespaces.

Wire format (application databag of the requirer, plain): `kubernetes_manifests`, a JSON list of
manifests without a namespace; or, with `is_secret` being `true`, the id of a Juju secret with the
same list under `manifests`. Their names are unique over all relations of an endpoint.

Source: the charm library resource_dispatcher.v0.kubernetes_manifests.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Manifests:
    """What the requirer sends."""

    kubernetes_manifests: tuple[dict[str, Any], ...] = wire.field(default=())


INTERFACE = Interface[None, Manifests](
    "kubernetes_manifest", endpoint="secrets", requirer=Manifests
)

class Provider(relations.Provider[None, Manifests]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[Manifests, None]):
    """The requiring end."""

    interface = INTERFACE
