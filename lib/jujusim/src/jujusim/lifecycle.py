# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The life of units, pods and relations around the hooks."""

import pathlib
import shutil
from functools import partial
from typing import Any

from . import agent, hook
from . import config as options
from .charm import CharmDir
from .entities import Application, Databag, Event, Relation, Seen, Side, Status, Unit
from .errors import JujuError
from .pebble import Pebble
from .refresh import count
from .state import ModelState

CHARM = "charm"
"""The folder, in a unit's own, that its charm may write to; it is the pod's."""


def add_unit(model: ModelState, app: Application) -> Unit:
    """Make the next unit and start its pod; the number is the pod's ordinal."""
    number = max(app.units, default=-1) + 1
    folder = model.folder / app.name / str(number)
    unit = Unit(app, number, app.charm, model.new_address(), folder)
    unit.charm_version = app.charm_version
    app.units[number] = unit
    _provide_storage(model, unit)
    start_pod(model, unit)
    model.objects.add_unit(unit)
    return unit


def start_pod(model: ModelState, unit: Unit) -> None:
    """A pod starts: its containers come up later, each at its own time."""
    names = unit.charm.containers
    unit.pod_version = unit.app.charm_version
    unit.containers = {
        name: Pebble(name, unit.folder / "containers" / name, model.faults.in_pebble)
        for name in names
    }
    for name, handlers in unit.app.commands.items():
        if name in unit.containers:
            unit.containers[name].commands.update(handlers)
    unit.booting = set(names)
    for name in names:
        agent.forget_container(unit, name)


def boot(unit: Unit, name: str) -> None:
    """A container comes up: empty but for its storage, and Pebble is ready."""
    unit.booting.discard(name)
    unit.containers[name].boot(_mounts(unit, name), unit.app.images.get(name))
    ready = Event("pebble-ready", name)
    unit.workload_events.append(ready)


def restart_container(unit: Unit, name: str) -> None:
    """A container has died and is started again: its files and its plan are lost."""
    unit.containers[name].halt()
    unit.booting.add(name)
    agent.forget_container(unit, name)


def relate(model: ModelState, sides: tuple[Side, ...], *, at_once: bool = True) -> Relation:
    """Make a relation between sides that fit; unless at once, faults may let it come late."""
    relation = Relation(model.next_relation, sides)
    model.next_relation += 1
    relation.apps = {side.app: Databag() for side in sides}
    model.relations[relation.id] = relation
    relation.late = not at_once and model.faults.delays(relation)
    if not relation.late:
        arrive(model, relation)
    return relation


def arrive(model: ModelState, relation: Relation) -> None:
    """A relation that came late is there now."""
    relation.late = False
    for unit in model.units.values():
        if unit.installed and not unit.dying:
            enter_scope(relation, unit)


def replace_pod(model: ModelState, unit: Unit) -> None:
    """The unit's pod is gone and a new one starts.

    With it go the containers' files and whatever the charm kept in StoredState, which lies on the
    pod's emptyDir; storage and what Juju keeps stay.
    """
    unit.replacing = False
    unit.charm = unit.app.charm
    unit.stored_states = frozenset()
    unit.deferred = []
    unit.address = model.new_address()
    unit.restarted = unit.started
    shutil.rmtree(unit.folder / CHARM, ignore_errors=True)
    if unit.installed and not unit.dying:
        for relation in model.relations.values():
            enter_scope(relation, unit)
    start_pod(model, unit)
    model.objects.replace_pod(unit)


_BEFORE = {
    "install": "installing charm software",
    "stop": "stopping charm software",
    "remove": "cleaning up prior to charm deletion",
}


def before(unit: Unit, event: Event) -> None:
    """The status that Juju itself sets before some hooks (runhook.go, beforeHook)."""
    if event.kind in _BEFORE and not (event.kind == "install" and unit.status_set):
        unit.status = Status("maintenance", _BEFORE[event.kind])


def after(model: ModelState, unit: Unit, event: Event) -> None:
    """A hook has succeeded: move the unit and what it belongs to one step on."""
    agent.seen(unit, event)
    if event.kind == "install":
        for relation in model.relations.values():
            enter_scope(relation, unit)
    elif event.kind == "config-changed":
        _renew_settings(model, unit)
    elif event.kind == "start" and not unit.status_set:
        unit.status = Status("unknown")
    elif event.kind == "stop":
        unit.status = Status("maintenance")
    elif event.kind == "relation-broken":
        leave_scope(model.relations[event.relation], unit)
    elif event.kind == "remove":
        remove_unit(model, unit)
    reap(model)


