# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""lightkube as charms use it, on both servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightkube
import pytest
from lightkube import ApiError
from lightkube.generic_resource import (
    create_resources_from_crd,
    get_generic_resource,
    load_in_cluster_generic_resources,
)
from lightkube.models.core_v1 import ServicePort, ServiceSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.core_v1 import ConfigMap, Namespace, Secret, Service, ServiceAccount
from lightkube.types import CascadeType, OnErrorAction, OnErrorResult, PatchType

if TYPE_CHECKING:
    from .conftest import Server


def stop(_: Exception, __: int) -> OnErrorResult:
    return OnErrorResult(OnErrorAction.STOP)


def config(name: str = "c", **fields: Any) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, labels={"all": "x"}), **fields)


def test_an_object_lives(server: Server) -> None:
    client = server.client(field_manager="charm")
    made = client.create(config(data={"a": "1"}))
    assert made.metadata
    assert made.metadata.namespace == server.ns
    assert client.get(ConfigMap, "c").data == {"a": "1"}
    patched = client.patch(ConfigMap, "c", {"data": {"b": "2"}}, patch_type=PatchType.MERGE)
    assert patched.data == {"a": "1", "b": "2"}
    made.data = {"c": "3"}
    made.metadata.resourceVersion = None
    assert client.replace(made).data == {"c": "3"}
    client.delete(ConfigMap, "c")
    with pytest.raises(ApiError) as caught:
        client.get(ConfigMap, "c")
    assert (caught.value.status.code, caught.value.status.reason) == (404, "NotFound")


def test_objects_are_applied(server: Server) -> None:
    client = server.client(field_manager="charm")
    first = client.apply(config(data={"a": "1"}))
    again = client.apply(config(data={"a": "1"}))
    assert first.metadata
    assert again.metadata
    assert again.metadata.resourceVersion == first.metadata.resourceVersion
    other = server.client(field_manager="other")
    with pytest.raises(ApiError) as caught:
        other.apply(config(data={"a": "2"}))
    assert caught.value.status.code == 409
    assert other.apply(config(data={"a": "2"}), force=True).data == {"a": "2"}


def test_lists_come_in_pages(server: Server) -> None:
    client = server.client()
    for name in "abc":
        client.create(config(name))
    found = client.list(ConfigMap, labels={"all": "x"}, chunk_size=2)
    assert [each.metadata.name for each in found if each.metadata] == ["a", "b", "c"]
    assert int(found.resourceVersion) > 0
    everywhere = client.list(ConfigMap, namespace="*", labels={"all": ["x", "y"]})
    spaces = [each.metadata.namespace for each in everywhere if each.metadata]
    assert spaces.count(server.ns) == 3


def test_a_watch_tells_what_is_there_and_what_happens(server: Server) -> None:
    client = server.client()
    client.create(config("a"))
    told: list[tuple[str, str | None]] = []
    for kind, obj in client.watch(ConfigMap, labels={"all": "x"}, on_error=stop):
        assert obj.metadata
        told.append((kind, obj.metadata.name))
        if len(told) == 1:
            client.create(config("b"))
            client.delete(ConfigMap, "a")
        if len(told) == 3:
            break
    assert told == [("ADDED", "a"), ("ADDED", "b"), ("DELETED", "a")]


def test_a_condition_is_waited_for(server: Server) -> None:
    client = server.client()
    definition = server.define().crd.rpartition("/")[2]
    crd = client.wait(CustomResourceDefinition, definition, for_conditions=["Established"])
    assert crd.status


def test_custom_resources_are_found(server: Server) -> None:
    custom = server.define(kind=f"K{server.me}", subresources={"status": {}})
    client = server.client(field_manager="charm")
    load_in_cluster_generic_resources(client)
    kind = get_generic_resource(f"{custom.group}/v1", f"K{server.me}")
    assert kind is not None
    obj = kind(metadata=ObjectMeta(name="x"), spec={"a": 1})
    assert client.apply(obj).spec == {"a": 1}
    status = client.patch(kind.Status, "x", {"status": {"ok": True}}, patch_type=PatchType.MERGE)
    assert status.status == {"ok": True}
    crd = client.get(CustomResourceDefinition, custom.crd.rpartition("/")[2])
    create_resources_from_crd(crd)


def test_typed_objects_are_read_back(server: Server) -> None:
    client = server.client(field_manager="charm")
    port = ServicePort(port=80, name="http")
    made = client.apply(Service(metadata=ObjectMeta(name="s"), spec=ServiceSpec(ports=[port])))
    assert made.spec
    assert made.spec.clusterIP
    assert made.spec.ports
    assert made.spec.ports[0].targetPort == 80


def test_the_default_patch_is_strategic(server: Server) -> None:
    client = server.client()
    client.create(config(data={"a": "1"}))
    assert client.patch(ConfigMap, "c", {"data": {"a": None, "b": "2"}}).data == {"b": "2"}


def test_dry_runs_store_nothing(server: Server) -> None:
    client = server.client(dry_run=True)
    client.create(config())
    with pytest.raises(ApiError):
        client.get(ConfigMap, "c")


def test_deletion_cascades_as_asked(server: Server) -> None:
    client = server.client()
    client.create(config())
    client.delete(ConfigMap, "c", cascade=CascadeType.FOREGROUND, grace_period=0)
    server.eventually(lambda: server.gone("/api/v1/namespaces/{ns}/configmaps/c"))
    client.create(config())
    client.deletecollection(ConfigMap)
    assert not list(client.list(ConfigMap, labels={"all": "x"}))


def test_an_error_has_the_whole_status(server: Server) -> None:
    client = server.client()
    with pytest.raises(ApiError) as caught:
        client.create(Secret(metadata=ObjectMeta(name="Bad")))
    status = caught.value.status
    assert (status.code, status.reason) == (422, "Invalid")
    assert status.details
    assert status.details.causes
    assert status.details.causes[0].field == "metadata.name"


def test_namespaces_and_accounts(server: Server) -> None:
    client = server.client()
    assert server.ns in {each.metadata.name for each in client.list(Namespace) if each.metadata}
    assert client.get(ServiceAccount, "default").metadata


def test_a_client_has_its_own_namespace(server: Server) -> None:
    client = server.client(namespace="default")
    assert client.namespace == "default"
    with pytest.raises(ApiError):
        client.get(ConfigMap, "absent")
    assert isinstance(client, lightkube.Client)
