# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Paths, methods, media types and bodies that the server does not understand; discovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Server

MAPS = "/api/v1/namespaces/{ns}/configmaps"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/absents",
        "/api/v1/namespaces/{ns}/absents",
        "/apis/apps/v1/absents/x",
        "/apis/apps/v9",
    ],
)
def test_an_unknown_resource_is_not_found(server: Server, path: str) -> None:
    answer = server.get(path)
    assert (answer.status, answer.reason) == (404, "NotFound")
    assert answer.message == "the server could not find the requested resource"


@pytest.mark.parametrize(
    "path",
    ["/absent", "/apis/absent.example.com", "/apis/absent.example.com/v1",
     "/apis/absent.example.com/v1/things", "/apis/absent.example.com/v1/namespaces/{ns}/things/x"],
)  # fmt: skip
def test_an_unknown_path_is_no_page(server: Server, path: str) -> None:
    answer = server.get(path)
    assert (answer.status, answer.body) == (404, "404 page not found\n")


def test_an_unknown_resource_of_a_known_group_is_no_page(server: Server) -> None:
    custom = server.define()
    answer = server.get(f"/apis/{custom.group}/v1/others")
    assert (answer.status, answer.body) == (404, "404 page not found\n")
    answer = server.get(f"/apis/{custom.group}/v2/things")
    assert (answer.status, answer.body) == (404, "404 page not found\n")


def test_an_unknown_resource_is_forbidden_before_it_is_missed(server: Server) -> None:
    user = server.impersonate("jane")
    for path in ("/api/v1/namespaces/{ns}/absents", "/apis/absent.example.com/v1/things/x"):
        assert user.get(path).reason == "Forbidden"


def test_an_unknown_resource_cannot_be_written(server: Server) -> None:
    assert server.create("/api/v1/namespaces/{ns}/absents", {}).status == 404
    assert server.merge("/api/v1/namespaces/{ns}/absents/x", {}).status == 404
    assert server.delete("/api/v1/namespaces/{ns}/absents/x").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{MAPS}/c"),
        ("PUT", MAPS),
        ("PATCH", MAPS),
        ("POST", "/api/v1/configmaps"),
        ("DELETE", "/api/v1/namespaces"),
        ("BREW", MAPS),
    ],
)
def test_a_method_that_makes_no_sense(server: Server, method: str, path: str) -> None:
    answer = server.ask(method, path, {})
    assert (answer.status, answer.reason) == (405, "MethodNotAllowed")
    assert answer.message == "the server does not allow this method on the requested resource"


def test_a_scope_that_makes_no_sense(server: Server) -> None:
    assert server.get("/api/v1/namespaces/{ns}/nodes").status == 404
    assert server.get("/api/v1/configmaps/c").status == 404


@pytest.mark.parametrize("content", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_an_unknown_type(server: Server, content: str) -> None:
    answer = server.ask("POST", MAPS, b"{}", content)
    assert (answer.status, answer.reason) == (415, "UnsupportedMediaType")
    assert answer.message.startswith(
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json, application/yaml"
    )


@pytest.mark.parametrize("body", [b"nonsense", b"[1]", b'"text"', b""])
def test_a_body_that_cannot_be_read(server: Server, body: bytes) -> None:
    answer = server.ask("POST", MAPS, body, "application/json")
    assert (answer.status, answer.reason) == (400, "BadRequest")


def test_a_body_in_yaml(server: Server) -> None:
    text = b"metadata:\n  name: c\ndata:\n  a: b\n"
    assert server.ask("POST", MAPS, text, "application/yaml").ok()["data"] == {"a": "b"}


@pytest.mark.parametrize("kind", ["text/plain", "image/png, text/html"])
def test_an_answer_of_a_type_that_is_unknown(server: Server, kind: str) -> None:
    answer = server.get(MAPS, headers={"accept": kind})
    assert answer.status == 406


@pytest.mark.parametrize("kind", ["*/*", "application/json", "text/plain, application/json"])
def test_an_answer_in_json(server: Server, kind: str) -> None:
    assert server.get(MAPS, headers={"accept": kind}).ok()["kind"] == "ConfigMapList"


@pytest.mark.only_real("in memory there is JSON only")
@pytest.mark.parametrize(
    "kind", ["application/yaml", "application/json;as=Table;v=v1;g=meta.k8s.io"]
)
def test_an_answer_in_other_forms(server: Server, kind: str) -> None:
    assert server.get(MAPS, headers={"accept": kind}).status == 200


@pytest.mark.parametrize(
    "change",
    [{"kind": "Secret"}, {"apiVersion": "v2"}, {"metadata": {"name": "c", "namespace": "else"}}],
)
def test_an_object_that_does_not_fit_the_path(server: Server, change: dict[str, object]) -> None:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, **change}
    answer = server.create(MAPS, obj)
    assert (answer.status, answer.reason) == (400, "BadRequest")
    assert server.gone(f"{MAPS}/c")