def enter_scope(relation: Relation, unit: Unit) -> None:
    """The unit becomes a member of the relation: the other side sees it from now on."""
    if not relation.joins(unit.app.name) or relation.id in unit.relations:
        return
    if relation.dying or relation.late:
        return
    if relation.is_peer and relation.sides[0].endpoint.name not in unit.charm.endpoints:
        # It comes with the charm that the unit's next pod runs.
        return
    unit.relations[relation.id] = Seen()
    earlier = relation.gone.pop(unit.name, None)
    bag = Databag(version=earlier.version + 1 if earlier else 0)
    bag.replace(hook.unit_settings(unit.address))
    relation.units[unit.name] = bag


def leave_scope(relation: Relation, unit: Unit) -> None:
    """The unit leaves; what it wrote can be read until the others have seen it depart."""
    unit.relations.pop(relation.id, None)
    bag = relation.units.pop(unit.name, None)
    if bag:
        relation.gone[unit.name] = bag


def kill_unit(unit: Unit) -> None:
    """The unit is to be removed."""
    unit.dying = True
    unit.replacing = False
    unit.queued = None
    unit.update_status_due = False
    if not unit.installed:
        unit.removed = True


def remove_unit(model: ModelState, unit: Unit) -> None:
    """The unit is gone, and with it its pod, its own secrets and its lease."""
    app = unit.app
    unit.removed = True
    for relation in model.relations.values():
        leave_scope(relation, unit)
    model.secrets.forget_owner(unit.name)
    model.secrets.forget_consumer(unit.name)
    app.units.pop(unit.number, None)
    model.objects.remove_unit(unit)
    for scratch in ("containers", CHARM):
        shutil.rmtree(unit.folder / scratch, ignore_errors=True)
    if app.leader == unit.number:
        app.leader = None
        elect_any(model, app)


def elect_any(model: ModelState, app: Application) -> None:
    """Somebody claims the lease: any unit that runs, else the first one to come up."""
    candidates = [n for n, unit in sorted(app.units.items()) if unit.installed and not unit.dying]
    if candidates:
        elect(model, app, app.units[model.random.choice(candidates)])


def reap(model: ModelState) -> None:
    """Remove relations that every unit has left, and applications without units."""
    for unit in [unit for unit in model.units.values() if unit.removed]:
        remove_unit(model, unit)
    for relation in [each for each in model.relations.values() if each.dying]:
        _excuse(model, relation)
        if not any(relation.id in unit.relations for unit in model.units.values()):
            _remove_relation(model, relation)
    for app in [app for app in model.apps.values() if app.dying and not app.units]:
        joined = [relation for relation in model.relations.values() if relation.joins(app.name)]
        if all(relation.is_peer for relation in joined):
            for relation in joined:
                _remove_relation(model, relation)
            model.secrets.forget_owner(app.name)
            model.provisioner.later(f"remove {app.name}", partial(_remove_app, model, app), 30)


def _excuse(model: ModelState, relation: Relation) -> None:
    """A unit that has not been told of a relation need not be told that it goes."""
    for unit in model.units.values():
        known = unit.relations.get(relation.id)
        trying = unit.failed is not None and unit.failed.relation == relation.id
        if known and not known.created and not trying:
            leave_scope(relation, unit)


def _remove_relation(model: ModelState, relation: Relation) -> None:
    del model.relations[relation.id]
    model.secrets.revoke_relation(relation.id)


def _remove_app(model: ModelState, app: Application) -> None:
    """Some 45 seconds after its last unit an application is gone, with what carries its labels."""
    del model.apps[app.name]
    model.objects.remove_app(app)
    shutil.rmtree(model.folder / app.name, ignore_errors=True)
    if model.destroyed and not model.apps:
        model.objects.remove_model()


def _renew_settings(model: ModelState, unit: Unit) -> None:
    """Juju writes a pod's new address into every databag of the unit."""
    for number in unit.relations:
        bag = model.relations[number].units.get(unit.name)
        if bag:
            bag.replace({**bag.content, **hook.unit_settings(unit.address)})


def _provide_storage(model: ModelState, unit: Unit) -> None:
    """One directory per declared storage; it outlives pods, and the unit too.

    A unit that comes back under the same number gets the same volume: so do StatefulSets.
    """
    for name, declared in unit.charm.storage.items():
        for index in range(count(declared)[0]):
            path = unit.folder / "storage" / f"{name}-{index}"
            storage = f"{name}/{model.storage_number(path)}"
            path.mkdir(parents=True, exist_ok=True)
            unit.storages[storage] = path


