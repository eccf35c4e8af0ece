# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Run hooks, one at a time, in an order drawn from the seed."""

import collections
import contextlib
import gc
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from . import agent, dispatch, hook, lifecycle
from .entities import Event, Unit
from .errors import Livelock
from .hook import Job, Result
from .state import ModelState
from .trace import Record


@dataclass(frozen=True)
class ActionResult:
    """The outcome of an action, as ``juju run`` has it.

    Attributes:
        status: ``completed`` or ``failed``.
        log: What the charm logged for the user.
    """

    status: str
    results: dict[str, Any]
    message: str = ""
    log: list[str] = field(default_factory=list[str])


# A failed hook is tried again this often while nothing else in the model changes.
RETRIES = 3
_SEVERE = ("WARNING", "ERROR", "CRITICAL")
# A hook makes thousands of objects that live on, and Python would look for circles each 700.
_COLLECTIONS = (10_000, 10, 10)


def step(model: ModelState) -> Record | None:
    """Run one hook, and return its record; None when there is nothing to do."""
    model.faults.between()
    chosen = _choose(model)
    return _run(model, *chosen)[0] if chosen else None


def settle(model: ModelState, max_hooks: int | None) -> int:
    """Run hooks until every queue is empty, and return how many ran.

    Raises:
        Livelock: More than ``max_hooks`` ran.
    """
    first = len(model.trace)
    last = first + (max_hooks or _plenty(model))
    with _few_collections():
        model.faults.begin()
        _drain(model, last)
        while model.faults.end() or model.objects.noticed():
            # What went wrong is over, or a program has done its part: as in a real model,
            # update-status shows who noticed.
            model.update_status()
            _drain(model, last)
    return len(model.trace) - first


@contextlib.contextmanager
def _few_collections() -> Generator[None]:
    """Collect garbage less often: a fifth of a preview's time, for some megabytes."""
    before = gc.get_threshold()
    gc.set_threshold(*_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _plenty(model: ModelState) -> int:
    """More hooks than any change can cause in a model of this size that comes to rest."""
    members = sum(
        len(relation.counterparts(unit)) + len(unit.relations)
        for unit in model.units.values()
        for relation in model.relations.values()
        if relation.joins(unit.app.name)
    )
    return 500 + 100 * len(model.units) + 20 * members + 100 * model.faults.left


def _drain(model: ModelState, last: int) -> None:
    for unit in model.units.values():
        unit.failures = 0
    while step(model):
        if len(model.trace) > last:
            raise Livelock(_explain(model))


def _run(model: ModelState, unit: Unit, event: Event) -> tuple[Record, Result]:
    if unit.app.leader is None and not unit.dying:
        unit.app.leader = unit.number
    lifecycle.before(unit, event)
    record = Record(len(model.trace) + 1, unit.name, str(event), event.details())
    before = str(unit.workload_status)
    job = hook.prepare(model, unit, event)
    with model.recording(record, unit):
        result = (job.charm.runner or dispatch.run)(job)
    hook.record_status(unit, result.state)
    unit.status_set = unit.status_set or result.status_set
    record.injected = model.faults.taken()
    record.logs = [f"{level}: {text}" for level, text in result.log if level in _SEVERE]
    if result.error is None:
        _succeed(model, job, result, record)
    else:
        _fail(model, unit, event, record, result.error)
    if unit.number in unit.app.units:
        lifecycle.observe(model, unit)
    record.status = (before, str(unit.workload_status))
    model.trace.append(record)
    return record, result


def resolve(model: ModelState, unit: Unit, *, retry: bool) -> None:
    """A person has resolved a failed hook."""
    event, unit.failures = unit.failed, 0
    if event and not retry:
        unit.failed = None
        lifecycle.after(model, unit, event)


def run_action(model: ModelState, unit: Unit, event: Event) -> ActionResult:
    """Run an action; what it raises makes it fail and does not stop the unit."""
    record, result = _run(model, unit, event)
    failure = record.error or result.failure
    status = "completed" if failure is None or failure == "" else "failed"
    return ActionResult(status, result.results, failure or "", result.messages)


def _succeed(model: ModelState, job: Job, result: Result, record: Record) -> None:
    unit, event = job.unit, job.event
    effects = hook.commit(model, job, result.state)
    record.databags, record.secrets = effects["databags"], effects["secrets"]
    record.deferred = [deferred.name for deferred in unit.deferred]
    unit.failed, unit.failures = None, 0
    model.progress += 1
    if event.kind != "action":
        lifecycle.after(model, unit, event)


def _fail(
    model: ModelState, unit: Unit, event: Event, record: Record, error: BaseException
) -> None:
    record.fail(error)
    if event.kind == "action":
        return
    unit.failed = event
    unit.failures += 1
    unit.failed_at = model.progress


def _choose(model: ModelState) -> tuple[Unit, Event] | None:
    order = list(model.units.values())
    model.random.shuffle(order)
    patience, eager = model.faults.patience(), False
    while True:
        moved = [lifecycle.advance(model, unit, patience, eager=eager) for unit in order]
        moved.append(model.provisioner.work(eager=eager))
        for unit in order:
            events = agent.due(unit, model.relations, model.secrets)
            if events and (unit.failed is None or unit.failures < RETRIES - 1):
                return unit, model.random.choice(events)
        if eager and not any(moved):
            return _retry(model, order)
        eager = True


def _retry(model: ModelState, order: list[Unit]) -> tuple[Unit, Event] | None:
    """Nothing else is left: a failed hook is tried again if something has changed since."""
    for unit in order:
        if unit.failed and (unit.failures < RETRIES or unit.failed_at < model.progress):
            return unit, unit.failed
    return None


def _explain(model: ModelState) -> str:
    recent = model.trace[-200:]
    counts = collections.Counter((record.unit, record.event) for record in recent)
    busiest = ", ".join(f"{unit} {event} ({n}x)" for (unit, event), n in counts.most_common(6))
    keys = collections.Counter(
        f"{change['bag']} writes {'/'.join(change['keys'])} on {change['endpoint']}"
        for record in recent
        for change in record.databags
    )
    writes = "; ".join(text for text, _ in keys.most_common(4))
    return f"no end after hook {len(model.trace)}; of the last {len(recent)}: {busiest}. {writes}"
