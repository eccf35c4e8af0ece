# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Objects as their metadata alone, for clients that need no more of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightkube
import pytest
from lightkube import generic_resource

if TYPE_CHECKING:
    from .conftest import Answer, Object, Server

MAPS = "/api/v1/namespaces/{ns}/configmaps"
ONE, MANY = "PartialObjectMetadata", "PartialObjectMetadataList"


def accept(kind: str, version: str = "v1", group: str = "meta.k8s.io") -> dict[str, str]:
    return {"accept": f"application/json;as={kind};g={group};v={version}"}


def ask(server: Server, path: str, kind: str, **query: Any) -> Answer:
    return server.ask("GET", path, headers=accept(kind), **query)


def made(server: Server, *names: str) -> list[Object]:
    body = {"metadata": {"labels": {"all": "x"}}, "data": {"a": "b"}}
    return [
        server.create(MAPS, {**body, "metadata": {**body["metadata"], "name": name}}).ok()
        for name in names
    ]


def test_an_object_is_asked_for_by_its_metadata(server: Server) -> None:
    (whole,) = made(server, "a")
    assert ask(server, f"{MAPS}/a", ONE).ok() == {
        "kind": ONE,
        "apiVersion": "meta.k8s.io/v1",
        "metadata": whole["metadata"],
    }


def test_a_list_has_the_metadata_of_each_object(server: Server) -> None:
    made(server, "a", "b")
    whole = server.get(MAPS, labelSelector="all").ok()
    found = ask(server, MAPS, MANY, labelSelector="all").ok()
    assert (found["kind"], found["apiVersion"]) == (MANY, "meta.k8s.io/v1")
    assert found["metadata"] == whole["metadata"]
    assert found["items"] == [
        {"kind": ONE, "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}
        for item in whole["items"]
    ]


def test_an_empty_list_of_metadata_is_null(server: Server) -> None:
    assert ask(server, MAPS, MANY, labelSelector="all").ok()["items"] is None
    custom = server.define()
    assert ask(server, custom.path, MANY).ok()["items"] is None


def test_pages_of_metadata_continue(server: Server) -> None:
    made(server, "a", "b")
    first = ask(server, MAPS, MANY, labelSelector="all", limit=1).ok()
    token = first["metadata"]["continue"]
    rest = ask(server, MAPS, MANY, **{"labelSelector": "all", "limit": 1, "continue": token}).ok()
    assert [each["items"][0]["metadata"]["name"] for each in (first, rest)] == ["a", "b"]
    page = server.get(MAPS, limit=1).ok()["metadata"]
    remaining = ask(server, MAPS, MANY, limit=1).ok()["metadata"].get("remainingItemCount")
    assert remaining == page["remainingItemCount"]


def test_a_custom_object_and_a_definition_have_metadata_too(server: Server) -> None:
    custom = server.define()
    whole = server.create(custom.path, custom.thing(spec={"a": 1})).ok()
    (item,) = ask(server, custom.path, MANY).ok()["items"]
    assert item["metadata"] == whole["metadata"]
    definition = ask(server, custom.crd, ONE).ok()
    assert definition.keys() == {"kind", "apiVersion", "metadata"}
    assert definition["metadata"] == server.get(custom.crd).ok()["metadata"]


def test_the_kind_has_an_older_version(server: Server) -> None:
    made(server, "a")
    answer = server.ask("GET", f"{MAPS}/a", headers=accept(ONE, "v1beta1"))
    assert answer.ok()["apiVersion"] == "meta.k8s.io/v1beta1"


@pytest.mark.parametrize(("path", "kind"), [(MAPS, ONE), (f"{MAPS}/a", MANY)])
def test_a_list_is_no_object(server: Server, path: str, kind: str) -> None:
    made(server, "a")
    answer = ask(server, path, kind)
    assert (answer.status, answer.reason) == (406, "NotAcceptable")
    assert answer.message.startswith(f"you requested {kind}, but the requested object is ")


@pytest.mark.parametrize(
    "headers", [accept("Nonsense"), accept(ONE, "1"), accept(ONE, group="example.com")]
)
def test_a_form_that_is_not_known_is_refused_unless_another_will_do(
    server: Server, headers: dict[str, str]
) -> None:
    made(server, "a")
    assert server.ask("GET", f"{MAPS}/a", headers=headers).status == 406
    other = {"accept": f"{headers['accept']}, application/json"}
    assert server.ask("GET", f"{MAPS}/a", headers=other).ok()["data"] == {"a": "b"}


def test_what_is_not_there_is_not_found(server: Server) -> None:
    assert ask(server, f"{MAPS}/absent", ONE).status == 404


def test_paths_without_objects_have_no_metadata(server: Server) -> None:
    assert ask(server, "/apis", ONE).status == 406


def test_writes_answer_with_metadata(server: Server) -> None:
    body = {"metadata": {"name": "a"}, "data": {"a": "b"}}
    answer = server.ask("POST", MAPS, body, headers=accept(ONE))
    assert (answer.status, answer.ok()["kind"]) == (201, ONE)
    assert server.get(f"{MAPS}/a").ok()["data"] == {"a": "b"}
    assert server.ask("DELETE", f"{MAPS}/a", headers=accept(ONE)).ok()["kind"] == "Status"


def test_a_watch_tells_of_metadata(server: Server) -> None:
    (whole,) = made(server, "a")
    query = {"watch": "true", "timeoutSeconds": 1, "labelSelector": "all"}
    event = ask(server, MAPS, ONE, **query).ok()
    assert event["type"] == "ADDED"
    assert event["object"] == {
        "kind": ONE,
        "apiVersion": "meta.k8s.io/v1",
        "metadata": whole["metadata"],
    }


def test_lightkube_reads_metadata_where_it_is_given_the_header(server: Server) -> None:
    info = generic_resource.create_api_info("", "v1", "ConfigMap", "configmaps")
    bases = (generic_resource.GenericNamespacedResource,)
    resource = type("ConfigMap", bases, {"_api_info": info})
    client: lightkube.Client = server.client()
    assert listed(client, resource, "all") == []
    made(server, "a")
    (item,) = listed(client, resource, "all")
    assert (item["kind"], item["metadata"]["name"]) == (ONE, "a")


def listed(client: lightkube.Client, resource: Any, selector: str) -> list[Object]:
    """lightkube's own list cannot send a header, and does not read an empty list of metadata."""
    inner = client._client
    request = inner.prepare_request(
        "list", resource, params={"labelSelector": selector},
        headers={"Accept": accept(MANY)["accept"]},
    )  # fmt: skip
    response = inner.send(inner.build_adapter_request(request))
    inner.raise_for_status(response)
    return response.json()["items"] or []
