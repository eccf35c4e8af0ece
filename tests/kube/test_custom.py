# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Custom resources: definition, establishment, schema, defaults, pruning, versions, removal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Object, Server

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def schema(properties: Object, *required: str) -> Object:
    spec: Object = {"type": "object", "properties": properties}
    if required:
        spec["required"] = list(required)
    return {"type": "object", "properties": {"spec": spec}}


def condition(obj: Object, kind: str) -> Object:
    return next(each for each in obj["status"]["conditions"] if each["type"] == kind)


def test_a_definition_is_completed_accepted_and_established(server: Server) -> None:
    custom = server.define()
    crd = server.get(custom.crd).ok()
    assert crd["spec"]["names"] == {
        "plural": "things", "kind": "Thing", "singular": "thing", "listKind": "ThingList",
    }  # fmt: skip
    assert crd["spec"]["conversion"] == {"strategy": "None"}
    assert crd["status"]["acceptedNames"] == crd["spec"]["names"]
    assert crd["status"]["storedVersions"] == ["v1"]
    assert condition(crd, "NamesAccepted")["reason"] == "NoConflicts"
    established = condition(crd, "Established")
    assert (established["status"], established["reason"]) == ("True", "InitialNamesAccepted")


def test_a_definition_applied_again_is_not_written(server: Server) -> None:
    custom = server.define(schema({"a": TEXT}))
    definition = custom.definition(schema({"a": TEXT}))
    first = server.apply(custom.crd, definition, force="true").ok()
    again = server.apply(custom.crd, definition, force="true").ok()
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_a_kind_that_is_taken_is_not_served(server: Server) -> None:
    custom = server.define()
    other = custom.definition(plural="others")
    server.create(CRDS, other).ok()
    path = f"{CRDS}/others.{custom.group}"
    server.cleanup(path)
    crd = server.eventually(
        lambda: (found := server.get(path).ok())["status"].get("conditions") and found
    )
    accepted = condition(crd, "NamesAccepted")
    assert (accepted["status"], accepted["reason"]) == ("False", "ListKindConflict")
    assert condition(crd, "Established")["status"] == "False"
    assert server.get(f"/apis/{custom.group}/v1/others").status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metadata": {"name": "x"}}, "metadata.name"),
        ({"scope": "Everywhere"}, "spec.scope"),
        ({"preserveUnknownFields": True}, "spec.preserveUnknownFields"),
        ({"version": {"storage": False}}, "spec.versions"),
        ({"version": {"schema": None}}, "spec.versions[0].schema.openAPIV3Schema"),
        ({"schema": {"properties": {}}}, "spec.validation.openAPIV3Schema.type"),
        (
            {"schema": {"type": "object", "properties": {"a": {}}}},
            "spec.validation.openAPIV3Schema.properties[a].type",
        ),
        (
            {"schema": {"type": "object", "properties": {"a": {"type": "array"}}}},
            "spec.validation.openAPIV3Schema.properties[a].items",
        ),
        (
            {"schema": {"type": "object", "properties": {"a": {"type": "text"}}}},
            "spec.validation.openAPIV3Schema.properties[a].type",
        ),
        (
            {"schema": {"type": "object", "properties": {"a": {**TEXT, "default": 1}}}},
            "spec.validation.openAPIV3Schema.properties[a].default",
        ),
    ],
)
def test_definitions_have_rules(server: Server, change: Object, field: str) -> None:
    change = dict(change)
    group = f"{server.me}.example.com"
    version: Object = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": change.pop("schema", {"type": "object"})},
        **change.pop("version", {}),
    }
    definition = {
        "metadata": change.pop("metadata", {"name": f"things.{group}"}),
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "things", "kind": "Thing"},
            "versions": [version],
            **change,
        },
    }
    answer = server.create(CRDS, definition)
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert field in answer.fields
    assert server.gone(f"{CRDS}/things.{group}")


def test_what_is_established_cannot_be_renamed(server: Server) -> None:
    custom = server.define()
    answer = server.merge(custom.crd, {"spec": {"scope": "Cluster"}})
    assert (answer.status, answer.fields) == (422, ["spec.scope"])
    answer = server.merge(custom.crd, {"spec": {"names": {"kind": "Other"}}})
    assert (answer.status, answer.fields) == (422, ["spec.names.kind"])


