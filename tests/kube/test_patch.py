# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""JSON merge patch, JSON patch and strategic merge patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Object, Server

MAPS = "/api/v1/namespaces/{ns}/configmaps"
CM = f"{MAPS}/c"
SERVICE = "/api/v1/namespaces/{ns}/services/s"


def made(server: Server, **data: str) -> Object:
    labels = {"x": "y"}
    return server.create(MAPS, {"metadata": {"name": "c", "labels": labels}, "data": data}).ok()


def test_a_merge_patch_sets_and_removes(server: Server) -> None:
    made(server, a="1", b="2")
    patched = server.merge(CM, {"data": {"a": "3", "b": None, "c": "4"}}).ok()
    assert patched["data"] == {"a": "3", "c": "4"}
    assert patched["metadata"]["labels"] == {"x": "y"}
    assert "labels" not in server.merge(CM, {"metadata": {"labels": None}}).ok()["metadata"]


def test_a_merge_patch_replaces_lists(server: Server) -> None:
    made(server)
    server.merge(CM, {"metadata": {"finalizers": ["example.com/a"]}}).ok()
    patched = server.merge(CM, {"metadata": {"finalizers": ["example.com/b"]}}).ok()
    assert patched["metadata"]["finalizers"] == ["example.com/b"]
    server.merge(CM, {"metadata": {"finalizers": None}}).ok()


def test_a_merge_patch_can_require_a_version(server: Server) -> None:
    version = made(server, a="1")["metadata"]["resourceVersion"]
    current = {"resourceVersion": version}
    server.merge(CM, {"metadata": current, "data": {"a": "2"}}).ok()
    answer = server.merge(CM, {"metadata": current, "data": {"a": "3"}})
    assert (answer.status, answer.reason) == (409, "Conflict")


@pytest.mark.parametrize(
    ("patch", "status", "reason"),
    [
        ([1], 400, "BadRequest"),
        (b"nonsense", 400, "BadRequest"),
        ({"data": {"a": 1}}, 422, "Invalid"),
        ({"metadata": {"name": "d"}}, 400, "BadRequest"),
        ({"metadata": {"namespace": "else"}}, 400, "BadRequest"),
    ],
)
def test_a_merge_patch_that_makes_no_sense(
    server: Server, patch: Any, status: int, reason: str
) -> None:
    before = made(server, a="1")
    answer = server.merge(CM, patch)
    assert (answer.status, answer.reason) == (status, reason)
    assert server.get(CM).body == before


def test_patches_need_the_object(server: Server) -> None:
    assert server.merge(CM, {}).reason == "NotFound"
    assert server.json_patch(CM).reason == "NotFound"
    assert server.strategic(CM, {}).reason == "NotFound"


def test_a_json_patch_operates(server: Server) -> None:
    made(server, a="1", b="2")
    patched = server.json_patch(
        CM,
        {"op": "test", "path": "/data/a", "value": "1"},
        {"op": "replace", "path": "/data/a", "value": "3"},
        {"op": "remove", "path": "/data/b"},
        {"op": "add", "path": "/data/c", "value": "4"},
        {"op": "copy", "from": "/data/c", "path": "/data/d"},
        {"op": "move", "from": "/data/d", "path": "/data/e"},
        {"op": "add", "path": "/metadata/labels/example.com~1z", "value": "w"},
    ).ok()
    assert patched["data"] == {"a": "3", "c": "4", "e": "4"}
    assert patched["metadata"]["labels"] == {"x": "y", "example.com/z": "w"}


def test_a_json_patch_inserts_into_lists(server: Server) -> None:
    made(server)
    names = [f"example.com/{letter}" for letter in "abc"]
    patched = server.json_patch(
        CM,
        {"op": "add", "path": "/metadata/finalizers", "value": [names[1]]},
        {"op": "add", "path": "/metadata/finalizers/0", "value": names[0]},
        {"op": "add", "path": "/metadata/finalizers/-", "value": names[2]},
    ).ok()
    assert patched["metadata"]["finalizers"] == names
    server.json_patch(CM, {"op": "remove", "path": "/metadata/finalizers"}).ok()


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/data/a", "value": "2"},
        {"op": "remove", "path": "/data/absent"},
        {"op": "add", "path": "/absent/a", "value": "1"},
        {"op": "frobnicate", "path": "/data/a"},
    ],
)
def test_a_json_patch_that_cannot_be_done(server: Server, operation: Object) -> None:
    before = made(server, a="1")
    answer = server.json_patch(CM, operation)
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert server.get(CM).body == before


