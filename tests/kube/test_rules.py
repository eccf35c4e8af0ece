# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Rules of custom resources in the Common Expression Language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import CRDS, Custom

if TYPE_CHECKING:
    from .conftest import Answer, Object, Server

TEXT = {"type": "string", "maxLength": 100}
NUMBER = {"type": "integer"}
FIELDS: Object = {
    "a": TEXT,
    "b": TEXT,
    "n": NUMBER,
    "list": {"type": "array", "items": NUMBER, "maxItems": 10},
    "map": {"type": "object", "maxProperties": 10, "additionalProperties": TEXT},
    "a-b": TEXT,
    "namespace": TEXT,
    "nested": {"type": "object", "properties": {"a": TEXT}},
    "either": {"x-kubernetes-int-or-string": True},
}

# A rule, a value that keeps it, and one that breaks it.
RULES: list[tuple[str, Object, Object]] = [
    ("self.a == self.b", {"a": "x", "b": "x"}, {"a": "x", "b": "y"}),
    ("self.a != 'x' && self.n > 1", {"a": "y", "n": 2}, {"a": "y", "n": 1}),
    ("self.n * 2 + 1 == 7 || self.n / 2 == 2", {"n": 5}, {"n": 2}),
    ("self.n % 3 == -1", {"n": -7}, {"n": 7}),
    ("-self.n < 0 ? self.a == 'x' : self.a == 'y'", {"n": 1, "a": "x"}, {"n": -1, "a": "x"}),
    ("!has(self.a) || self.a.startsWith('x')", {"b": "x"}, {"a": "yx"}),
    ("has(self.nested) && has(self.nested.a)", {"nested": {"a": ""}}, {"nested": {}}),
    ("self.list.all(each, each > 1)", {"list": [2, 3]}, {"list": [1, 2]}),
    ("self.list.exists(each, each == self.n)", {"list": [1], "n": 1}, {"list": [1], "n": 2}),
    ("self.list.exists_one(each, each > 1)", {"list": [1, 2]}, {"list": [2, 2]}),
    ("self.list.filter(e, e > 1).size() == 1", {"list": [1, 2]}, {"list": [1]}),
    ("self.list.map(e, e * 2).sum() == 6", {"list": [1, 2]}, {"list": [1]}),
    ("self.list.map(e, e > 1, e).isSorted()", {"list": [2, 1, 3]}, {"list": [3, 2]}),
    ("self.list[0] == 1 && size(self.list) == 1", {"list": [1]}, {"list": [1, 1]}),
    ("self.list.max() - self.list.min() <= 1", {"list": [1, 2]}, {"list": [1, 3]}),
    ("self.n in self.list", {"list": [1], "n": 1}, {"list": [1], "n": 2}),
    ("self.n in [1, 2]", {"n": 2}, {"n": 3}),
    ("'x' in self.map", {"map": {"x": ""}}, {"map": {"y": "x"}}),
    ("self.map.all(key, self.map[key] != key)", {"map": {"x": "y"}}, {"map": {"x": "x"}}),
    ("{'x': 1, 'y': 2}[self.a] == 1", {"a": "x"}, {"a": "y"}),
    ("self.a.matches('^[a-z]+$')", {"a": "x"}, {"a": "X"}),
    ("self.a.contains('.') && self.a.endsWith('z')", {"a": "x.z"}, {"a": "xz"}),
    ("self.a.lowerAscii() == self.a.trim()", {"a": "x"}, {"a": "X"}),
    ("self.a.split('.').size() == 2", {"a": "x.y"}, {"a": "x"}),
    ("self.a.replace('x', 'y').indexOf('y') == 0", {"a": "x"}, {"a": "zx"}),
    ("self.a.substring(1) == 'y' && self.a.size() == 2", {"a": "xy"}, {"a": "xyz"}),
    ("string(self.n) == self.a && int(self.a) == self.n", {"n": 1, "a": "1"}, {"n": 1, "a": "2"}),
    ("self.?nested.?a.orValue('x') == 'x'", {"n": 1}, {"nested": {"a": "y"}}),
    ("self.map[?'k'].hasValue()", {"map": {"k": ""}}, {"map": {}}),
    ("self.?a.or(self.?b).orValue('') == 'x'", {"b": "x"}, {"a": "y", "b": "x"}),
    (
        "self.a__dash__b == self.__namespace__",
        {"a-b": "x", "namespace": "x"},
        {"a-b": "x", "namespace": "y"},
    ),
    ("type(self.either) == string || self.either > 1", {"either": "x"}, {"either": 1}),
    ("self.a == \"it's\" && self.b == r'\\d'", {"a": "it's", "b": "\\d"}, {"a": "x", "b": "x"}),
    ("duration(self.a) >= duration('1m30s')", {"a": "2m"}, {"a": "100ms"}),
    ("isURL(self.a) && url(self.a).getScheme() == 'x'", {"a": "x://y"}, {"a": "y"}),
    ("self.a != 'x' && url(self.a).getHost() == 'x:1'", {"a": "http://x:1/y"}, {"a": "/x:1"}),
    ('self.a.matches(r"""^["\'\\w]+$""")', {"a": "\"'"}, {"a": "-"}),
    ("self.a == 'x' || self.b == 'x'", {"b": "x"}, {"a": "y", "b": "y"}),
]


