# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The entities of a model: applications, units, relations, and hooks as values."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ops import testing

from .charm import CharmDir, Endpoint
from .ops_internals import Reply
from .pebble import Pebble


@dataclass(frozen=True)
class Status:
    """A workload status as ``juju status`` shows it."""

    name: str
    message: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


@dataclass
class Databag:
    """One side's data of a relation; the version grows when the content changes."""

    content: dict[str, str] = field(default_factory=dict[str, str])
    version: int = 0

    def replace(self, content: Mapping[str, str]) -> list[str]:
        """Set the content, and return the keys that changed; an empty value removes its key."""
        wanted = {key: value for key, value in content.items() if value != ""}
        keys = {*wanted, *self.content}
        changed = sorted(key for key in keys if wanted.get(key) != self.content.get(key))
        if changed:
            self.content = wanted
            self.version += 1
        return changed


@dataclass(frozen=True)
class Side:
    """An application's end of a relation."""

    app: str
    endpoint: Endpoint

    def __str__(self) -> str:
        return f"{self.app}:{self.endpoint.name}"


@dataclass
class Relation:
    """A relation between two applications, or between the units of one.

    Attributes:
        id: The number in ``relation-ids``.
        sides: Both ends; a peer relation has one.
        apps: Application databags by application.
        units: Unit databags by unit, of the units that are in scope.
        gone: Unit databags of units that have left and whose departure others may still handle.
        late: Whether no unit has learned of it yet.
    """

    id: int
    sides: tuple[Side, ...]
    apps: dict[str, Databag] = field(default_factory=dict[str, Databag])
    units: dict[str, Databag] = field(default_factory=dict[str, Databag])
    gone: dict[str, Databag] = field(default_factory=dict[str, Databag])
    dying: bool = False
    late: bool = False
    ends: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.ends = frozenset(side.app for side in self.sides)

    @property
    def is_peer(self) -> bool:
        """Tell whether it joins the units of one application."""
        return len(self.sides) == 1

    @property
    def interface(self) -> str:
        """The interface's name."""
        return self.sides[0].endpoint.interface

    def __str__(self) -> str:
        return " ".join(str(side) for side in self.sides)

    def side(self, app: str) -> Side:
        """Return the end that belongs to ``app``."""
        return next(side for side in self.sides if side.app == app)

    def other(self, app: str) -> Side:
        """Return the end that faces ``app``; its own one in a peer relation."""
        return next((side for side in self.sides if side.app != app), self.sides[0])

    def joins(self, app: str) -> bool:
        """Tell whether ``app`` is at one of its ends."""
        return app in self.ends

    def counterparts(self, unit: Unit) -> dict[str, int]:
        """Units that ``unit`` sees in this relation, with the versions of their databags."""
        other = self.other(unit.app.name).app
        return {
            name: bag.version
            for name, bag in self.units.items()
            if name.partition("/")[0] == other and name != unit.name
        }


@dataclass(frozen=True)
class Event:
    """One hook or action for one unit.

    Attributes:
        kind: Juju's name of the hook without its subject, such as ``relation-changed``.
        subject: Endpoint, container, storage (``name/index``), secret id or action name.
        remote_unit: The other unit; empty in hooks about the application's databag.
        departing: The unit that leaves, in ``relation-departed``.
        revision: The secret's revision, in ``secret-expired`` and ``secret-remove``.
        check: The check's name, in ``pebble-check-failed`` and ``pebble-check-recovered``.
        version: The version of what the hook announces; recorded as seen when it has run.
    """

    kind: str
    subject: str = ""
    relation: int = -1
    remote_app: str = ""
    remote_unit: str = ""
    departing: str = ""
    revision: int = 0
    check: str = ""
    version: int = 0
    params: dict[str, Any] = field(default_factory=dict[str, Any], hash=False)

    @property
    def name(self) -> str:
        """The hook's full name, such as ``db-relation-changed``."""
        if self.kind.startswith("secret-") or not self.subject:
            return self.kind
        if self.kind == "action":
            return f"{self.subject}-action"
        return f"{self.subject.partition('/')[0]}-{self.kind}"

    def __str__(self) -> str:
        about = self.remote_unit or (self.remote_app if self.relation >= 0 else "")
        if self.kind.startswith("secret-"):
            about = self.subject
        if self.check:
            about = self.check
        return f"{self.name} ({about})" if about else self.name

    def details(self) -> dict[str, Any]:
        """Return what the event carries besides its name, without empty fields."""
        skipped = {"kind", "version", "params"}
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            key: value
            for key, value in values.items()
            if key not in skipped and value not in ("", -1, 0)
        }


