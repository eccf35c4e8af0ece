# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Server-side apply: who owns what, conflicts, and what happens to fields no longer applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Object, Server

CM = "/api/v1/namespaces/{ns}/configmaps/c"
SERVICE = "/api/v1/namespaces/{ns}/services/s"


def config(data: Any = None, **metadata: Any) -> Object:
    obj: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", **metadata}}
    return obj if data is None else {**obj, "data": data}


def service(*ports: Object, **spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s"},
        "spec": {**({"ports": list(ports)} if ports else {}), **spec},
    }


def owners(obj: Object) -> dict[str, Any]:
    """Return the fields that each manager owns."""
    return {entry["manager"]: entry["fieldsV1"] for entry in obj["metadata"]["managedFields"]}


def ports(obj: Object) -> list[tuple[int, str]]:
    return [(port["port"], port.get("name", "")) for port in obj["spec"]["ports"]]


def test_an_apply_creates_and_owns_what_it_gives(server: Server) -> None:
    answer = server.apply(CM, config({"a": "1"}, labels={"x": "y"}))
    assert answer.status == 201
    (entry,) = answer.body["metadata"]["managedFields"]
    assert entry["operation"] == "Apply"
    assert entry["apiVersion"] == "v1"
    assert entry["fieldsType"] == "FieldsV1"
    fields = {"f:metadata": {"f:labels": {"f:x": {}}}, "f:data": {"f:a": {}}}
    assert owners(answer.body) == {"one": fields}


def test_the_same_apply_again_writes_nothing(server: Server) -> None:
    first = server.apply(CM, config({"a": "1"})).ok()
    again = server.apply(CM, config({"a": "1"}))
    assert again.status == 200
    assert again.body == first


def test_a_field_no_longer_applied_is_removed(server: Server) -> None:
    server.apply(CM, config({"a": "1", "b": "2"}, annotations={"x": "y"})).ok()
    left = server.apply(CM, config({"a": "1"})).ok()
    assert left["data"] == {"a": "1"}
    assert "annotations" not in left["metadata"]


def test_the_last_field_takes_its_map_along(server: Server) -> None:
    server.apply(CM, config({"a": "1"}, labels={"x": "y"})).ok()
    left = server.apply(CM, config()).ok()
    assert "data" not in left
    assert "labels" not in left["metadata"]
    assert "managedFields" not in left["metadata"]


def test_what_another_manager_gives_stays(server: Server) -> None:
    server.apply(CM, config({"a": "1"})).ok()
    both = server.apply(CM, config({"b": "2"}), "two").ok()
    assert both["data"] == {"a": "1", "b": "2"}
    left = server.apply(CM, config(), "two").ok()
    assert left["data"] == {"a": "1"}
    assert owners(left) == {"one": {"f:data": {"f:a": {}}}}


def test_a_field_given_by_two_with_one_value_is_shared(server: Server) -> None:
    server.apply(CM, config({"a": "1"})).ok()
    shared = server.apply(CM, config({"a": "1"}), "two").ok()
    assert owners(shared) == {"one": {"f:data": {"f:a": {}}}, "two": {"f:data": {"f:a": {}}}}
    left = server.apply(CM, config()).ok()
    assert left["data"] == {"a": "1"}
    assert list(owners(left)) == ["two"]


def test_another_value_is_a_conflict(server: Server) -> None:
    before = server.apply(CM, config({"a": "1"})).ok()
    answer = server.apply(CM, config({"a": "2"}), "two")
    assert (answer.status, answer.reason) == (409, "Conflict")
    assert answer.message == 'Apply failed with 1 conflict: conflict with "one": .data.a'
    assert answer.body["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".data.a"}
    ]
    assert server.get(CM).body == before


def test_several_conflicts_are_listed_by_manager(server: Server) -> None:
    server.apply(CM, config({"a": "1", "b": "1"})).ok()
    server.merge(CM, {"data": {"c": "1"}}, fieldManager="zed").ok()
    answer = server.apply(CM, config({"a": "2", "b": "2", "c": "2"}), "two")
    assert answer.message == (
        'Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\n- .data.b\n'
        'conflicts with "zed" using v1:\n- .data.c'
    )


def test_force_takes_the_field(server: Server) -> None:
    server.apply(CM, config({"a": "1", "b": "1"})).ok()
    forced = server.apply(CM, config({"a": "2"}), "two", force="true").ok()
    assert forced["data"] == {"a": "2", "b": "1"}
    assert owners(forced) == {"one": {"f:data": {"f:b": {}}}, "two": {"f:data": {"f:a": {}}}}


def test_an_update_takes_what_it_changes(server: Server) -> None:
    server.apply(CM, config({"a": "1", "b": "1"})).ok()
    changed = server.merge(CM, {"data": {"a": "2"}}, fieldManager="editor").ok()
    assert owners(changed) == {"one": {"f:data": {"f:b": {}}}, "editor": {"f:data": {"f:a": {}}}}
    assert server.apply(CM, config({"a": "1", "b": "1"})).status == 409