def test_unknown_fields_are_pruned_with_a_warning(server: Server) -> None:
    closed = {"type": "object", "properties": {"b": TEXT}}
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    custom = server.define(schema({"a": closed, "free": free}))
    spec = {"a": {"b": "x", "c": "y"}, "free": {"any": [1]}, "other": 1}
    answer = server.create(custom.path, custom.thing(spec=spec, top=1))
    assert answer.ok()["spec"] == {"a": {"b": "x"}, "free": {"any": [1]}}
    assert "top" not in answer.body
    assert set(answer.warnings) == {
        f'299 - "unknown field \\"{path}\\""' for path in ("spec.a.c", "spec.other", "top")
    }


def test_an_unknown_field_cannot_be_applied(server: Server) -> None:
    custom = server.define(schema({"a": TEXT}))
    answer = server.apply(f"{custom.path}/x", custom.thing(spec={"b": 1}))
    assert answer.status == 500
    assert answer.message.endswith(".spec.b: field not declared in schema")


def test_defaults_are_filled_in(server: Server) -> None:
    item = {"type": "object", "properties": {"name": TEXT, "port": {**NUMBER, "default": 80}}}
    nested = {"type": "object", "default": {}, "properties": {"deep": {**NUMBER, "default": 3}}}
    custom = server.define(
        schema(
            {
                "a": {**TEXT, "default": "x"},
                "nested": nested,
                "items": {"type": "array", "items": item},
                "absent": {"type": "object", "properties": {"deep": {**NUMBER, "default": 3}}},
            }
        )
    )
    made = server.create(custom.path, custom.thing(spec={"items": [{"name": "n"}]})).ok()
    items = [{"name": "n", "port": 80}]
    assert made["spec"] == {"a": "x", "nested": {"deep": 3}, "items": items}
    nulled = server.merge(f"{custom.path}/x", {"spec": {"a": None}}).ok()
    assert nulled["spec"]["a"] == "x"


def test_nulls_are_dropped_unless_they_are_allowed(server: Server) -> None:
    custom = server.define(schema({"a": TEXT, "b": {**TEXT, "nullable": True}}))
    made = server.create(custom.path, custom.thing(spec={"a": None, "b": None})).ok()
    assert made["spec"] == {"b": None}


KEYED = {
    "type": "array",
    "maxItems": 2,
    "items": {"type": "object", "required": ["name"], "properties": {"name": TEXT}},
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
}


# A field's schema, a value that breaks it, and the server's words.
BROKEN: list[tuple[Object, Any, str, str]] = [
    (NUMBER, "x", "FieldValueTypeInvalid",
     'Invalid value: "string": spec.{} in body must be of type integer: "string"'),
    (NUMBER, 1.5, "FieldValueTypeInvalid",
     'Invalid value: "number": spec.{} in body must be of type integer: "number"'),
    ({"type": "boolean"}, "true", "FieldValueTypeInvalid",
     'Invalid value: "string": spec.{} in body must be of type boolean: "string"'),
    ({"type": "object"}, [], "FieldValueTypeInvalid",
     'Invalid value: "array": spec.{} in body must be of type object: "array"'),
    ({"x-kubernetes-int-or-string": True}, 1.5, "FieldValueTypeInvalid",
     'Invalid value: "number": spec.{} in body must be of type integer,string: "number"'),
    ({**TEXT, "enum": ["x", "y"]}, "z", "FieldValueNotSupported",
     'Unsupported value: "z": supported values: "x", "y"'),
    ({**TEXT, "pattern": "^[a-z]+$"}, "A", "FieldValueInvalid",
     "Invalid value: \"A\": spec.{} in body should match '^[a-z]+$'"),
    ({**TEXT, "minLength": 2}, "a", "FieldValueInvalid",
     'Invalid value: "a": spec.{} in body should be at least 2 chars long'),
    ({**TEXT, "maxLength": 2}, "abc", "FieldValueTooLong",
     "Too long: may not be more than 2 bytes"),
    ({**TEXT, "format": "date-time"}, "yesterday", "FieldValueTypeInvalid",
     'Invalid value: "yesterday": spec.{} in body must be of type date-time: "yesterday"'),
    ({**NUMBER, "minimum": 1}, 0, "FieldValueInvalid",
     "Invalid value: 0: spec.{} in body should be greater than or equal to 1"),
    ({**NUMBER, "maximum": 1}, 2, "FieldValueInvalid",
     "Invalid value: 2: spec.{} in body should be less than or equal to 1"),
    ({**NUMBER, "multipleOf": 2}, 3, "FieldValueInvalid",
     "Invalid value: 3: spec.{} in body should be a multiple of 2"),
    (KEYED, [{"name": "x"}, {"name": "y"}, {"name": "z"}], "FieldValueTooMany",
     "Too many: 3: must have at most 2 items"),
    ({"type": "array", "items": TEXT, "minItems": 1}, [], "FieldValueInvalid",
     "Invalid value: 0: spec.{} in body should have at least 1 items"),
    ({"type": "object", "additionalProperties": TEXT, "minProperties": 1}, {},
     "FieldValueInvalid", "Invalid value: 0: spec.{} in body should have at least 1 properties"),
]  # fmt: skip