def schema(*rules: Object) -> Object:
    spec: Object = {"type": "object", "properties": FIELDS, "x-kubernetes-validations": [*rules]}
    return {"type": "object", "properties": {"spec": spec}}


def causes(answer: Answer) -> list[Object]:
    return answer.body.get("details", {}).get("causes", [])


def broken(message: str, field: str = "spec", kind: str = "object") -> Object:
    shown = f'Invalid value: "{kind}": {message}'
    return {"reason": "FieldValueInvalid", "message": shown, "field": field}


def create(custom: Custom, spec: Object, name: str = "x") -> Answer:
    return custom.server.create(custom.path, custom.thing(name, spec=spec))


def test_rules_are_evaluated(server: Server) -> None:
    ruled = {
        f"f{index}": {
            "type": "object",
            "properties": FIELDS,
            "x-kubernetes-validations": [{"rule": rule}],
        }
        for index, (rule, _, _) in enumerate(RULES)
    }
    spec = {"type": "object", "properties": ruled}
    custom = server.define({"type": "object", "properties": {"spec": spec}})
    create(custom, {f"f{index}": good for index, (_, good, _) in enumerate(RULES)}, "good").ok()
    for index, (rule, _, bad) in enumerate(RULES):
        answer = create(custom, {f"f{index}": bad})
        assert causes(answer) == [broken(f"failed rule: {rule}", f"spec.f{index}")], answer.body


def test_a_rule_has_a_message(server: Server) -> None:
    fixed = {"rule": "self.a == 'x'", "message": " a is not x "}
    made = {"rule": "self.b == 'x'", "message": "other", "messageExpression": "'b is ' + self.b"}
    custom = server.define(schema(fixed, made))
    answer = create(custom, {"a": "y", "b": "y"})
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert causes(answer) == [broken("a is not x"), broken("b is y")]


def test_a_field_that_is_not_there_is_an_error_of_the_rule(server: Server) -> None:
    custom = server.define(schema({"rule": "self.a == self.b"}))
    answer = create(custom, {"a": "x"})
    assert causes(answer) == [broken("no such key: b evaluating rule: self.a == self.b")]


def test_a_rule_blames_a_field_with_a_reason(server: Server) -> None:
    rule = {"rule": "self.a != 'x'", "reason": "FieldValueForbidden", "fieldPath": ".a"}
    custom = server.define(schema({**rule, "message": "not x"}))
    (cause,) = causes(create(custom, {"a": "x"}))
    assert cause["reason"] == "FieldValueForbidden"
    assert (cause["field"], cause["message"]) == ("spec.a", "Forbidden: not x")