def test_an_update_that_changes_nothing_owns_nothing(server: Server) -> None:
    before = server.apply(CM, config({"a": "1"})).ok()
    assert server.merge(CM, {"data": {"a": "1"}}, fieldManager="editor").ok() == before


def test_a_plain_create_owns_what_it_gives(server: Server) -> None:
    path = "/api/v1/namespaces/{ns}/configmaps"
    created = server.create(path, config({"a": "1"}, labels={"x": "y"})).ok()
    fields = {
        "f:data": {".": {}, "f:a": {}},
        "f:metadata": {"f:labels": {".": {}, "f:x": {}}},
    }
    assert owners(created) == {"suite": fields}
    assert created["metadata"]["managedFields"][0]["operation"] == "Update"


def test_keyed_lists_have_an_owner_per_item(server: Server) -> None:
    server.apply(SERVICE, service({"name": "a", "port": 80}, {"name": "b", "port": 81})).ok()
    both = server.apply(SERVICE, service({"name": "c", "port": 82}), "two").ok()
    assert ports(both) == [(80, "a"), (81, "b"), (82, "c")]
    assert owners(both)["two"] == {
        "f:spec": {
            "f:ports": {'k:{"port":82,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}}}
        }
    }
    left = server.apply(SERVICE, service({"name": "b", "port": 81})).ok()
    assert ports(left) == [(81, "b"), (82, "c")]


def test_a_keyed_item_changes_in_place(server: Server) -> None:
    server.apply(SERVICE, service({"name": "a", "port": 80}, {"name": "b", "port": 81})).ok()
    item = {"name": "a", "port": 80, "targetPort": "web"}
    changed = server.apply(SERVICE, service(item, {"name": "b", "port": 81})).ok()
    assert changed["spec"]["ports"][0]["targetPort"] == "web"
    answer = server.apply(SERVICE, service({"name": "z", "port": 80}), "two")
    assert answer.fields == ['.spec.ports[port=80,protocol="TCP"].name']


def test_items_take_the_order_of_the_applier(server: Server) -> None:
    server.apply(SERVICE, service({"name": "a", "port": 80}, {"name": "b", "port": 81})).ok()
    turned = server.apply(SERVICE, service({"name": "b", "port": 81}, {"name": "a", "port": 80}))
    assert ports(turned.ok()) == [(81, "b"), (80, "a")]
    between = [{"name": "x", "port": 70}, {"name": "a", "port": 80}]
    assert ports(server.apply(SERVICE, service(*between), "two").ok()) == [
        (81, "b"), (70, "x"), (80, "a"),
    ]  # fmt: skip


def test_a_keyed_item_given_twice_is_refused(server: Server) -> None:
    answer = server.apply(SERVICE, service({"name": "a", "port": 80}, {"name": "b", "port": 80}))
    assert answer.status == 500
    assert "duplicate entries for key" in answer.message


def test_sets_have_an_owner_per_member(server: Server) -> None:
    server.apply(CM, config(finalizers=["example.com/a"])).ok()
    both = server.apply(CM, config(finalizers=["example.com/b"]), "two").ok()
    assert both["metadata"]["finalizers"] == ["example.com/a", "example.com/b"]
    assert owners(both)["one"] == {"f:metadata": {"f:finalizers": {'v:"example.com/a"': {}}}}
    left = server.apply(CM, config()).ok()
    assert left["metadata"]["finalizers"] == ["example.com/b"]
    assert "finalizers" not in server.apply(CM, config(), "two").ok()["metadata"]


def test_an_atomic_map_has_one_owner(server: Server) -> None:
    port = {"name": "a", "port": 80}
    server.apply(SERVICE, service(port, selector={"a": "b"})).ok()
    answer = server.apply(SERVICE, service(port, selector={"c": "d"}), "two")
    assert answer.fields == [".spec.selector"]
    taken = server.apply(SERVICE, service(port, selector={"c": "d"}), "two", force="true").ok()
    assert taken["spec"]["selector"] == {"c": "d"}


def test_a_defaulted_field_has_no_owner_and_stays(server: Server) -> None:
    port = {"name": "a", "port": 80}
    created = server.apply(SERVICE, service(port)).ok()
    assert created["spec"]["type"] == "ClusterIP"
    server.apply(SERVICE, service(port, sessionAffinity="ClientIP"), "two").ok()
    left = server.apply(SERVICE, service(port), "two").ok()
    assert left["spec"]["sessionAffinity"] == "None"
    assert left["spec"]["clusterIP"] == created["spec"]["clusterIP"]


def test_an_unknown_field_is_refused(server: Server) -> None:
    answer = server.apply(CM, {**config(), "extra": 1})
    assert answer.status == 500
    assert answer.message.endswith(".extra: field not declared in schema")
    assert server.gone(CM)


def test_a_wrong_type_is_refused(server: Server) -> None:
    answer = server.apply(CM, config({"a": 1}))
    assert answer.status == 500
    assert ".data.a: expected string" in answer.message


def test_a_quantity_in_another_notation_is_no_change(server: Server) -> None:
    path = "/api/v1/namespaces/{ns}/limitranges/l"
    amounts = {"cpu": "1000m", "memory": "1024Mi"}
    limit = {"type": "Container", "default": amounts, "defaultRequest": amounts}
    limits = {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "l"},
        "spec": {"limits": [limit]},
    }
    first = server.apply(path, limits).ok()
    assert first["spec"]["limits"][0]["default"] == {"cpu": "1", "memory": "1Gi"}
    again = server.apply(path, limits).ok()
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_secrets_keep_plain_text_encoded(server: Server) -> None:
    path = "/api/v1/namespaces/{ns}/secrets/s"
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "stringData": {"a": "b"},
    }
    first = server.apply(path, secret).ok()
    assert first["data"] == {"a": "Yg=="}
    assert "stringData" not in first
    assert owners(first) == {"one": {"f:stringData": {"f:a": {}}}}
    again = server.apply(path, secret).ok()
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_an_applier_needs_a_name(server: Server) -> None:
    answer = server.ask("PATCH", CM, config(), "application/apply-patch+yaml")
    assert (answer.status, answer.fields) == (422, ["fieldManager"])


