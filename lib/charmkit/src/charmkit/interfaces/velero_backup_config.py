# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`velero_backup_config`: what Velero should back up.

Wire format (application databag of the provider): `model`, `app`, `relation_name` as text, `spec`
as JSON with all seven fields, null where they do not matter.

Source: the charm library velero_libs.v0.velero_backup_config.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import ops

from .. import relations
from .._interface import Interface

_SPEC = (
    "include_namespaces",
    "include_resources",
    "exclude_namespaces",
    "exclude_resources",
    "label_selector",
    "ttl",
    "include_cluster_resources",
)


@dataclasses.dataclass(frozen=True)
class Backup:
    """What the provider sends."""

    model: str
    app: str
    relation_name: str
    spec: dict[str, Any]


def backup(charm: ops.CharmBase, relation_name: str, **spec: Any) -> Backup:
    """Return what to back up for a charm.

    Args:
        charm: the charm.
        relation_name: its endpoint.
        spec: fields of the backup, for example `include_resources`.

    Raises:
        TypeError: if Velero's charm does not know the field.
    """
    unknown = set(spec) - set(_SPEC)
    if unknown:
        raise TypeError(f"no fields of a backup: {', '.join(sorted(unknown))}")
    full = {name: spec.get(name) for name in _SPEC}
    return Backup(charm.model.name, charm.app.name, relation_name, full)


INTERFACE = Interface[Backup, None](
    "velero_backup_config", endpoint="velero-backup-config", provider=Backup
)


class Provider(relations.Provider[Backup, None]):
    """The providing end."""

    interface = INTERFACE


class Volumes(Provider):
    """The providing end of an application whose volumes are backed up.

    Args:
        charm: the charm.
    """

    def __init__(self, charm: ops.CharmBase) -> None:
        super().__init__(charm, data=self._volumes)

    def _volumes(self) -> Backup:
        return backup(
            self.charm,
            self.name,
            include_namespaces=[self.charm.model.name],
            include_resources=["persistentvolumeclaims", "persistentvolumes"],
            label_selector={"app.kubernetes.io/name": self.charm.app.name},
        )


class Requirer(relations.Requirer[None, Backup]):
    """The requiring end."""

    interface = INTERFACE
