# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which hooks a unit may run next: Juju's uniter as a function of what the unit has seen.

The agent compares what it knows with the model, as the resolvers in Juju's
``internal/worker/uniter`` do. Where Juju leaves the order to chance (which watcher reports first,
the order of a map), several events are returned and the seed decides.
"""

from collections.abc import Mapping
from typing import Any

from .entities import Event, Relation, Unit
from .secrets import Store

# About a secret, for the unit that manages it.
OWNERS_HOOKS = ("secret-rotate", "secret-expired", "secret-remove")


def due(unit: Unit, relations: Mapping[int, Relation], secrets: Store) -> list[Event]:
    """Return the events that the unit may run next; empty when it is idle."""
    if unit.removed:
        return []
    if unit.replacing:
        return [Event("stop")] if unit.started and not unit.stopped else []
    if unit.failed:
        return [unit.failed]
    if unit.queued:
        return [unit.queued]
    if unit.dying:
        return _teardown(unit, relations)
    if not unit.installed:
        return [Event("install")]
    if unit.restarted and unit.started:
        return [Event("start")]
    if not unit.started:
        return _startup(unit, relations, secrets)
    return _running(unit, relations, secrets)


def seen(unit: Unit, event: Event) -> None:
    """Record that an event has run and succeeded, and queue what must follow at once."""
    unit.queued = None
    if event.kind.startswith("relation-"):
        _relation_seen(unit, event)
    elif event.kind.startswith("secret-"):
        _secret_seen(unit, event)
    elif event.kind.startswith("pebble-"):
        # It is no longer there if the container restarted during the hook.
        unit.workload_events = [each for each in unit.workload_events if each is not event]
    elif event.kind.startswith("storage-"):
        _storage_seen(unit, event)
    else:
        _lifecycle_seen(unit, event)


def forget_container(unit: Unit, name: str) -> None:
    """A container is gone: nothing that it has reported will be handled any more."""
    unit.workload_events = [event for event in unit.workload_events if event.subject != name]
    failed = unit.failed
    if failed and failed.kind.startswith("pebble-") and failed.subject == name:
        unit.failed = None


def config_version(unit: Unit) -> tuple[int, str, bool]:
    """Return what ``config-changed`` announces: versions of config, address and trust."""
    return (unit.app.config_version, unit.address, unit.app.trust)


def _startup(unit: Unit, relations: Mapping[int, Relation], secrets: Store) -> list[Event]:
    """Created, leader, config, start: in that order; Pebble and storage come at any time."""
    created = _created(unit, relations)
    if created:
        return created
    ordered = _leadership(unit) or _secret_events(unit, secrets) or [Event("config-changed")]
    return ordered + unit.workload_events[:1] + _unattached(unit)


def _running(unit: Unit, relations: Mapping[int, Relation], secrets: Store) -> list[Event]:
    """Return everything that differs; which watcher reports first is chance."""
    events = _created(unit, relations) + _leadership(unit) + unit.workload_events[:1]
    events += _secret_events(unit, secrets) + _unattached(unit)
    if unit.charm_version != unit.pod_version:
        return [*events, Event("upgrade-charm")]
    if unit.config_seen != config_version(unit):
        events.append(Event("config-changed"))
    events += _relation_events(unit, relations)
    if not events and unit.update_status_due:
        events.append(Event("update-status"))
    return events


def _teardown(unit: Unit, relations: Mapping[int, Relation]) -> list[Event]:
    """Storage first, then relations, stop and remove."""
    detaching = [Event("storage-detaching", name) for name in sorted(unit.attached)]
    events = detaching or _relation_events(unit, relations)
    if events:
        return events
    if unit.started and not unit.stopped:
        return [Event("stop")]
    return [Event("remove")]


def _unattached(unit: Unit) -> list[Event]:
    waiting = sorted(set(unit.storages) - unit.attached)
    return [Event("storage-attached", name) for name in waiting]


def _created(unit: Unit, relations: Mapping[int, Relation]) -> list[Event]:
    return [
        _about(relation, unit, "relation-created")
        for relation in relations.values()
        if relation.joins(unit.app.name)
        and not (relation.dying or relation.late)
        and relation.id in unit.relations
        and not unit.relations[relation.id].created
    ]


def _leadership(unit: Unit) -> list[Event]:
    if unit.app.leader == unit.number:
        return [] if unit.leader else [Event("leader-elected")]
    return [] if unit.leader_known else [Event("leader-settings-changed")]


def _secret_events(unit: Unit, secrets: Store) -> list[Event]:
    events = unit.secret_events[:1]
    for secret_id, known in unit.secret_revisions.items():
        secret = secrets.secrets.get(secret_id)
        if secret is None or secret.latest == known or secret.managed_by(unit):
            continue
        if secret.readable_by(unit):
            events.append(Event("secret-changed", secret_id, version=secret.latest))
    return events


def _relation_events(unit: Unit, relations: Mapping[int, Relation]) -> list[Event]:
    """Return at most one per relation: inside a relation Juju's order is fixed."""
    mine = [relation for relation in relations.values() if relation.id in unit.relations]
    found = (_relation_event(unit, relation) for relation in mine)
    return [event for event in found if event]


