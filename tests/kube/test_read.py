# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Get, list, selectors, pages and watches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Object, Server

MAPS = "/api/v1/namespaces/{ns}/configmaps"
OWN = "kube-root-ca.crt"
"""The ConfigMap that every namespace has."""


def made(server: Server, *names: str, **labels: str) -> None:
    server.eventually(lambda: not server.gone(f"{MAPS}/{OWN}"))
    for name in names:
        server.create(MAPS, {"metadata": {"name": name, "labels": {"all": "x", **labels}}}).ok()


def names(server: Server, **query: Any) -> list[str]:
    found = server.get(MAPS, **{"labelSelector": "all", **query}).ok()
    return [item["metadata"]["name"] for item in found["items"]]


def test_what_is_not_there_is_not_found(server: Server) -> None:
    answer = server.get(f"{MAPS}/absent")
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'configmaps "absent" not found',
        "reason": "NotFound",
        "details": {"name": "absent", "kind": "configmaps"},
        "code": 404,
    }


def test_a_list_is_ordered_and_has_a_version(server: Server) -> None:
    made(server, "b", "a", "c")
    found = server.get(MAPS, labelSelector="all").ok()
    assert (found["kind"], found["apiVersion"]) == ("ConfigMapList", "v1")
    assert [item["metadata"]["name"] for item in found["items"]] == ["a", "b", "c"]
    assert int(found["metadata"]["resourceVersion"]) > 0
    assert "kind" not in found["items"][0]


def test_items_of_custom_lists_tell_their_kind(server: Server) -> None:
    custom = server.define()
    server.create(custom.path, custom.thing()).ok()
    (item,) = server.get(custom.path).ok()["items"]
    assert (item["kind"], item["apiVersion"]) == ("Thing", f"{custom.group}/v1")


def test_a_list_of_all_namespaces(server: Server) -> None:
    made(server, "a", mine=server.me)
    found = server.get("/api/v1/configmaps", labelSelector=f"mine={server.me}").ok()
    assert [item["metadata"]["namespace"] for item in found["items"]] == [server.ns]


def test_a_list_in_a_namespace_that_is_absent_is_empty(server: Server) -> None:
    assert server.get("/api/v1/namespaces/{me}-absent/configmaps").ok()["items"] == []


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("tier=web", ["a", "b"]),
        ("tier==web", ["a", "b"]),
        ("tier!=web", ["c", "d"]),
        ("tier", ["a", "b", "c"]),
        ("!tier", ["d"]),
        ("tier in (web, db)", ["a", "b", "c"]),
        ("tier notin (web)", ["c", "d"]),  # codespell:ignore notin
        ("tier=web,level=1", ["a"]),
        ("level in (1,2),tier", ["a", "b"]),
        ("level>1", ["b", "d"]),
        ("level<2", ["a"]),
        ("tier=", []),
        ("", ["a", "b", "c", "d"]),
    ],
)
def test_label_selectors(server: Server, selector: str, expected: list[str]) -> None:
    made(server, "a", tier="web", level="1")
    made(server, "b", tier="web", level="2")
    made(server, "c", tier="db")
    made(server, "d", level="3")
    assert names(server, labelSelector=f"all,{selector}".rstrip(",")) == expected


@pytest.mark.parametrize("selector", ["a=(", "a=b c", "a/b/c=d", "=x", "a in b", "a in (b"])
def test_a_label_selector_that_cannot_be_read(server: Server, selector: str) -> None:
    answer = server.get(MAPS, labelSelector=selector)
    assert (answer.status, answer.reason) == (400, "BadRequest")


def test_field_selectors(server: Server) -> None:
    made(server, "a", "b")
    assert names(server, fieldSelector="metadata.name=a") == ["a"]
    assert names(server, fieldSelector="metadata.name!=a") == ["b"]
    assert names(server, fieldSelector=f"metadata.namespace={server.ns}") == ["a", "b"]
    assert names(server, fieldSelector=f"metadata.namespace={server.ns},metadata.name=b") == ["b"]


def test_some_kinds_know_further_fields(server: Server) -> None:
    path = "/api/v1/namespaces/{ns}/secrets"
    for name, kind in (("a", "Opaque"), ("b", "example.com/other")):
        server.create(path, {"metadata": {"name": name}, "type": kind}).ok()
    found = server.get(path, fieldSelector="type=example.com/other").ok()["items"]
    assert [item["metadata"]["name"] for item in found] == ["b"]


@pytest.mark.parametrize("selector", ["data.a=b", "spec.x=y", "nonsense"])
def test_other_fields_cannot_be_selected_by(server: Server, selector: str) -> None:
    answer = server.get(MAPS, fieldSelector=selector)
    assert (answer.status, answer.reason) == (400, "BadRequest")