def test_values_are_validated(server: Server) -> None:
    names = [f"f{index}" for index in range(len(BROKEN))]
    custom = server.define(schema({name: row[0] for name, row in zip(names, BROKEN, strict=True)}))
    found: dict[str, tuple[str, str]] = {}
    for name, (_, value, _, _) in zip(names, BROKEN, strict=True):
        answer = server.create(custom.path, custom.thing(name, spec={name: value}))
        assert (answer.status, answer.reason) == (422, "Invalid"), (name, answer.body)
        cause = answer.body["details"]["causes"][0]
        found[name] = (cause["reason"], cause["message"])
    assert found == {
        name: (reason, message.format(name))
        for name, (_, _, reason, message) in zip(names, BROKEN, strict=True)
    }
    assert server.get(custom.path).ok()["items"] == []


def test_keys_and_values_of_lists_and_maps_are_validated(server: Server) -> None:
    texts = {"type": "object", "additionalProperties": TEXT}
    unique = {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"}
    custom = server.define(schema({"keyed": KEYED, "texts": texts, "unique": unique}))
    spec = {
        "keyed": [{"name": "x"}, {"name": "x"}],
        "texts": {"k": 1},
        "unique": ["a", "a"],
    }
    answer = server.create(custom.path, custom.thing(spec=spec))
    assert sorted(answer.fields) == ["spec.keyed[1]", "spec.texts.k", "spec.unique[1]"]


def test_required_fields_are_required(server: Server) -> None:
    custom = server.define({**schema({"a": TEXT, "b": TEXT}, "a", "b"), "required": ["spec"]})
    answer = server.create(custom.path, custom.thing(spec={"b": "x"}))
    assert (answer.status, answer.fields) == (422, ["spec.a"])
    assert answer.message == (f'Thing.{custom.group} "x" is invalid: spec.a: Required value')
    assert server.create(custom.path, custom.thing()).fields == ["spec"]
    assert server.apply(f"{custom.path}/x", custom.thing(spec={})).fields == ["spec.a", "spec.b"]


def test_what_was_stored_before_a_schema_was_narrowed_may_stay(server: Server) -> None:
    def fields(kind: Object) -> Object:
        item = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "a": kind}}
        keyed = {**KEYED, "items": item}
        return schema(
            {"a": kind, "b": NUMBER, "keyed": keyed, "list": {"type": "array", "items": kind}}
        )

    wide: Object = {"x-kubernetes-int-or-string": True}
    custom = server.define(fields(wide))
    spec = {"a": "x", "b": 1, "keyed": [{"name": "x", "a": "x"}], "list": ["x"]}
    server.create(custom.path, custom.thing(spec=spec)).ok()
    narrow = custom.definition(fields(NUMBER))["spec"]["versions"]
    server.merge(custom.crd, {"spec": {"versions": narrow}}).ok()
    other = custom.thing("y", spec={"a": "x"})
    server.eventually(lambda: server.create(custom.path, other).status == 422)
    path = f"{custom.path}/x"
    server.merge(path, {"spec": {"b": 2}}).ok()
    longer = [{"name": "x", "a": "x"}, {"name": "y", "a": 1}]
    server.merge(path, {"spec": {"keyed": longer}}).ok()
    for change, field in (
        ({"a": "y"}, "spec.a"),
        ({"keyed": [{"name": "x", "a": "y"}]}, "spec.keyed[0].a"),
        ({"list": ["x", 1]}, "spec.list[0]"),
    ):
        answer = server.merge(path, {"spec": change})
        assert (answer.status, answer.fields) == (422, [field])