def _relation_event(unit: Unit, relation: Relation) -> Event | None:
    known = unit.relations[relation.id]
    broken = unit.dying or relation.dying
    if not known.created:
        return None
    members = {} if broken else relation.counterparts(unit)
    if known.changed_next:
        version = members.get(known.changed_next, known.members[known.changed_next])
        return _about(relation, unit, "relation-changed", known.changed_next, version=version)
    for member in sorted(known.members):
        if member not in members:
            leaver = unit.name if unit.dying or unit.app.dying else member
            return _about(relation, unit, "relation-departed", member, departing=leaver)
    if broken:
        return None if relation.is_peer else _about(relation, unit, "relation-broken")
    return _news(unit, relation, members)


def _news(unit: Unit, relation: Relation, members: Mapping[str, int]) -> Event | None:
    """Application data first, then who joined, then unit data."""
    known = unit.relations[relation.id]
    app_version = relation.apps[relation.other(unit.app.name).app].version
    if app_version != known.app_version:
        return _about(relation, unit, "relation-changed", version=app_version)
    for member in sorted(members):
        if member not in known.members:
            return _about(relation, unit, "relation-joined", member, version=members[member])
    for member in sorted(members):
        if members[member] != known.members[member]:
            return _about(relation, unit, "relation-changed", member, version=members[member])
    return None


def _about(relation: Relation, unit: Unit, kind: str, remote_unit: str = "", **more: Any) -> Event:
    mine, other = relation.side(unit.app.name), relation.other(unit.app.name)
    return Event(kind, mine.endpoint.name, relation.id, other.app, remote_unit, **more)


def _relation_seen(unit: Unit, event: Event) -> None:
    known = unit.relations[event.relation]
    if event.kind == "relation-created":
        known.created = True
    elif event.kind == "relation-joined":
        known.members[event.remote_unit] = event.version
        known.changed_next = event.remote_unit
    elif event.kind == "relation-changed" and event.remote_unit:
        known.members[event.remote_unit] = event.version
        known.changed_next = ""
    elif event.kind == "relation-changed":
        known.app_version = event.version
    elif event.kind == "relation-departed":
        del known.members[event.remote_unit]
    else:
        del unit.relations[event.relation]


def _secret_seen(unit: Unit, event: Event) -> None:
    if event.kind == "secret-changed":
        unit.secret_revisions[event.subject] = event.version
    elif event in unit.secret_events:
        unit.secret_events.remove(event)


def _storage_seen(unit: Unit, event: Event) -> None:
    if event.kind == "storage-attached":
        unit.attached.add(event.subject)
    else:
        # The volume itself stays mounted as long as the pod.
        unit.attached.discard(event.subject)


def _lifecycle_seen(unit: Unit, event: Event) -> None:
    if event.kind == "install":
        unit.installed = True
    elif event.kind in ("leader-elected", "leader-settings-changed"):
        unit.leader = event.kind == "leader-elected"
        unit.leader_known = True
    elif event.kind == "config-changed":
        unit.config_seen = config_version(unit)
        unit.queued = None if unit.started else Event("start")
    elif event.kind == "start":
        # Before the first start there is nothing to restart.
        unit.started, unit.stopped, unit.restarted = True, False, False
    elif event.kind == "upgrade-charm":
        unit.charm_version = unit.pod_version
        unit.queued = Event("config-changed")
    elif event.kind == "update-status":
        unit.update_status_due = False
    elif event.kind == "stop":
        unit.stopped = True
    elif event.kind == "remove":
        unit.removed = True