def test_pages(server: Server) -> None:
    made(server, *"abcde")
    first = server.get(MAPS, limit=2).ok()
    assert [item["metadata"]["name"] for item in first["items"]] == ["a", "b"]
    assert first["metadata"]["remainingItemCount"] == 4
    found, page = ["a", "b"], first
    while page["metadata"].get("continue"):
        page = server.get(MAPS, limit=2, **{"continue": page["metadata"]["continue"]}).ok()
        found += [item["metadata"]["name"] for item in page["items"]]
        assert page["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert found == [*"abcde", OWN]


def test_pages_with_a_selector_do_not_count_what_remains(server: Server) -> None:
    made(server, *"abc")
    page = server.get(MAPS, limit=2, labelSelector="all").ok()
    assert page["metadata"]["continue"]
    assert "remainingItemCount" not in page["metadata"]


def test_pages_show_one_moment(server: Server) -> None:
    made(server, "a", "b", "c")
    first = server.get(MAPS, limit=1, labelSelector="all").ok()
    server.delete(f"{MAPS}/b").ok()
    made(server, "bb")
    token = {"continue": first["metadata"]["continue"]}
    assert names(server, limit=5, **token) == ["b", "c"]


def test_an_exact_version_can_be_listed(server: Server) -> None:
    made(server, "a")
    version = server.get(MAPS).ok()["metadata"]["resourceVersion"]
    made(server, "b")
    server.merge(f"{MAPS}/a", {"metadata": {"labels": {"all": None}}}).ok()
    exact = {"resourceVersion": version, "resourceVersionMatch": "Exact"}
    assert names(server, **exact) == ["a"]
    assert names(server) == ["b"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"limit": "x"}, 400),
        ({"continue": "x"}, 400),
        ({"resourceVersion": "x"}, 400),
        ({"resourceVersion": "99999999"}, 504),
        ({"resourceVersionMatch": "Exact"}, 422),
        ({"resourceVersionMatch": "Some", "resourceVersion": "1"}, 422),
    ],
)
def test_list_options_that_make_no_sense(server: Server, query: Object, status: int) -> None:
    assert server.get(MAPS, **query).status == status


def watch(server: Server, path: str = MAPS, **query: Any) -> list[tuple[str, Object]]:
    """Return what a watch of one second tells."""
    url = path.format(ns=server.ns, me=server.me)
    params = {"watch": "true", "timeoutSeconds": "1", **query}
    found = []
    with server.backend.http.stream("GET", url, params=params) as response:
        assert response.status_code == 200
        for line in response.iter_lines():
            event = json.loads(line)
            found.append((event["type"], event["object"]))
    return found


def told(events: list[tuple[str, Object]]) -> list[tuple[str, str]]:
    return [(kind, obj["metadata"].get("name", "")) for kind, obj in events]


def test_a_watch_begins_with_what_is_there(server: Server) -> None:
    made(server, "b", "a")
    assert told(watch(server, labelSelector="all")) == [("ADDED", "a"), ("ADDED", "b")]


def test_a_watch_from_a_version_tells_what_happened_since(server: Server) -> None:
    made(server, "a")
    version = server.get(MAPS).ok()["metadata"]["resourceVersion"]
    made(server, "b")
    changed = server.merge(f"{MAPS}/a", {"data": {"x": "y"}}).ok()
    server.delete(f"{MAPS}/b").ok()
    events = watch(server, resourceVersion=version)
    assert told(events) == [("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "b")]
    assert events[1][1] == changed
    versions = [int(obj["metadata"]["resourceVersion"]) for _, obj in events]
    assert versions == sorted(set(versions))


def test_a_watch_of_one_object(server: Server) -> None:
    made(server, "a", "b")
    events = watch(server, fieldSelector="metadata.name=b")
    assert told(events) == [("ADDED", "b")]


def test_what_leaves_a_selection_is_told_as_deleted(server: Server) -> None:
    made(server, "a")
    version = server.get(MAPS).ok()["metadata"]["resourceVersion"]
    server.merge(f"{MAPS}/a", {"metadata": {"labels": {"all": None, "kept": "y"}}}).ok()
    server.merge(f"{MAPS}/a", {"metadata": {"labels": {"all": "z"}}}).ok()
    events = watch(server, resourceVersion=version, labelSelector="all")
    assert told(events) == [("DELETED", "a"), ("ADDED", "a")]
    assert events[0][1]["metadata"]["labels"] == {"all": "x"}


def test_bookmarks_tell_how_far_a_watch_has_come(server: Server) -> None:
    made(server, "a")
    events = watch(
        server,
        labelSelector="all",
        allowWatchBookmarks="true",
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
    )
    assert told(events)[:2] == [("ADDED", "a"), ("BOOKMARK", "")]
    bookmark = events[1][1]
    assert bookmark["kind"] == "ConfigMap"
    assert bookmark["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert int(bookmark["metadata"]["resourceVersion"]) > 0
    later = watch(server, resourceVersion=bookmark["metadata"]["resourceVersion"])
    assert [kind for kind, _ in later if kind != "BOOKMARK"] == []


def test_initial_events_need_a_match(server: Server) -> None:
    answer = server.get(MAPS, watch="true", sendInitialEvents="true")
    assert (answer.status, answer.fields) == (422, ["resourceVersionMatch"])


def test_a_watch_of_custom_objects_tells_the_version_asked_for(server: Server) -> None:
    versions = [
        {"name": name, "served": True, "storage": name == "v1",
         "schema": {"openAPIV3Schema": {"type": "object"}}}
        for name in ("v1", "v2")
    ]  # fmt: skip
    custom = server.define(versions=versions)
    server.create(custom.path, custom.thing()).ok()
    ((kind, obj),) = watch(server, custom.at("v2"))
    assert (kind, obj["apiVersion"]) == ("ADDED", f"{custom.group}/v2")
