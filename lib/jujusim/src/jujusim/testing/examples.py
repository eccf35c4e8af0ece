"""Well-formed and malformed relation data, made from an interface's own dataclasses."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from typing import Any

from charmkit import wire
from charmkit.interface import Interface
from charmkit.interfaces import (
    dex_oidc_config,
    k8s_service,
    kubeflow_dashboard_links,
    mysql_client,
)
from charmkit.relations import SECRET_KEY
from ops import testing

ISSUER = "http://dex-auth.example.com:5556/dex"

INSTANCES: dict[type[Any], Any] = {
    dex_oidc_config.OidcConfig: dex_oidc_config.OidcConfig(ISSUER),
    k8s_service.Service: k8s_service.Service("kubeflow-profiles", "8081"),
    k8s_service.PlainService: k8s_service.PlainService("metadata-grpc-service", "8080"),
    mysql_client.Database: mysql_client.Database(
        "mysql-primary.kubeflow.svc.cluster.local.:3306", "relation-9", "some-password"
    ),
    kubeflow_dashboard_links.Links: kubeflow_dashboard_links.Links(
        tuple(
            kubeflow_dashboard_links.Link(f"{name} {location}", f"/{name}/", location)
            for location in kubeflow_dashboard_links.LOCATIONS
            for name in ("beta", "alpha")
        )
    ),
}
"""Examples of the dataclasses whose fields' types do not say enough."""

UNIT_DATA: dict[str, dict[str, str]] = {
    "loki_push_api": {"endpoint": '{"url": "http://10.1.0.9:3100/loki/api/v1/push"}'},
}
"""What each remote unit says in its own databag, by interface."""

ADDRESS = "10.1.0.9"
"""The address of units on the other side."""

OWN_ADDRESS = "192.0.2.0"
"""The address that ops.testing gives to the charm's own unit."""


def instance(schema: type[Any]) -> Any:
    """An example of what one side of an interface says, with every field set."""
    if schema in INSTANCES:
        return INSTANCES[schema]
    hints = typing.get_type_hints(schema)
    names = [item.name for item in dataclasses.fields(schema)]
    return schema(**{name: _value(name, hints[name]) for name in names})


def bag(
    interface: Interface[Any, Any], said: type[Any] | None, versions: tuple[str, ...] = ()
) -> tuple[dict[str, str], testing.Secret | None]:
    """The application databag of the other side of a relation.

    Args:
        interface: The relation's interface.
        said: The dataclass of what the other side says, or None if it says nothing.
        versions: The versions that the other side speaks; by default all of them.

    Returns:
        The databag, and the Juju secret that it speaks of, if it does.
    """
    if not interface.versions:
        return (wire.to_plain(instance(said)) if said else {}), None
    versions = versions or interface.versions
    spoken = {wire.VERSIONS_KEY: wire.to_yaml(list(versions))}
    version = wire.common_version(interface.versions, versions)
    if said is None or version is None:
        return spoken, None
    payload, secret = _handed_over(interface, said, version)
    return {**spoken, wire.DATA_KEY: wire.to_yaml(payload)}, secret


def unit_bag(interface: str) -> dict[str, str]:
    """The databag of each unit on the other side: what Juju writes, and what the unit says."""
    return {**_juju_unit_bag(ADDRESS), **UNIT_DATA.get(interface, {})}


def own_unit_bag() -> dict[str, str]:
    """What Juju writes into the unit's own databag."""
    return _juju_unit_bag(OWN_ADDRESS)


def malformed(
    interface: Interface[Any, Any], said: type[Any] | None
) -> Iterator[tuple[str, dict[str, str]]]:
    """Every way in which the other side's application databag can be wrong.

    Yields:
        What is wrong, in words that can be a test's id, and the databag.
    """
    if interface.versions:
        yield from _malformed_sdi(interface, said)
    elif said is not None:
        yield from _malformed_plain(said)


def _juju_unit_bag(address: str) -> dict[str, str]:
    return {
        "egress-subnets": f"{address}/32",
        "ingress-address": address,
        "private-address": address,
    }


def _malformed_sdi(
    interface: Interface[Any, Any], said: type[Any] | None
) -> Iterator[tuple[str, dict[str, str]]]:
    oldest = interface.versions[:1]
    good, _ = bag(interface, said, oldest)
    yield "versions-unknown", {**good, wire.VERSIONS_KEY: "- v99\n"}
    yield "versions-not-yaml", {**good, wire.VERSIONS_KEY: "[v1"}
    yield "versions-mapping", {**good, wire.VERSIONS_KEY: "v1: true\n"}
    if said is None:
        return
    for name, text in {
        "not-yaml": "{",
        "list": "- 1\n",
        "text": "text\n",
        "null": "null\n",
    }.items():
        yield f"data-{name}", {**good, wire.DATA_KEY: text}
    for name, payload in _malformed_payloads(said):
        yield name, {**good, wire.DATA_KEY: wire.to_yaml(payload)}


def _malformed_payloads(said: type[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    good = wire.to_mapping(instance(said))
    hints = typing.get_type_hints(said)
    for item in dataclasses.fields(said):
        key = wire.key(item)
        if item.default is dataclasses.MISSING:
            yield f"{key}-missing", {name: good[name] for name in good if name != key}
        if hints[item.name] is not Any:
            yield f"{key}-wrong-type", {**good, key: {"wrong": "type"}}


def _malformed_plain(said: type[Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """A key that is missing is not among them: it may come with another hook."""
    good = wire.to_plain(instance(said))
    hints = typing.get_type_hints(said)
    for item in dataclasses.fields(said):
        key = wire.key(item)
        if hints[item.name] is not str:
            yield f"{key}-not-json", {**good, key: "["}
            yield f"{key}-text", {**good, key: '"text"'}
            yield f"{key}-list-of-numbers", {**good, key: "[1]"}


def _handed_over(
    interface: Interface[Any, Any], said: type[Any], version: str
) -> tuple[dict[str, Any], testing.Secret | None]:
    """The payload, and its secret fields in a Juju secret in the versions that have one."""
    payload = wire.to_mapping(instance(said))
    names = wire.secret_keys(said)
    if not names or not interface.secret_version or version < interface.secret_version:
        return payload, None
    secret = testing.Secret({name: str(payload.pop(name)) for name in names})
    return {**payload, SECRET_KEY: secret.id}, secret


def _value(name: str, annotation: Any) -> Any:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        some = [choice for choice in typing.get_args(annotation) if choice is not type(None)]
        return _value(name, some[0])
    if origin in (list, tuple):
        items = [_value(name, typing.get_args(annotation)[0])]
        return tuple(items) if origin is tuple else items
    if dataclasses.is_dataclass(annotation):
        return instance(typing.cast("type[Any]", annotation))
    simple: dict[Any, Any] = {str: f"some-{name}", int: 4321, float: 4321, bool: False}
    return simple.get(annotation, {})
