# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""One state transition: the model's part of a unit becomes a state, a hook runs, and back."""

from dataclasses import dataclass, field
from typing import Any

from ops import testing

from . import ops_internals
from .charm import CharmDir
from .entities import Event, Relation, Status, Unit
from .secrets import Draft, bare
from .state import ModelState


@dataclass
class Job:
    """One hook to run.

    Attributes:
        state: What the charm sees.
        secrets: Collects what the hook does with secrets.
        scenario_event: The hook as ops.testing knows it, see `ops_internals`.
        env: Juju's environment variables.
        controller_state: What the charm keeps in the controller (``state-set``).
    """

    model: ModelState
    unit: Unit
    event: Event
    state: testing.State
    secrets: Draft
    scenario_event: Any
    env: dict[str, str]
    controller_state: dict[str, str]

    @property
    def charm(self) -> CharmDir:
        """The charm that the unit's pod runs."""
        return self.unit.charm


@dataclass
class Result:
    """The outcome of one hook.

    Attributes:
        state: The state after the hook; statuses and the version hold even when it failed.
        error: What the charm raised, or None.
        log: ``juju-log`` lines as (level, message).
        failure: Why an action has failed.
        messages: What an action has told the user.
        status_set: Whether the unit's status was set.
    """

    state: testing.State
    error: BaseException | None = None
    log: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    failure: str | None = None
    messages: list[str] = field(default_factory=list[str])
    status_set: bool = False


def prepare(model: ModelState, unit: Unit, event: Event) -> Job:
    """Return what the hook of ``unit`` needs to run."""
    state, secrets = _state(model, unit, event), Draft(model.secrets, unit)
    scenario_event = _scenario_event(model, unit, event, state)
    env, kept = _environment(model, unit, event), dict(unit.controller_state)
    return Job(model, unit, event, state, secrets, scenario_event, env, kept)


def commit(model: ModelState, job: Job, state: testing.State) -> dict[str, Any]:
    """Take what a successful hook wrote into the model, and return its effects for the trace."""
    unit = job.unit
    databags = [
        {"relation": relation.id, "endpoint": relation.endpoint, "bag": bag, "keys": keys}
        for relation in sorted(state.relations, key=lambda each: each.id)
        for bag, keys in _write(model, unit, relation)
    ]
    unit.ports = state.opened_ports
    unit.stored_states = state.stored_states
    unit.deferred = list(state.deferred)
    unit.controller_state = job.controller_state
    return {"databags": databags, "secrets": job.secrets.commit(model.units)}


def record_status(unit: Unit, state: testing.State) -> None:
    """Statuses and the workload's version hold at once, whether or not the hook succeeds."""
    unit.status = Status(state.unit_status.name, state.unit_status.message)
    unit.workload_version = state.workload_version
    if unit.is_leader and state.app_status.name != "unknown":
        unit.app.status = Status(state.app_status.name, state.app_status.message)


def network(unit: Unit) -> testing.Network:
    """Return what ``network-get`` says; egress is the address itself, as a /32."""
    bound = testing.BindAddress([testing.Address(unit.address)])
    return testing.Network(
        "juju-info",
        [bound],
        ingress_addresses=[unit.address],
        egress_subnets=[f"{unit.address}/32"],
    )


def unit_settings(address: str) -> dict[str, str]:
    """Return what Juju itself writes into a unit's databag when it enters a relation."""
    return {
        "egress-subnets": f"{address}/32",
        "ingress-address": address,
        "private-address": address,
    }


def _write(
    model: ModelState, unit: Unit, written: testing.RelationBase
) -> list[tuple[str, list[str]]]:
    relation = model.relations.get(written.id)
    if relation is None:
        return []
    result: list[tuple[str, list[str]]] = []
    bags = [(unit.name, relation.units.get(unit.name), written.local_unit_data)]
    if unit.is_leader:
        bags.append((unit.app.name, relation.apps[unit.app.name], written.local_app_data))
    for name, bag, content in bags:
        keys = bag.replace(content) if bag else []
        if keys:
            result.append((name, keys))
    return result


def _state(model: ModelState, unit: Unit, event: Event) -> testing.State:
    app_status = unit.app.status if unit.is_leader and unit.app.status else Status("unknown")
    attaching = {event.subject} if event.kind == "storage-attached" else set[str]()
    return testing.State(
        config=unit.app.config,
        relations=[
            _relation(model.relations[number], unit, event)
            for number in sorted(unit.relations)
            if number in model.relations
        ],
        networks=[network(unit)],
        containers=[
            testing.Container(name, can_connect=pebble.connected)
            for name, pebble in unit.containers.items()
        ],
        storages=[_storage(name) for name in sorted(unit.attached | attaching)],
        opened_ports=unit.ports,
        leader=unit.is_leader,
        model=model.scenario_model,
        planned_units=unit.app.planned_units,
        deferred=unit.deferred,
        stored_states=unit.stored_states,
        app_status=_scenario_status(app_status),
        unit_status=_scenario_status(unit.status),
        workload_version=unit.workload_version,
    )


