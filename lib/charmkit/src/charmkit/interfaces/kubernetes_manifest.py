"""`kubernetes_manifest`: objects that resource-dispatcher makes in people's namespaces.

Wire format (application databag of the requirer, plain): `kubernetes_manifests`, a JSON list of
manifests without a namespace; or, with `is_secret` being `true`, the id of a Juju secret with the
same list under `manifests`. Their names are unique over all relations of an endpoint.

Source: the charm library resource_dispatcher.v0.kubernetes_manifests.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import interface, wire


@dataclasses.dataclass(frozen=True)
class Manifests:
    """What the requirer says."""

    kubernetes_manifests: tuple[dict[str, Any], ...] = wire.field(default=())


INTERFACE = interface.Interface[None, Manifests](
    "kubernetes_manifest", provider=None, requirer=Manifests
)
