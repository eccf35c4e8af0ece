"""A Juju model in memory that runs real charms: see docs/explanation/simulator.md."""

from __future__ import annotations

from ckf.juju.charm import CharmDir, Endpoint
from ckf.juju.entities import Application, Databag, Relation, Side, Status, Unit
from ckf.juju.errors import CharmError, HookError, JujuError, Killed, Livelock
from ckf.juju.events import Event
from ckf.juju.faults import Faults
from ckf.juju.model import Model
from ckf.juju.pebble import Pebble
from ckf.juju.rights import Granted
from ckf.juju.scheduler import ActionResult
from ckf.juju.secrets import Secret
from ckf.juju.status import AppStatus, ModelStatus, RelationStatus, UnitStatus
from ckf.juju.trace import Record, Trace

__all__ = [
    "ActionResult",
    "AppStatus",
    "Application",
    "CharmDir",
    "CharmError",
    "Databag",
    "Endpoint",
    "Event",
    "Faults",
    "Granted",
    "HookError",
    "JujuError",
    "Killed",
    "Livelock",
    "Model",
    "ModelStatus",
    "Pebble",
    "Record",
    "Relation",
    "RelationStatus",
    "Secret",
    "Side",
    "Status",
    "Trace",
    "Unit",
    "UnitStatus",
]
