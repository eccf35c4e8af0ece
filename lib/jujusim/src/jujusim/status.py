# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The status of a model as ``juju status`` shows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .entities import Application, Relation, Status

# Juju's statusSeverities: the most severe status of the units is the application's.
_SEVERITY = ("error", "blocked", "maintenance", "waiting", "active", "terminated", "unknown")


@dataclass(frozen=True)
class UnitStatus:
    """A unit's line."""

    name: str
    status: Status
    leader: bool
    address: str
    workload_version: str = ""


@dataclass(frozen=True)
class AppStatus:
    """An application's line."""

    name: str
    charm: str
    channel: str
    status: Status
    scale: int
    trust: bool
    version: str
    units: dict[str, UnitStatus] = field(default_factory=dict[str, UnitStatus])


@dataclass(frozen=True)
class RelationStatus:
    """A relation's line."""

    id: int
    interface: str
    provider: str
    requirer: str
    peer: bool


@dataclass(frozen=True)
class ModelStatus:
    """The whole model."""

    model: str
    apps: dict[str, AppStatus]
    relations: list[RelationStatus]

    @property
    def inactive(self) -> dict[str, Status]:
        """Applications that are not active, and units that are not although their app is."""
        found = {name: app.status for name, app in self.apps.items()}
        for app in self.apps.values():
            found.update({unit.name: unit.status for unit in app.units.values()})
        return {name: status for name, status in found.items() if status.name != "active"}


def derive(app: Application) -> Status:
    """Return the application's status: the leader's word, else the most severe of its units."""
    statuses = [unit.workload_status for _, unit in sorted(app.units.items())]
    failed = [status for status in statuses if status.name == "error"]
    if app.status and not failed:
        return app.status
    if not statuses:
        return Status("unknown")
    return min(statuses, key=lambda status: _SEVERITY.index(status.name))


def app_status(app: Application) -> AppStatus:
    """Return an application's line and those of its units."""
    units = {
        unit.name: UnitStatus(
            unit.name, unit.workload_status, unit.is_leader, unit.address, unit.workload_version
        )
        for _, unit in sorted(app.units.items())
    }
    versions = [unit.workload_version for unit in app.units.values() if unit.workload_version]
    return AppStatus(
        name=app.name,
        charm=app.charm.name,
        channel=app.channel,
        status=derive(app),
        scale=len(units),
        trust=app.trust,
        version=versions[0] if versions else "",
        units=units,
    )


def relation_status(relation: Relation) -> RelationStatus:
    """Return a relation's line; the provider comes first."""
    ends = sorted(relation.sides, key=lambda side: side.endpoint.role)
    return RelationStatus(
        relation.id, relation.interface, str(ends[0]), str(ends[-1]), relation.is_peer
    )


def model_status(
    name: str, apps: Iterable[Application], relations: Iterable[Relation]
) -> ModelStatus:
    """Everything."""
    return ModelStatus(
        name,
        {app.name: app_status(app) for app in apps},
        [relation_status(relation) for relation in relations],
    )
