# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What published neighbours write, given to ours late, in parts, or in another order."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
import yaml
from jujusim.testing import Charm, Result, Side, observe
from ops import testing

Bag = Mapping[str, str]
NOTHING: Bag = {}


_BEGINNINGS: dict[tuple[Charm, str], Result] = {}
"""What config-changed leaves before the relation is there, by charm and endpoint."""


class Course:
    """The hooks of one relation, while all others are complete from the beginning.

    Args:
        charm: Ours.
        given: What the published neighbours say, by endpoint.
        endpoint: The one whose data comes as the test says.
    """

    def __init__(self, charm: Charm, given: Mapping[str, Bag], endpoint: str) -> None:
        self.charm = charm
        state = charm.state(bags=given)
        self.whole = _relation(state, endpoint)
        if (charm, endpoint) not in _BEGINNINGS:
            others = [item for item in state.relations if item.id != self.whole.id]
            alone = dataclasses.replace(state, relations=others)
            _BEGINNINGS[charm, endpoint] = charm.run(alone, "config_changed")
        self.endpoint = endpoint
        self.last = _BEGINNINGS[charm, endpoint]
        self._current = dataclasses.replace(self.whole, remote_units_data={}, remote_app_data={})

    def created(self) -> None:
        """The relation is there, and nobody has joined it."""
        self._hook("relation_created", NOTHING, {})

    def joined(self, bag: Bag) -> None:
        """The neighbour's unit has come, with a databag of its own."""
        self._hook("relation_joined", self._app, {0: bag}, remote_unit=0)

    def unit_changed(self, bag: Bag) -> None:
        """The neighbour's unit has written."""
        self._hook("relation_changed", self._app, {0: bag}, remote_unit=0)

    def app_changed(self, bag: Bag) -> None:
        """The neighbour's leader has written; as long as it has no units, no hook says so."""
        event = "relation_changed" if self._units else "update_status"
        self._hook(event, bag, self._units)

    @property
    def _app(self) -> Bag:
        return self._current.remote_app_data

    @property
    def _units(self) -> Mapping[int, Bag]:
        return self._current.remote_units_data

    def _hook(self, event: str, app: Bag, units: Mapping[int, Bag], **more: Any) -> None:
        relations = {item.id: item for item in self.last.state.relations}
        current = relations.get(self.whole.id, self._current)
        assert isinstance(current, testing.Relation)
        self._current = dataclasses.replace(
            current,
            remote_app_data=dict(app),
            remote_units_data={number: dict(bag) for number, bag in units.items()},
        )
        relations[self.whole.id] = self._current
        about = () if event == "update_status" else (self._current,)
        state = dataclasses.replace(self.last.state, relations=list(relations.values()))
        self.last = self.charm.run(state, event, *about, cluster=self.last.cluster, **more)


def _relation(state: testing.State, endpoint: str) -> testing.Relation:
    relation = state.get_relations(endpoint)[0]
    assert isinstance(relation, testing.Relation)
    return relation


def bags(contract: dict[str, Any], charm: Charm) -> dict[str, dict[str, str]]:
    written = contract["written"].get(charm.name, {})
    return {name: dict(item["app"]) for name, item in written.items()}


def essence(result: Result) -> Any:
    """What is left behind, apart from when it was made and from what is generated anew."""
    seen = {part: value for part, value in result.seen.items() if part != "secrets"}
    seen["objects"] = {name: _stable(obj) for name, obj in result.seen["objects"].items()}
    own = [item for item in result.state.secrets if item.owner]
    values = [value for item in own for value in (item.latest_content or {}).values()]
    return observe.masked(seen, values, r"secret:\w+|[0-9a-f]{64}|[A-Za-z0-9+/=]{400,}")


def _stable(obj: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: obj["metadata"].get(key) for key in ("name", "namespace", "labels")}
    return {**{key: obj[key] for key in obj if key not in ("metadata", "status")}, **metadata}


@pytest.fixture
def course(contract: dict[str, Any], published_charm: Charm, written_side: Side) -> Course:
    return Course(published_charm, bags(contract, published_charm), written_side.name)


def assert_complete(course: Course, complete: Result) -> None:
    assert course.last.status == complete.status
    assert essence(course.last) == essence(complete)


def test_application_data_before_any_unit(
    published_charm: Charm, written_side: Side, course: Course, complete: Result
):
    """A neighbour of another model, or whose pods are slow."""
    course.created()
    course.app_changed(course.whole.remote_app_data)
    course.joined(course.whole.remote_units_data[0])
    course.unit_changed(course.whole.remote_units_data[0])
    assert_complete(course, complete)


def test_units_before_application_data(
    published_charm: Charm, written_side: Side, course: Course, complete: Result
):
    course.created()
    course.joined(NOTHING)
    course.unit_changed(course.whole.remote_units_data[0])
    course.app_changed(course.whole.remote_app_data)
    assert_complete(course, complete)