def test_alternatives_are_validated(server: Server) -> None:
    either: Object = schema({"a": TEXT, "b": TEXT})
    either["properties"]["spec"]["oneOf"] = [{"required": ["a"]}, {"required": ["b"]}]
    custom = server.define(either)
    server.create(custom.path, custom.thing("one", spec={"a": "x"})).ok()
    both = server.create(custom.path, custom.thing("both", spec={"a": "x", "b": "y"}))
    assert (both.status, both.reason) == (422, "Invalid")
    neither = server.create(custom.path, custom.thing("neither", spec={}))
    assert (neither.status, neither.reason) == (422, "Invalid")


def test_embedded_objects_are_objects(server: Server) -> None:
    template = {
        "type": "object",
        "x-kubernetes-embedded-resource": True,
        "x-kubernetes-preserve-unknown-fields": True,
    }
    custom = server.define(schema({"template": template}))
    answer = server.create(custom.path, custom.thing(spec={"template": {"spec": {}}}))
    assert answer.fields == ["spec.template.apiVersion", "spec.template.kind"]
    whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "odd": 1}, "spec": {}}
    made = server.create(custom.path, custom.thing(spec={"template": whole})).ok()
    assert made["spec"]["template"]["metadata"] == {"name": "x"}


def test_an_update_needs_the_resource_version(server: Server) -> None:
    custom = server.define()
    made = server.create(custom.path, custom.thing(spec={"a": 1})).ok()
    answer = server.put(f"{custom.path}/x", custom.thing(spec={"a": 2}))
    assert (answer.status, answer.fields) == (422, ["metadata.resourceVersion"])
    assert server.put(f"{custom.path}/x", {**made, "spec": {"a": 2}}).ok()["spec"] == {"a": 2}


def test_generation_counts_everything_but_metadata(server: Server) -> None:
    custom = server.define()
    path = f"{custom.path}/x"
    server.create(custom.path, custom.thing(spec={"a": 1})).ok()
    labelled = server.merge(path, {"metadata": {"labels": {"a": "b"}}}).ok()
    assert labelled["metadata"]["generation"] == 1
    assert server.merge(path, {"spec": {"a": 2}}).ok()["metadata"]["generation"] == 2
    assert server.merge(path, {"other": 1}).ok()["metadata"]["generation"] == 3
    assert server.merge(path, {"status": {"a": 1}}).ok()["metadata"]["generation"] == 4


def test_objects_have_to_fit_their_resource(server: Server) -> None:
    custom = server.define()
    for change, status, reason in (
        ({"kind": "Other"}, 422, "Invalid"),
        ({"kind": None}, 400, "BadRequest"),
        ({"apiVersion": None}, 400, "BadRequest"),
        ({"metadata": {"name": "x", "labels": {"a": 1}}}, 400, "BadRequest"),
        ({"metadata": {"name": "X"}}, 422, "Invalid"),
    ):
        body = {key: value for key, value in {**custom.thing(), **change}.items() if value}
        answer = server.create(custom.path, body)
        assert (answer.status, answer.reason) == (status, reason)


def test_cluster_scoped_objects_have_no_namespace(server: Server) -> None:
    custom = server.define(scope="Cluster")
    path = f"/apis/{custom.group}/v1/things"
    made = server.create(path, custom.thing()).ok()
    assert "namespace" not in made["metadata"]
    assert server.get(f"{path}/x").status == 200
    assert server.get(f"{custom.path}/x").status == 404


def versions(storage: str = "v1", served: tuple[str, ...] = ("v1", "v2")) -> list[Object]:
    return [
        {
            "name": name,
            "served": name in served,
            "storage": name == storage,
            "schema": {"openAPIV3Schema": schema(fields)},
        }
        for name, fields in (
            ("v1", {"a": NUMBER}),
            ("v2", {"a": NUMBER, "more": TEXT}),
            ("v3", {"a": NUMBER}),
        )
    ]


def test_an_object_is_served_in_every_served_version(server: Server) -> None:
    custom = server.define(versions=versions())
    server.create(custom.path, custom.thing(spec={"a": 1})).ok()
    other = server.get(f"{custom.at('v2')}/x").ok()
    assert other["apiVersion"] == f"{custom.group}/v2"
    assert other["spec"] == {"a": 1}
    server.merge(f"{custom.at('v2')}/x", {"spec": {"a": 2}}).ok()
    back = server.get(f"{custom.path}/x").ok()
    assert (back["apiVersion"], back["spec"]) == (f"{custom.group}/v1", {"a": 2})
    (listed,) = server.get(custom.at("v2")).ok()["items"]
    assert listed["apiVersion"] == f"{custom.group}/v2"
    assert server.get(f"{custom.at('v3')}/x").status == 404


