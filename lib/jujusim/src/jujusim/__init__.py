# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A Juju model in memory that runs real charms: see docs/explanation/simulator.md."""

from .charm import CharmDir, Endpoint
from .entities import Application, Databag, Event, Relation, Side, Status, Unit
from .errors import CharmError, HookError, JujuError, Killed, Livelock, NewEndpoints
from .faults import Faults
from .model import Model
from .pebble import Pebble
from .rights import Granted
from .scheduler import ActionResult
from .secrets import Secret
from .status import AppStatus, ModelStatus, RelationStatus, UnitStatus
from .trace import Record, Trace

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
    "NewEndpoints",
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