def test_application_data_alone(
    contract: dict[str, Any],
    published_charm: Charm,
    written_side: Side,
    course: Course,
    complete: Result,
):
    """Where units say nothing, they need not be there."""
    course.created()
    course.app_changed(course.whole.remote_app_data)
    if "unit" not in contract["written"][published_charm.name][written_side.name]:
        assert_complete(course, complete)
    assert course.last.status[0] in ("active", "waiting")


def test_one_key_after_another(
    published_charm: Charm, written_side: Side, course: Course, complete: Result
):
    """Each is a hook of its own; whichever comes first, nothing is said to be wrong."""
    items = list(course.whole.remote_app_data.items())
    course.created()
    course.joined(course.whole.remote_units_data[0])
    for keys in (items, items[::-1]):
        for count in range(len(keys) + 1):
            course.app_changed(dict(keys[:count]))
            assert course.last.status[0] in ("active", "waiting"), keys[:count]
        assert_complete(course, complete)


def test_data_that_is_taken_away_and_comes_again(
    published_charm: Charm, written_side: Side, course: Course, complete: Result
):
    course.created()
    course.joined(course.whole.remote_units_data[0])
    course.app_changed(course.whole.remote_app_data)
    course.app_changed(NOTHING)
    assert course.last.status[0] in ("active", "waiting"), course.last.status
    course.app_changed(course.whole.remote_app_data)
    assert_complete(course, complete)


def _optional(contract: dict[str, Any], side: Side, payload: Mapping[str, Any]) -> Iterable[str]:
    """The fields that the published schema lets a neighbour leave out."""
    (schema,) = contract["sdi_interfaces"][side.interface.name]["schema"]["v1"].values()
    return [name for name in payload if name not in schema["required"]]


def test_optional_fields_may_be_missing(
    contract: dict[str, Any], published_charm: Charm, payload_side: Side
):
    given = bags(contract, published_charm)
    payload = yaml.safe_load(given[payload_side.name]["data"])
    optional = _optional(contract, payload_side, payload)
    for count in range(1, len(list(optional)) + 1):
        for names in itertools.combinations(optional, count):
            less = {name: value for name, value in payload.items() if name not in names}
            given[payload_side.name]["data"] = yaml.safe_dump(less)
            result = published_charm.run(published_charm.state(bags=given), "config_changed")
            assert result.status == ("active", ""), names


def test_no_version_in_common(contract: dict[str, Any], published_charm: Charm, sdi_side: Side):
    """It is said where, nothing is sent there, and the other relations are served."""
    name = sdi_side.name
    given = bags(contract, published_charm)
    before = published_charm.run(published_charm.state(bags=given), "config_changed")
    given[name] = {**given.get(name, {}), "_supported_versions": "- v9\n"}
    after = published_charm.run(published_charm.state(bags=given), "config_changed")
    assert after.status[0] == "blocked"
    assert name in after.status[1]
    relation = _relation(after.state, name)
    assert set(relation.local_app_data) == {"_supported_versions"}
    for other in published_charm.parts.sides.values():
        if (
            other.name != name
            and not other.apart
            and other.name in contract["written"].get(published_charm.name, {})
        ):
            said = _relation(after.state, other.name).local_app_data
            assert set(said) == set(_relation(before.state, other.name).local_app_data)


def test_versions_in_any_order_and_form(published_charm: Charm, sdi_side: Side):
    """The package writes a set's elements in any order; its readers take JSON too."""
    name = sdi_side.name
    bag = dict(_relation(published_charm.state(versions=("v1",)), name).remote_app_data)
    said: list[dict[str, str]] = []
    for versions in (["v1", "v7"], ["v7", "v1"]):
        for text in (yaml.safe_dump(versions), json.dumps(versions)):
            given = {name: {**bag, "_supported_versions": text}}
            state = published_charm.state(versions=("v1",), bags=given)
            result = published_charm.run(state, "config_changed")
            said.append(
                yaml.safe_load(_relation(result.state, name).local_app_data.get("data", "{}"))
            )
    assert [set(each) for each in said] == [set(said[0])] * 4


def test_other_units_than_the_leader_read_the_same(
    contract: dict[str, Any], published_charm: Charm
):
    """They write nothing for the application, and are as ready."""
    given = bags(contract, published_charm)
    leader = published_charm.run(published_charm.state(bags=given, units=2), "config_changed")
    state = published_charm.as_unit(leader.state, 1)
    result = published_charm.run(state, "config_changed", unit=1, cluster=leader.cluster)
    assert result.status[0] == "active", result.status
    assert observe.databags(result.state).keys() == observe.databags(leader.state).keys()
    for one, other in zip(
        sorted(leader.state.relations, key=lambda item: item.id),
        sorted(result.state.relations, key=lambda item: item.id),
        strict=True,
    ):
        assert one.local_app_data == other.local_app_data
    assert result.writes == []