def test_a_json_patch_is_a_list(server: Server) -> None:
    made(server)
    answer = server.ask("PATCH", CM, {"op": "remove"}, "application/json-patch+json")
    assert (answer.status, answer.reason) == (400, "BadRequest")


def service(server: Server) -> None:
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
    spec = {"ports": ports, "selector": {"app": "x"}}
    server.create(SERVICE.removesuffix("/s"), {"metadata": {"name": "s"}, "spec": spec}).ok()


def names(obj: Object) -> list[str]:
    return [port["name"] for port in obj["spec"]["ports"]]


def test_a_strategic_patch_merges_lists_by_key(server: Server) -> None:
    service(server)
    item = {"port": 81, "targetPort": "web"}
    patched = server.strategic(SERVICE, {"spec": {"ports": [item]}}).ok()
    assert names(patched) == ["a", "b"]
    assert patched["spec"]["ports"][1]["targetPort"] == "web"
    more = server.strategic(SERVICE, {"spec": {"ports": [{"name": "c", "port": 82}]}}).ok()
    assert sorted(names(more)) == ["a", "b", "c"]


def test_a_strategic_patch_deletes_items(server: Server) -> None:
    service(server)
    gone = {"port": 80, "$patch": "delete"}
    assert names(server.strategic(SERVICE, {"spec": {"ports": [gone]}}).ok()) == ["b"]


def test_a_strategic_patch_replaces_where_that_is_asked(server: Server) -> None:
    service(server)
    ports = [{"name": "z", "port": 90}, {"$patch": "replace"}]
    assert names(server.strategic(SERVICE, {"spec": {"ports": ports}}).ok()) == ["z"]
    selector = {"$patch": "replace", "other": "y"}
    patched = server.strategic(SERVICE, {"spec": {"selector": selector}}).ok()
    assert patched["spec"]["selector"] == {"other": "y"}


def test_a_strategic_patch_orders_items(server: Server) -> None:
    service(server)
    order = [{"port": 81}, {"port": 82}, {"port": 80}]
    ports = [{"name": "c", "port": 82}]
    patch = {"spec": {"$setElementOrder/ports": order, "ports": ports}}
    assert names(server.strategic(SERVICE, patch).ok()) == ["b", "c", "a"]


def test_a_strategic_patch_deletes_from_sets(server: Server) -> None:
    made(server)
    server.strategic(CM, {"metadata": {"finalizers": ["example.com/a"]}}).ok()
    both = server.strategic(CM, {"metadata": {"finalizers": ["example.com/b"]}}).ok()
    assert sorted(both["metadata"]["finalizers"]) == ["example.com/a", "example.com/b"]
    gone = {"$deleteFromPrimitiveList/finalizers": ["example.com/a"]}
    left = server.strategic(CM, {"metadata": gone}).ok()
    assert left["metadata"]["finalizers"] == ["example.com/b"]
    server.merge(CM, {"metadata": {"finalizers": None}}).ok()


def test_custom_resources_know_no_strategic_patch(server: Server) -> None:
    custom = server.define()
    server.create(custom.path, custom.thing()).ok()
    answer = server.strategic(f"{custom.path}/x", {"spec": {"a": 1}})
    assert (answer.status, answer.reason) == (415, "UnsupportedMediaType")


def test_an_unknown_kind_of_patch_is_refused(server: Server) -> None:
    before = made(server, a="1")
    answer = server.ask("PATCH", CM, {"data": {"a": "2"}}, "application/json")
    assert (answer.status, answer.reason) == (415, "UnsupportedMediaType")
    assert server.get(CM).body == before