def test_what_the_stored_version_does_not_know_is_lost(server: Server) -> None:
    custom = server.define(versions=versions())
    made = server.create(custom.at("v2"), custom.thing(version="v2", spec={"a": 1, "more": "x"}))
    assert made.ok()["spec"] == {"a": 1}
    assert server.get(f"{custom.at('v2')}/x").ok()["spec"] == {"a": 1}


def test_a_conversion_webhook_that_does_not_answer_fails_the_other_version(
    server: Server,
) -> None:
    custom = server.define(versions=versions())
    client = {"service": {"namespace": "default", "name": "nobody"}}
    webhook = {"clientConfig": client, "conversionReviewVersions": ["v1"]}
    conversion = {"strategy": "Webhook", "webhook": webhook}
    server.create(custom.path, custom.thing(spec={"a": 1})).ok()
    server.merge(custom.crd, {"spec": {"conversion": conversion}}).ok()
    server.eventually(lambda: server.get(f"{custom.at('v2')}/x").status == 500)
    message = server.get(f"{custom.at('v2')}/x").message
    assert message.startswith(f"conversion webhook for {custom.group}/v1, Kind=")
    other = server.create(custom.at("v2"), custom.thing("y", "v2", spec={"a": 1}))
    assert other.status == 500


def test_versions_are_offered_by_stability(server: Server) -> None:
    custom = server.define(versions=versions())
    group = server.get(f"/apis/{custom.group}").ok()
    assert [each["version"] for each in group["versions"]] == ["v2", "v1"]
    assert group["preferredVersion"]["version"] == "v2"


def test_another_storage_version_is_recorded(server: Server) -> None:
    custom = server.define(versions=versions())
    server.create(custom.path, custom.thing(spec={"a": 1})).ok()
    changed = server.merge(custom.crd, {"spec": {"versions": versions("v2")}}).ok()
    assert changed["status"]["storedVersions"] == ["v1", "v2"]
    assert server.get(f"{custom.path}/x").ok()["spec"] == {"a": 1}
    answer = server.merge(custom.crd, {"spec": {"versions": versions("v2")[1:]}})
    assert (answer.status, answer.fields) == (422, ["status.storedVersions[0]"])


def test_a_version_that_is_no_longer_served_is_not_found(server: Server) -> None:
    custom = server.define(versions=versions())
    server.merge(custom.crd, {"spec": {"versions": versions(served=("v1",))}}).ok()
    server.eventually(lambda: server.get(custom.at("v2")).status == 404)
    server.eventually(lambda: server.get(custom.path).status == 200)


def test_a_schema_that_changes_is_used_at_once(server: Server) -> None:
    custom = server.define(schema({"a": TEXT}))
    wider = custom.definition(schema({"a": TEXT, "b": {**TEXT, "default": "x"}}))
    server.merge(custom.crd, {"spec": wider["spec"]}).ok()

    def made() -> bool:
        server.delete(f"{custom.path}/x")
        answer = server.create(custom.path, custom.thing(spec={}))
        # While the real server changes over it is "shutting down".
        return answer.status != 503 and answer.ok()["spec"] == {"b": "x"}

    server.eventually(made)


def test_a_definition_takes_its_objects_along(server: Server) -> None:
    custom = server.define()
    server.create(custom.path, custom.thing()).ok()
    server.delete(custom.crd).ok()
    server.eventually(lambda: server.gone(custom.crd))
    server.eventually(lambda: server.get(custom.path).status == 404)


def test_a_definition_waits_for_finalizers_of_its_objects(server: Server) -> None:
    custom = server.define()
    server.create(custom.path, custom.thing()).ok()
    held = {"metadata": {"finalizers": ["example.com/hold"]}}
    server.merge(f"{custom.path}/x", held).ok()
    deleted = server.delete(custom.crd).ok()
    assert deleted["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    server.eventually(
        lambda: "deletionTimestamp" in server.get(f"{custom.path}/x").ok()["metadata"]
    )
    assert condition(server.get(custom.crd).ok(), "Terminating")["status"] == "True"
    answer = server.create(custom.path, custom.thing("late"))
    assert (answer.status, answer.reason) == (403, "Forbidden")
    server.merge(f"{custom.path}/x", {"metadata": {"finalizers": None}}).ok()
    server.eventually(lambda: server.gone(custom.crd))