def test_yaml_is_understood(server: Server) -> None:
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: b\n"
    content = "application/apply-patch+yaml"
    created = server.ask("PATCH", CM, text, content, fieldManager="one")
    assert created.ok()["data"] == {"a": "b"}


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"apiVersion": "v2"}, 400, "invalid object type: /v2, Kind=ConfigMap"),
        ({"kind": "Secret"}, 400, "invalid object type: /v1, Kind=Secret"),
        ({"kind": None}, 400, "invalid object type: /v1, Kind="),
        ({"metadata": {"name": "d"}}, 400, "does not match the name on the URL"),
        ({"metadata": {"name": "c", "namespace": "else"}}, 400, "does not match the namespace"),
        ({"metadata": {}}, 400, "name must be provided"),
        ({"metadata": {"name": "c", "managedFields": []}}, 400, "managedFields must be nil"),
        ({"metadata": {"name": "c", "uid": "1"}}, 409, "no existing object was found"),
    ],
)
def test_what_is_applied_must_fit_the_path(
    server: Server, change: Object, status: int, message: str
) -> None:
    answer = server.apply(CM, {**config(), **change})
    assert answer.status == status
    assert message in answer.message


def test_a_given_resource_version_must_be_the_stored_one(server: Server) -> None:
    stored = server.apply(CM, config({"a": "1"})).ok()
    version = stored["metadata"]["resourceVersion"]
    server.apply(CM, config({"a": "2"}, resourceVersion=version)).ok()
    answer = server.apply(CM, config({"a": "3"}, resourceVersion=version))
    assert (answer.status, answer.reason) == (409, "Conflict")
    assert "the object has been modified" in answer.message


def test_reset_owners_are_tracked_again_from_the_next_apply(server: Server) -> None:
    server.apply(CM, config({"a": "1"})).ok()
    reset = server.merge(CM, {"metadata": {"managedFields": [{}]}}).ok()
    assert "managedFields" not in reset["metadata"]
    untracked = server.merge(CM, {"data": {"a": "2"}}, fieldManager="editor").ok()
    assert "managedFields" not in untracked["metadata"]
    answer = server.apply(CM, config({"a": "3"}))
    assert answer.message == (
        'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a'
    )


def test_a_manager_that_updates_is_another_than_one_that_applies(server: Server) -> None:
    server.apply(CM, config({"a": "1"})).ok()
    server.merge(CM, {"data": {"a": "2"}}, fieldManager="one").ok()
    answer = server.apply(CM, config({"a": "1"}))
    assert answer.message == 'Apply failed with 1 conflict: conflict with "one" using v1: .data.a'


def test_untyped_content_has_an_owner_per_key_and_lists_as_a_whole(server: Server) -> None:
    custom = server.define()
    path = f"{custom.path}/x"
    server.apply(path, custom.thing(spec={"a": {"b": 1}, "l": [1, 2]})).ok()
    both = server.apply(path, custom.thing(spec={"a": {"c": 2}}), "two").ok()
    assert both["spec"] == {"a": {"b": 1, "c": 2}, "l": [1, 2]}
    answer = server.apply(path, custom.thing(spec={"l": [3]}), "two")
    assert answer.fields == [".spec.l"]
    left = server.apply(path, custom.thing(spec={"a": {"b": 1}})).ok()
    assert left["spec"] == {"a": {"b": 1, "c": 2}}