def test_a_name_that_does_not_fit_the_path(server: Server) -> None:
    server.create(MAPS, {"metadata": {"name": "c"}}).ok()
    answer = server.put(f"{MAPS}/c", {"metadata": {"name": "d"}})
    assert answer.status == 400
    assert answer.message == ("the name of the object (d) does not match the name on the URL (c)")


def test_the_version_is_told(server: Server) -> None:
    version = server.get("/version").ok()
    assert version["major"] == "1"
    assert version["gitVersion"].startswith(f"v1.{version['minor']}.")
    assert version["platform"]


def test_groups_and_versions_are_told(server: Server) -> None:
    assert server.get("/api").ok()["versions"] == ["v1"]
    found = server.get("/apis").ok()
    assert found["kind"] == "APIGroupList"
    groups = {group["name"]: group for group in found["groups"]}
    assert groups["apps"]["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}
    assert server.get("/apis/apps").ok()["versions"] == groups["apps"]["versions"]
    expected = {
        "admissionregistration.k8s.io", "apiextensions.k8s.io", "apps", "authorization.k8s.io",
        "autoscaling", "batch", "coordination.k8s.io", "discovery.k8s.io", "networking.k8s.io",
        "policy", "rbac.authorization.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
    }  # fmt: skip
    assert expected <= set(groups)


@pytest.mark.parametrize(
    ("path", "name", "namespaced", "kind", "short"),
    [
        ("/api/v1", "configmaps", True, "ConfigMap", ["cm"]),
        ("/api/v1", "namespaces", False, "Namespace", ["ns"]),
        ("/apis/apps/v1", "deployments", True, "Deployment", ["deploy"]),
        ("/apis/rbac.authorization.k8s.io/v1", "clusterroles", False, "ClusterRole", None),
    ],
)
def test_resources_are_told(
    server: Server, path: str, name: str, namespaced: bool, kind: str, short: list[str] | None
) -> None:
    found = server.get(path).ok()
    assert found["kind"] == "APIResourceList"
    entry = next(each for each in found["resources"] if each["name"] == name)
    assert (entry["namespaced"], entry["kind"]) == (namespaced, kind)
    assert entry.get("shortNames") == short
    assert {"create", "get", "list", "patch", "update", "watch"} <= set(entry["verbs"])


def test_every_resource_served_in_memory_is_the_real_one(server: Server) -> None:
    """What each server offers of the in-memory table agrees in kind, scope and names."""
    from kubefake import resources

    release = server.get("/version").ok()["gitVersion"].removeprefix("v")
    for resource in resources.builtin(release.rpartition(".")[0]).values():
        base = f"/apis/{resource.api_version}" if resource.group else "/api/v1"
        found = server.get(base).ok()["resources"]
        entries = {each["name"]: each for each in found}
        entry = entries[resource.plural]
        assert (entry["kind"], entry["namespaced"]) == (resource.kind, resource.namespaced)
        assert entry["singularName"] == resource.singular
        assert tuple(entry.get("shortNames", ())) == resource.short_names
        assert all(f"{resource.plural}/{part}" in entries for part in resource.subresources)


def test_custom_resources_are_told(server: Server) -> None:
    custom = server.define(subresources={"status": {}})
    server.eventually(lambda: server.get(f"/apis/{custom.group}/v1").status == 200)
    found = server.get(f"/apis/{custom.group}/v1").ok()["resources"]
    assert [each["name"] for each in found] == ["things", "things/status"]
    assert found[0]["singularName"] == "thing"
    assert found[1]["verbs"] == ["get", "patch", "update"]


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_health_is_told(server: Server, path: str) -> None:
    answer = server.get(path)
    assert (answer.status, answer.body) == (200, "ok")
