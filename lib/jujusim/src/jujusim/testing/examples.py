# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Well-formed and malformed relation data, made from an interface's own dataclasses."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from typing import Any

from charmkit import Interface, wire
from ops import testing

from ..hook import unit_settings

ADDRESS = "10.1.0.9"
"""The address of units on the other side."""

OWN_ADDRESS = "192.0.2.0"
"""The address that ops.testing gives to the charm's own unit."""


def instance(schema: type[Any], interface: Interface[Any, Any] | None = None) -> Any:
    """Return an example of what one side of an interface sends, with every field set.

    The interface has examples where the fields' types do not say enough.
    """
    for example in interface.examples if interface else ():
        if isinstance(example, schema):
            return example
    hints = typing.get_type_hints(schema)
    names = [item.name for item in dataclasses.fields(schema)]
    return schema(**{name: _value(name, hints[name]) for name in names})


def bag(
    interface: Interface[Any, Any], received: type[Any] | None, versions: tuple[str, ...] = ()
) -> tuple[dict[str, str], testing.Secret | None]:
    """Return the application databag of the other side of a relation.

    Args:
        interface: The relation's interface.
        received: The dataclass that the other side sends, or None if it sends nothing.
        versions: The versions that the other side speaks; by default all of them.

    Returns:
        The databag, and the Juju secret that it speaks of, if it does.
    """
    codec = interface.codec
    if isinstance(codec, wire.Plain):
        return (wire.to_plain(instance(received, interface)) if received else {}), None
    versions = versions or codec.versions
    announced = {wire.VERSIONS_KEY: wire.to_yaml(list(versions))}
    version = wire.common_version(codec.versions, versions)
    if received is None or version is None:
        return announced, None
    secrets: list[testing.Secret] = []

    def keep(content: dict[str, str]) -> str:
        secrets.append(testing.Secret(content))
        return secrets[-1].id

    data = codec.encode(received, instance(received, interface), version, keep)
    return {**announced, **data}, (secrets[0] if secrets else None)


def unit_bag(interface: Interface[Any, Any], sent: type[Any] | None) -> dict[str, str]:
    """Return the databag of each unit on the other side: what Juju writes, what the unit sends."""
    data = wire.to_plain(instance(sent, interface)) if sent else {}
    return {**unit_settings(ADDRESS), **data}


def own_unit_bag() -> dict[str, str]:
    """Return what Juju writes into the unit's own databag."""
    return unit_settings(OWN_ADDRESS)


def malformed(
    interface: Interface[Any, Any], received: type[Any] | None
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every way in which the other side's application databag can be wrong.

    Yields:
        What is wrong, in words that can be a test's id, and the databag.
    """
    if isinstance(interface.codec, wire.Sdi):
        yield from _malformed_sdi(interface, interface.codec, received)
    elif received is not None:
        yield from _malformed_plain(interface, received)


def _malformed_sdi(
    interface: Interface[Any, Any], codec: wire.Sdi, received: type[Any] | None
) -> Iterator[tuple[str, dict[str, str]]]:
    oldest = codec.versions[:1]
    good, _ = bag(interface, received, oldest)
    yield "versions-unknown", {**good, wire.VERSIONS_KEY: "- v99\n"}
    yield "versions-not-yaml", {**good, wire.VERSIONS_KEY: "[v1"}
    yield "versions-mapping", {**good, wire.VERSIONS_KEY: "v1: true\n"}
    if received is None:
        return
    for name, text in {
        "not-yaml": "{",
        "list": "- 1\n",
        "text": "text\n",
        "null": "null\n",
    }.items():
        yield f"data-{name}", {**good, wire.DATA_KEY: text}
    for name, payload in _malformed_payloads(interface, received):
        yield name, {**good, wire.DATA_KEY: wire.to_yaml(payload)}


def _malformed_payloads(
    interface: Interface[Any, Any], received: type[Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    good = wire.to_mapping(instance(received, interface))
    hints = typing.get_type_hints(received)
    for item in dataclasses.fields(received):
        key = wire.key(item)
        if item.default is dataclasses.MISSING:
            yield f"{key}-missing", {name: good[name] for name in good if name != key}
        if hints[item.name] is not Any:
            yield f"{key}-wrong-type", {**good, key: {"wrong": "type"}}


def _malformed_plain(
    interface: Interface[Any, Any], received: type[Any]
) -> Iterator[tuple[str, dict[str, str]]]:
    """A key that is missing is not among them: it may come with another hook."""
    good = wire.to_plain(instance(received, interface))
    hints = typing.get_type_hints(received)
    for item in dataclasses.fields(received):
        key = wire.key(item)
        if hints[item.name] is not str:
            yield f"{key}-not-json", {**good, key: "["}
            yield f"{key}-text", {**good, key: '"text"'}
            yield f"{key}-list-of-numbers", {**good, key: "[1]"}


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