@dataclass
class Seen:
    """One unit's knowledge of one relation; Juju's uniter keeps the same.

    Attributes:
        created: Whether ``relation-created`` has run.
        members: Units that have joined, and the version of their data it has been told about.
        app_version: The version of the other application's data it has been told about.
        changed_next: The unit whose ``-changed`` must follow its ``-joined``.
    """

    created: bool = False
    members: dict[str, int] = field(default_factory=dict[str, int])
    app_version: int = 0
    changed_next: str = ""


@dataclass
class Unit:
    """One unit and what its agent knows.

    The fields in the second group are the agent's local state: hooks are due where they differ
    from the model.

    Attributes:
        charm: What its pod runs; the application's newer charm comes with the next pod.
        folder: Where its containers' files and its storage are kept.
        booting: Containers that have not come up yet.
        pod_version: The application's charm version when its pod started.
        replacing: Whether its pod is being shut down to make room for a new one.
        status_set: Whether the charm has ever set its status.
        controller_state: What the charm keeps in the controller (``state-set``).
    """

    app: Application
    number: int
    charm: CharmDir
    address: str
    folder: pathlib.Path
    status: Status = Status("waiting", "installing agent")
    workload_version: str = ""
    ports: frozenset[testing.Port] = frozenset()
    containers: dict[str, Pebble] = field(default_factory=dict[str, Pebble])
    storages: dict[str, pathlib.Path] = field(default_factory=dict[str, pathlib.Path])
    booting: set[str] = field(default_factory=set[str])
    dying: bool = False
    replacing: bool = False
    status_set: bool = False
    controller_state: dict[str, str] = field(default_factory=dict[str, str])

    installed: bool = False
    started: bool = False
    stopped: bool = False
    removed: bool = False
    restarted: bool = False
    leader: bool = False
    leader_known: bool = False
    charm_version: int = 0
    pod_version: int = 0
    config_seen: tuple[int, str, bool] | None = None
    update_status_due: bool = False
    relations: dict[int, Seen] = field(default_factory=dict[int, Seen])
    attached: set[str] = field(default_factory=set[str])
    workload_events: list[Event] = field(default_factory=list[Event])
    secret_revisions: dict[str, int] = field(default_factory=dict[str, int])
    secret_events: list[Event] = field(default_factory=list[Event])
    queued: Event | None = None
    failed: Event | None = None
    failures: int = 0
    failed_at: int = 0
    stored_states: frozenset[testing.StoredState] = frozenset()
    deferred: list[testing.DeferredEvent] = field(default_factory=list[testing.DeferredEvent])

    @property
    def name(self) -> str:
        """The unit's name, ``app/number``."""
        return f"{self.app.name}/{self.number}"

    @property
    def is_leader(self) -> bool:
        """Tell what ``is-leader`` says: the unit holds the lease, told about it or not."""
        return self.app.leader == self.number

    @property
    def ready(self) -> bool:
        """Tell whether every container is ready, by its Pebble checks."""
        return all(container.healthy() for container in self.containers.values())

    @property
    def workload_status(self) -> Status:
        """Return what ``juju status`` shows: a failed hook hides the charm's own status."""
        if self.failed:
            return Status("error", f'hook failed: "{self.failed.name}"')
        return self.status


@dataclass
class Application:
    """An application and its units.

    Attributes:
        config: Options set by the user; defaults are the charm's.
        config_version: Grows when the config changes.
        charm_version: Grows when the charm is refreshed.
        leader: The number of the unit that holds the lease.
        commands: What commands do in its containers, by container and beginning.
        images: Folders with the files that its containers' images bring along, by container.
        resources: Images by resource, instead of those that the charm names.
        constraints: Constraints by name, see `jujusim.constraints`.
        rollout: Units whose pods are still to be replaced, next one last.
        status: What the leader has set for the application; None means derived from units.
    """

    name: str
    charm: CharmDir
    trust: bool = False
    channel: str = ""
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    config_version: int = 0
    charm_version: int = 0
    units: dict[int, Unit] = field(default_factory=dict[int, Unit])
    next_unit: int = 0
    leader: int | None = None
    rollout: list[int] = field(default_factory=list[int])
    dying: bool = False
    status: Status | None = None
    storage: dict[str, str] = field(default_factory=dict[str, str])
    resources: dict[str, str] = field(default_factory=dict[str, str])
    constraints: dict[str, str] = field(default_factory=dict[str, str])
    pools: dict[str, str] = field(default_factory=dict[str, str])
    images: dict[str, pathlib.Path] = field(default_factory=dict[str, pathlib.Path])
    commands: dict[str, dict[tuple[str, ...], Reply]] = field(
        default_factory=dict[str, "dict[tuple[str, ...], Reply]"]
    )

    @property
    def options(self) -> dict[str, Any]:
        """Return every option's value: the user's, or the charm's default."""
        return {**self.charm.defaults, **self.config}

    @property
    def planned_units(self) -> int:
        """Return how many units are to stay: 0 when the application is being removed."""
        return sum(not unit.dying for unit in self.units.values())