def test_rules_stand_at_items_and_values_too(server: Server) -> None:
    rule = [{"rule": "self != 'x'", "message": "x"}]
    text = {**TEXT, "x-kubernetes-validations": rule}
    fields = {
        "list": {"type": "array", "maxItems": 5, "items": text},
        "map": {"type": "object", "maxProperties": 5, "additionalProperties": text},
    }
    custom = server.define(
        {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}
    )
    answer = create(custom, {"list": ["a", "x"], "map": {"k": "x", "l": "y"}})
    found = sorted(causes(answer), key=lambda cause: cause["field"])
    assert found == [broken("x", "spec.list[1]", "string"), broken("x", "spec.map[k]", "string")]


def test_rules_are_not_looked_at_where_types_are_wrong(server: Server) -> None:
    custom = server.define(schema({"rule": "self.a == 'x'"}))
    first, second = causes(create(custom, {"a": 1}))
    assert first["field"] == "spec.a"
    assert second["field"] == "<nil>"
    assert second["message"].startswith("Invalid value: null: some validation rules were not ")


def test_a_rule_compares_an_object_with_what_it_was(server: Server) -> None:
    custom = server.define(schema({"rule": "self.a == oldSelf.a", "message": "a stays"}))
    create(custom, {"a": "x", "n": 1}).ok()
    path = f"{custom.path}/x"
    assert causes(server.merge(path, {"spec": {"a": "y"}})) == [broken("a stays")]
    server.merge(path, {"spec": {"n": 2}}).ok()
    applied = custom.thing(spec={"a": "z"})
    assert causes(server.apply(path, applied, force="true")) == [broken("a stays")]


def test_a_rule_for_new_objects_leaves_others_alone(server: Server) -> None:
    custom = server.define(schema())
    create(custom, {"a": "long", "n": 1}, "old").ok()
    rule = {"rule": "oldSelf.hasValue() || self.a.size() < 2", "optionalOldSelf": True}
    version = custom.definition(schema({**rule, "message": "too long"}))["spec"]["versions"]
    server.merge(custom.crd, {"spec": {"versions": version}}).ok()
    server.eventually(lambda: create(custom, {"a": "long"}, "early").status == 422)
    assert causes(create(custom, {"a": "long"})) == [broken("too long")]
    create(custom, {"a": "x"}).ok()
    server.merge(f"{custom.path}/old", {"spec": {"a": "longer"}}).ok()


def test_what_was_stored_before_a_rule_may_stay_as_it_is(server: Server) -> None:
    custom = server.define(schema())
    create(custom, {"a": "long"}, "old").ok()
    version = custom.definition(schema({"rule": "self.a.size() < 2"}))["spec"]["versions"]
    server.merge(custom.crd, {"spec": {"versions": version}}).ok()
    server.eventually(lambda: create(custom, {"a": "long"}, "early").status == 422)
    path = f"{custom.path}/old"
    server.merge(path, {"metadata": {"labels": {"a": "b"}}}).ok()
    assert causes(server.merge(path, {"spec": {"n": 1}})) == [
        broken("failed rule: self.a.size() < 2")
    ]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"rule": "self.a = 1"}, "rule"),
        ({"rule": "self.a == 'x"}, "rule"),
        ({"rule": "(self.a == 'x'"}, "rule"),
        ({"rule": "self.a == 'x')"}, "rule"),
        ({"rule": "self.list.all(x)"}, "rule"),
        ({"rule": "has(1)"}, "rule"),
        ({"rule": "nonsense(self.a)"}, "rule"),
        ({"rule": "self.a.nonsense()"}, "rule"),
        ({"rule": ""}, "rule"),
        ({"rule": "self.a == 'x'", "optionalOldSelf": True}, "optionalOldSelf"),
        ({"rule": "self.a == 'x'", "fieldPath": ".absent"}, "fieldPath"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(server: Server, rule: Object, field: str) -> None:
    custom = Custom(server, f"{server.me}.example.com", "things")
    answer = server.create(CRDS, custom.definition(schema(rule)))
    assert (answer.status, answer.reason) == (422, "Invalid")
    where = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]"
    assert f"{where}.{field}" in answer.fields