def _mounts(unit: Unit, container: str) -> dict[str, pathlib.Path]:
    declared: list[dict[str, Any]] = unit.charm.containers[container].get("mounts") or []
    mounts: dict[str, pathlib.Path] = {}
    for mount in declared:
        for storage, path in unit.storages.items():
            if storage.partition("/")[0] == mount["storage"]:
                mounts[str(mount["location"])] = path
    return mounts


def refresh(model: ModelState, app: Application, charm: CharmDir) -> None:
    """Every pod is to be replaced, the highest ordinal first."""
    app.charm = charm
    app.charm_version += 1
    # The channel was that of a charm from Charmhub.
    app.channel = ""
    app.config = options.kept(charm, app.config)
    app.rollout = sorted(number for number, unit in app.units.items() if not unit.dying)
    _drop_stale_peers(model, app)
    for endpoint in charm.endpoints.values():
        known = any(
            relation.is_peer
            and relation.joins(app.name)
            and relation.sides[0].endpoint.name == endpoint.name
            for relation in model.relations.values()
        )
        if endpoint.role == "peers" and not known:
            relate(model, (Side(app.name, endpoint),))


def _drop_stale_peers(model: ModelState, app: Application) -> None:
    """Peer relations that the charm does not have are gone at once, without a hook.

    Juju: state/application.go, removeStalePeerRelationsOps.
    """
    for relation in list(model.relations.values()):
        if not relation.is_peer or not relation.joins(app.name):
            continue
        new = app.charm.endpoints.get(relation.sides[0].endpoint.name)
        if new is None or new.role != "peers":
            for unit in app.units.values():
                leave_scope(relation, unit)
            _remove_relation(model, relation)


def roll(app: Application) -> bool:
    """Replace the next pod of a rollout, once the one before it runs again."""
    if any(unit.replacing or unit.restarted or unit.booting for unit in app.units.values()):
        return False
    unit = app.units.get(app.rollout.pop())
    if unit and not unit.dying:
        unit.replacing = True
    return True


def advance(model: ModelState, unit: Unit, chance: float, *, eager: bool) -> bool:
    """Let containers come up, by chance, and pods be replaced; tell whether anything happened.

    If ``eager``, nothing else is to be done in the model, so that what could come up does.
    """
    if unit.replacing and not (unit.started and not unit.stopped):
        replace_pod(model, unit)
        return True
    if unit.booting and (eager or model.random.random() < chance):
        boot(unit, model.random.choice(sorted(unit.booting)))
        return True
    if unit.app.rollout and (eager or model.random.random() < 0.3):
        return roll(unit.app)
    return False


def elect(model: ModelState, app: Application, unit: Unit) -> None:
    """The lease passes to a unit; the one before is told nothing.

    Hooks that only a leader may run are skipped by the unit that led (runhook.go, Prepare); those
    about the application's secrets are the new leader's.
    """
    if app.leader == unit.number:
        return
    for other in app.units.values():
        other.leader = False
        _pass_on(model, other, unit)
    app.leader = unit.number


def _pass_on(model: ModelState, old: Unit, new: Unit) -> None:
    def leaders(event: Event | None) -> bool:
        secret = model.secrets.secrets.get(event.subject) if event else None
        mine = bool(secret and secret.owner == old.app.name)
        return bool(event and mine and event.kind in agent.OWNERS_HOOKS)

    events = [event for event in old.secret_events if leaders(event)]
    old.secret_events = [event for event in old.secret_events if event not in events]
    new.secret_events += [event for event in events if event not in new.secret_events]
    if leaders(old.failed) or (old.failed and old.failed.kind == "leader-elected"):
        old.failed = None


def observe(model: ModelState, unit: Unit) -> None:
    """Look at what a hook has left: Pebble's checks, opened ports and the pod's readiness."""
    probe(unit)
    model.objects.update(unit)


def probe(unit: Unit) -> None:
    """Pebble performs its checks, and the charm is told of each that changes."""
    for name, container in unit.containers.items():
        for check, up in container.probe().items() if container.connected else ():
            set_check(unit, name, check, up=up)


def set_check(unit: Unit, container: str, check: str, *, up: bool) -> None:
    """A check goes down or recovers, and the charm is told."""
    try:
        unit.containers[container].set_check(check, up=up)
    except KeyError:
        raise JujuError(f'{unit.name} has no check "{check}" in container "{container}"') from None
    kind = "pebble-check-recovered" if up else "pebble-check-failed"
    unit.workload_events.append(Event(kind, container, check=check))
