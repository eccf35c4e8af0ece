# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hook tools about relations and their databags."""

from collections.abc import Mapping
from typing import Any

import yaml
from ops import testing

from .registry import Call, HookToolContext, ToolError, mapping, tool


@tool("relation-ids")
def relation_ids(hook: HookToolContext, call: Call) -> list[str]:
    """Return the ids of an endpoint's relations; that of the hook's relation by default."""
    name = call.most(1)[0] if call.words else hook.job.event.subject
    if not call.words and hook.job.event.relation < 0:
        raise ToolError("no endpoint name specified", 2)
    return [f"{name}:{number}" for number in hook.backend.relation_ids(name)]


@tool("relation-list", words=0, values=("relation",), switches=("app",))
def relation_list(hook: HookToolContext, call: Call) -> str | list[str]:
    """Return the units of the other side, or its application."""
    relation = _relation(hook, call)
    if call.on("app"):
        return hook.backend.remote_app(relation.id)
    return list(hook.backend.relation_list(relation.id))


@tool("relation-get", values=("relation",), switches=("app",))
def relation_get(hook: HookToolContext, call: Call) -> Any:
    """Return a databag, or one of its values."""
    words = call.most(2)
    relation = _relation(hook, call)
    whose = words[1] if len(words) > 1 else _default_owner(hook, app=call.on("app"))
    bag = _app_bag(hook, relation, whose) if call.on("app") else _unit_bag(hook, relation, whose)
    key = words[0] if words else "-"
    return dict(sorted(bag.items())) if key in ("-", "") else bag.get(key)


@tool("relation-set", values=("relation", "file"), switches=("app",), formats=False)
def relation_set(hook: HookToolContext, call: Call) -> None:
    """Write into the unit's databag, or as the leader into the application's."""
    relation = _relation(hook, call)
    data = _settings(call.content(call.options["file"])) if "file" in call.options else {}
    data |= call.pairs()
    if call.on("app") and not hook.leader:
        raise ToolError("cannot write relation settings")
    hook.backend.relation_set(relation.id, data, call.on("app"))


@tool("relation-model-get", words=0, values=("relation",))
def relation_model_get(hook: HookToolContext, call: Call) -> dict[str, Any]:
    """Return the model of the other side."""
    return hook.backend.relation_model_get(_relation(hook, call).id)


@tool("goal-state", words=0)
def goal_state(hook: HookToolContext, _: Call) -> dict[str, Any]:
    """Return units and relations as they are to be."""
    since = {"since": "1970-01-01 00:00:00Z"}
    units = {
        unit.name: {"status": "dying" if unit.dying else unit.workload_status.name, **since}
        for _, unit in sorted(hook.job.unit.app.units.items())
    }
    relations: dict[str, dict[str, Any]] = {}
    for relation in sorted(hook.job.state.relations, key=lambda each: each.id):
        joined = [hook.backend.remote_app(relation.id), *hook.backend.relation_list(relation.id)]
        goals = relations.setdefault(relation.endpoint, {})
        goals |= {name: {"status": "joined", **since} for name in joined}
    return {"units": units, "relations": relations}


def relation_number(hook: HookToolContext, given: str) -> int:
    """Return the number of a relation that is named as ``endpoint:number`` or by its number.

    Raises:
        ToolError: There is none.
    """
    endpoint, _, number = given.rpartition(":")
    try:
        relation = hook.job.state.get_relation(int(number))
    except (KeyError, ValueError):
        relation = None
    if relation is None or endpoint not in ("", relation.endpoint):
        raise ToolError(f'invalid value "{given}" for option -r: relation not found', 2)
    return relation.id


def _relation(hook: HookToolContext, call: Call) -> testing.RelationBase:
    """Return the relation that is named, or that of the hook."""
    given = call.options.get("relation")
    if given is None:
        if hook.job.event.relation < 0:
            raise ToolError("no relation id specified", 2)
        given = str(hook.job.event.relation)
    return hook.job.state.get_relation(relation_number(hook, given))


def _default_owner(hook: HookToolContext, *, app: bool) -> str:
    event = hook.job.event
    whose = event.remote_app if app else event.remote_unit
    if event.relation < 0 or not whose:
        raise ToolError("no unit id specified", 2)
    return whose


def _app_bag(
    hook: HookToolContext, relation: testing.RelationBase, whose: str
) -> Mapping[str, str]:
    app = whose.partition("/")[0]
    if app == hook.job.unit.app.name:
        # Followers read the application's data in relations with their peers only.
        if hook.leader or isinstance(relation, testing.PeerRelation):
            return relation.local_app_data
        raise ToolError("permission denied")
    if isinstance(relation, testing.Relation) and app == relation.remote_app_name:
        return relation.remote_app_data
    raise ToolError("permission denied")


def _unit_bag(
    hook: HookToolContext, relation: testing.RelationBase, whose: str
) -> Mapping[str, str]:
    if whose == hook.job.unit.name:
        return relation.local_unit_data
    app, _, number = whose.partition("/")
    bags: Mapping[int, Mapping[str, str]] = {}
    if isinstance(relation, testing.Relation):
        bags = relation.remote_units_data
    elif isinstance(relation, testing.PeerRelation):
        bags = relation.peers_data
    if (
        app != hook.backend.remote_app(relation.id)
        or not number.isdecimal()
        or int(number) not in bags
    ):
        raise ToolError("permission denied")
    return bags[int(number)]


def _settings(content: bytes) -> dict[str, str]:
    """Return a mapping of texts; a number or a date in it is a text as well."""
    try:
        found = mapping(content)
    except (ValueError, yaml.YAMLError) as error:
        raise ToolError(f"cannot parse settings: {error}") from error
    if not all(isinstance(value, str) for value in found.values()):
        raise ToolError("cannot parse settings: expected a mapping of texts")
    return {str(key): str(value) for key, value in found.items()}
