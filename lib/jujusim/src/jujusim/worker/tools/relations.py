"""Hook tools about relations and their databags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from ops import testing

from .desk import Call, Desk, ToolError, mapping
from .registry import tool


@tool("relation-ids")
def relation_ids(desk: Desk, call: Call) -> list[str]:
    """The ids of an endpoint's relations; that of the hook's relation by default."""
    name = call.most(1)[0] if call.words else desk.job.event.subject
    if not call.words and desk.job.event.relation < 0:
        raise ToolError("no endpoint name specified", 2)
    return [f"{name}:{number}" for number in desk.backend.relation_ids(name)]


@tool("relation-list", values=("r", "relation"), switches=("app",))
def relation_list(desk: Desk, call: Call) -> str | list[str]:
    """The units of the other side, or its application."""
    call.most(0)
    relation = _relation(desk, call)
    if call.on("app"):
        return _remote_app(desk, relation)
    return list(desk.backend.relation_list(relation.id))


@tool("relation-get", values=("r", "relation"), switches=("app",))
def relation_get(desk: Desk, call: Call) -> Any:
    """A databag, or one of its values."""
    words = call.most(2)
    relation = _relation(desk, call)
    whose = words[1] if len(words) > 1 else _default_owner(desk, app=call.on("app"))
    bag = _app_bag(desk, relation, whose) if call.on("app") else _unit_bag(desk, relation, whose)
    key = words[0] if words else "-"
    return dict(sorted(bag.items())) if key in ("-", "") else bag.get(key)


@tool("relation-set", values=("r", "relation", "file"), switches=("app",), formats=False)
def relation_set(desk: Desk, call: Call) -> None:
    """Write into the unit's databag, or as the leader into the application's."""
    relation = _relation(desk, call)
    data = _settings(call.content(call.options["file"])) if "file" in call.options else {}
    for word in call.words:
        key, equals, value = word.partition("=")
        if not (key and equals):
            raise ToolError(f'expected "key=value", got "{word}"', 2)
        data[key] = value
    if call.on("app") and not desk.leader:
        raise ToolError("cannot write relation settings")
    desk.backend.relation_set(relation.id, data, call.on("app"))


@tool("relation-model-get", values=("r", "relation"))
def relation_model_get(desk: Desk, call: Call) -> dict[str, Any]:
    """The model of the other side."""
    call.most(0)
    return desk.backend.relation_model_get(_relation(desk, call).id)


@tool("goal-state")
def goal_state(desk: Desk, call: Call) -> dict[str, Any]:
    """Units and relations as they are to be."""
    call.most(0)
    since = {"since": "1970-01-01 00:00:00Z"}
    units = {
        unit.name: {"status": "dying" if unit.dying else unit.workload_status.name, **since}
        for _, unit in sorted(desk.job.unit.app.units.items())
    }
    relations: dict[str, dict[str, Any]] = {}
    for relation in sorted(desk.job.state.relations, key=lambda each: each.id):
        joined = [_remote_app(desk, relation), *desk.backend.relation_list(relation.id)]
        goals = relations.setdefault(relation.endpoint, {})
        goals |= {name: {"status": "joined", **since} for name in joined}
    return {"units": units, "relations": relations}


def relation_number(desk: Desk, given: str) -> int:
    """The number of a relation that is named as ``endpoint:number`` or by its number.

    Raises:
        ToolError: There is none.
    """
    endpoint, _, number = given.rpartition(":")
    try:
        relation = desk.job.state.get_relation(int(number))
    except (KeyError, ValueError):
        relation = None
    if relation is None or endpoint not in ("", relation.endpoint):
        raise ToolError(f'invalid value "{given}" for option -r: relation not found', 2)
    return relation.id


def _relation(desk: Desk, call: Call) -> testing.RelationBase:
    """The relation that is named, or that of the hook."""
    given = call.options.get("r", call.options.get("relation"))
    if given is None:
        if desk.job.event.relation < 0:
            raise ToolError("no relation id specified", 2)
        given = str(desk.job.event.relation)
    return desk.job.state.get_relation(relation_number(desk, given))


def _remote_app(desk: Desk, relation: testing.RelationBase) -> str:
    if isinstance(relation, testing.Relation):
        return relation.remote_app_name
    return desk.job.unit.app.name


def _default_owner(desk: Desk, *, app: bool) -> str:
    event = desk.job.event
    whose = event.remote_app if app else event.remote_unit
    if event.relation < 0 or not whose:
        raise ToolError("no unit id specified", 2)
    return whose


def _app_bag(desk: Desk, relation: testing.RelationBase, whose: str) -> Mapping[str, str]:
    app = whose.partition("/")[0]
    if app == desk.job.unit.app.name:
        # Followers read the application's data in relations with their peers only.
        if desk.leader or isinstance(relation, testing.PeerRelation):
            return relation.local_app_data
        raise ToolError("permission denied")
    if isinstance(relation, testing.Relation) and app == relation.remote_app_name:
        return relation.remote_app_data
    raise ToolError("permission denied")


def _unit_bag(desk: Desk, relation: testing.RelationBase, whose: str) -> Mapping[str, str]:
    if whose == desk.job.unit.name:
        return relation.local_unit_data
    app, _, number = whose.partition("/")
    bags: Mapping[int, Mapping[str, str]] = {}
    if isinstance(relation, testing.Relation):
        bags = relation.remote_units_data
    elif isinstance(relation, testing.PeerRelation):
        bags = relation.peers_data
    if app != _remote_app(desk, relation) or not number.isdecimal() or int(number) not in bags:
        raise ToolError("permission denied")
    return bags[int(number)]


def _settings(content: bytes) -> dict[str, str]:
    """A mapping of texts; a number or a date in it is a text as well."""
    try:
        found = mapping(content)
    except (ValueError, yaml.YAMLError) as error:
        raise ToolError(f"cannot parse settings: {error}") from error
    if not all(isinstance(value, str) for value in found.values()):
        raise ToolError("cannot parse settings: expected a mapping of texts")
    return {str(key): str(value) for key, value in found.items()}