def _relation(relation: Relation, unit: Unit, event: Event) -> testing.RelationBase:
    mine = relation.side(unit.app.name).endpoint
    remote = _remote_units(relation, unit, event)
    bag = relation.units.get(unit.name) or relation.gone.get(unit.name)
    common: dict[str, Any] = {
        "id": relation.id,
        "local_app_data": relation.apps[unit.app.name].content,
        "local_unit_data": bag.content if bag else {},
    }
    if relation.is_peer:
        return testing.PeerRelation(mine.name, mine.interface, peers_data=remote, **common)
    other = relation.other(unit.app.name)
    return testing.Relation(
        mine.name,
        mine.interface,
        remote_app_name=other.app,
        remote_app_data=relation.apps[other.app].content,
        remote_units_data=remote,
        limit=mine.limit or 1,
        **common,
    )


def _remote_units(relation: Relation, unit: Unit, event: Event) -> dict[int, dict[str, str]]:
    """Return databags of units that have joined, and of the one the hook is about."""
    names = set(unit.relations[relation.id].members)
    if event.relation == relation.id and event.remote_unit:
        names.add(event.remote_unit)
    bags = {name: relation.units.get(name) or relation.gone.get(name) for name in sorted(names)}
    return {int(name.partition("/")[2]): dict(bag.content) for name, bag in bags.items() if bag}


def _storage(name: str) -> testing.Storage:
    kind, _, index = name.partition("/")
    return testing.Storage(kind, index=int(index))


def _scenario_status(status: Status) -> Any:
    known = {
        "active": testing.ActiveStatus,
        "blocked": testing.BlockedStatus,
        "waiting": testing.WaitingStatus,
        "maintenance": testing.MaintenanceStatus,
        "error": testing.ErrorStatus,
    }
    return known[status.name](status.message) if status.name in known else testing.UnknownStatus()


def _scenario_event(model: ModelState, unit: Unit, event: Event, state: testing.State) -> Any:
    subject, kind = event.subject.partition("/")[0], event.kind.replace("-", "_")
    if kind == "action":
        return testing.CharmEvents.action(event.subject, event.params, "1")
    about: dict[str, Any] = {}
    if event.relation >= 0:
        about["relation"] = state.get_relation(event.relation)
        about["relation_remote_unit_id"] = _number(event.remote_unit)
        about["relation_departed_unit_id"] = _number(event.departing)
    elif event.kind.startswith("secret-"):
        return ops_internals.scenario_event(kind, **_about_secret(model, unit, event))
    elif event.kind.startswith("storage-"):
        about["storage"] = _storage(event.subject)
    elif event.kind.startswith("pebble-"):
        about["container"] = state.get_container(event.subject)
        about |= {"check_info": testing.CheckInfo(event.check)} if event.check else {}
    return ops_internals.scenario_event(f"{subject}_{kind}" if subject else kind, **about)


def _about_secret(model: ModelState, unit: Unit, event: Event) -> dict[str, Any]:
    """Who owns the secret is Juju's business here."""
    label, id_ = model.secret_label(unit, event.subject), f"secret:{bare(event.subject)}"
    secret = testing.Secret({"-": "-"}, id=id_, label=label or None)
    return {"secret": secret, "secret_revision": event.revision or None}


def _number(unit: str) -> int | None:
    return int(unit.partition("/")[2]) if unit else None


def _environment(model: ModelState, unit: Unit, event: Event) -> dict[str, str]:
    """Juju's variables: https://documentation.ubuntu.com/juju/3.6/reference/hook/."""
    action = event.kind == "action"
    path = f"actions/{event.subject}" if action else f"hooks/{event.name}"
    env = {
        "JUJU_VERSION": model.juju_version,
        "JUJU_UNIT_NAME": unit.name,
        "JUJU_MODEL_NAME": model.name,
        "JUJU_MODEL_UUID": model.uuid,
        "JUJU_CHARM_DIR": str(unit.charm.root),
        "JUJU_DISPATCH_PATH": path,
        "JUJU_HOOK_NAME": "" if action else event.name,
    }
    return {**env, **_event_environment(model, unit, event)}


def _event_environment(model: ModelState, unit: Unit, event: Event) -> dict[str, str]:
    if event.kind == "action":
        return {"JUJU_ACTION_NAME": event.subject, "JUJU_ACTION_UUID": "1"}
    if event.relation >= 0:
        departing = {"JUJU_DEPARTING_UNIT": event.departing} if event.departing else {}
        return {
            "JUJU_RELATION": event.subject,
            "JUJU_RELATION_ID": f"{event.subject}:{event.relation}",
            "JUJU_REMOTE_APP": event.remote_app,
            "JUJU_REMOTE_UNIT": event.remote_unit,
            **departing,
        }
    if event.kind.startswith("storage-"):
        return {"JUJU_STORAGE_ID": event.subject}
    if event.kind.startswith("pebble-"):
        check = {"JUJU_PEBBLE_CHECK_NAME": event.check} if event.check else {}
        return {"JUJU_WORKLOAD_NAME": event.subject, **check}
    if event.kind.startswith("secret-"):
        return {
            "JUJU_SECRET_ID": f"secret:{event.subject}",
            "JUJU_SECRET_LABEL": model.secret_label(unit, event.subject),
            **({"JUJU_SECRET_REVISION": str(event.revision)} if event.revision else {}),
        }
    return {}
