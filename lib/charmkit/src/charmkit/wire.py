# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How a frozen dataclass becomes the text in a databag, and back.

A field is written under its own name unless `field` says otherwise:

    @dataclasses.dataclass(frozen=True)
    class ObjectStorage:
        service: str
        secret_key: str = wire.field("secret-key", secret=True)

Two codecs exist. `Plain` writes one databag key for each field: text as it is, everything else as
JSON. `Sdi` is the format of the serialized-data-interface package: each side lists the versions it
speaks under `_supported_versions`, and the payload is YAML under `data`.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import yaml

from . import yaml_text

T = TypeVar("T")
Bag = Mapping[str, str]
OpenSecret = Callable[[str], Mapping[str, str]]
"""Returns the content of the Juju secret with an id."""
KeepSecret = Callable[[dict[str, str]], str]
"""Keeps a content in a Juju secret that the other side may read; returns its id."""

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # as in yaml_text

VERSIONS_KEY = "_supported_versions"
DATA_KEY = "data"
SECRET_KEY = "secret"  # noqa: S105  the key under which a secret's id stands


class MalformedError(ValueError):
    """What the other side wrote does not fit the interface; the text says what is wrong."""


class AbsentError(LookupError):
    """The other side has not written everything yet.

    Args:
        missing: what is missing, as in "waiting for ... from minio".
    """

    def __init__(self, missing: Iterable[str] = ()) -> None:
        self.missing = " and ".join(missing) or "data"
        super().__init__(self.missing)


@dataclasses.dataclass(frozen=True)
class Plain:
    """One databag key for each field. The other side may write each key in a hook of its own.

    Args:
        secret_keys: keys of the other side that hold the id of a Juju secret. The keys in the
            secret count as if they stood in the databag.
    """

    secret_keys: tuple[str, ...] = ()
    has_secrets: typing.ClassVar[bool] = False

    def announcement(self) -> dict[str, str]:
        """Return what is written before anything is known of the other side: nothing."""
        return {}

    def version(self, remote: Bag) -> str:  # noqa: ARG002  plain databags have no versions
        """Return an empty text: there are no versions."""
        return ""

    def sends(self, version: str | None, *, provides: bool) -> bool:  # noqa: ARG002  as in `Sdi`
        """Return True: this side may always write."""
        return True

    def encode(
        self,
        schema: type[Any] | None,
        data: Any,
        version: str,  # noqa: ARG002
        keep: KeepSecret,  # noqa: ARG002
    ) -> dict[str, str]:
        """Return the keys to write; the text of one to remove is empty."""
        absent = dict.fromkeys(keys(schema), "") if schema else {}
        return absent | (to_plain(data) if data is not None else {})

    def decode(self, schema: type[T], bag: Bag, open_secret: OpenSecret) -> T:
        """Read the other side's databag.

        Raises:
            AbsentError: if a required key is not there yet.
            MalformedError: if the databag does not fit the schema.
        """
        whole = self._with_secrets(bag, open_secret)
        missing = [name for name in required_keys(schema) if name not in whole]
        if missing:
            raise AbsentError(missing if set(whole) & set(keys(schema)) else ())
        return from_plain(schema, whole)

    def _with_secrets(self, bag: Bag, open_secret: OpenSecret) -> Bag:
        """Return the databag with the keys of the secrets that it names."""
        whole = dict(bag)
        for name in self.secret_keys:
            secret_id = bag.get(name, "")
            if secret_id and not secret_id.startswith("secret:"):
                raise MalformedError(f"{name} is not the id of a secret")
            whole |= open_secret(secret_id) if secret_id else {}
        return whole

    def published(self, bag: Bag) -> dict[str, Any]:
        """Return what stands in a databag of this side."""
        return dict(bag)


@dataclasses.dataclass(frozen=True)
class Sdi:
    """The format of the serialized-data-interface package.

    Args:
        versions: the versions that are spoken, oldest first.
        secret_version: the version from which on secret fields travel in a Juju secret, whose id
            stands under `secret`; they are in plain text in older versions.
        provider_version: the version from which on the provider sends anything.
    """

    versions: tuple[str, ...]
    secret_version: str = ""
    provider_version: str = ""

    def announcement(self) -> dict[str, str]:
        """Return the versions that this side speaks."""
        return {VERSIONS_KEY: to_yaml(list(self.versions))}

    def version(self, remote: Bag) -> str | None:
        """Return the version that both sides speak, or None if the other has not written yet.

        Raises:
            MalformedError: if there is no common version.
        """
        theirs = offered_versions(remote)
        version = common_version(self.versions, theirs)
        if theirs and version is None:
            ours = ", ".join(self.versions)
            raise MalformedError(f"it speaks {', '.join(theirs)}, this charm {ours}")
        return version

    def sends(self, version: str | None, *, provides: bool) -> bool:
        """Return whether this side writes data in a version."""
        if version is None:
            return False
        return not (provides and self.provider_version) or _reaches(version, self.provider_version)

    def encode(
        self, schema: type[Any] | None, data: Any, version: str, keep: KeepSecret
    ) -> dict[str, str]:
        """Return the keys to write; the text of one to remove is empty."""
        if schema is None or data is None:
            return {DATA_KEY: ""}
        later = {key(item) for item in dataclasses.fields(schema) if not _is_spoken(item, version)}
        payload = {name: item for name, item in to_mapping(data).items() if name not in later}
        if self.in_secret(version, schema):
            content = {name: str(payload.pop(name)) for name in secret_keys(schema)}
            payload[SECRET_KEY] = keep(content)
        return {DATA_KEY: to_yaml(payload)}

    def decode(self, schema: type[T], bag: Bag, open_secret: OpenSecret) -> T:
        """Read the other side's databag.

        Raises:
            AbsentError: if it has not written everything yet.
            MalformedError: if the databag does not fit the schema.
        """
        version = self.version(bag)
        if version is None:
            raise AbsentError
        if DATA_KEY not in bag:
            answers = bool(self.provider_version) and _reaches(version, self.provider_version)
            if has_required(schema) or answers:
                raise AbsentError
            return from_mapping(schema, {})
        payload = self.published(bag)
        if self.in_secret(version, schema):
            payload |= self._opened(payload, open_secret)
        return from_mapping(schema, payload)

    def published(self, bag: Bag) -> dict[str, Any]:
        """Return the payload in a databag.

        Raises:
            MalformedError: if it is not a YAML mapping.
        """
        if DATA_KEY not in bag:
            return {}
        data = _read_yaml(DATA_KEY, bag[DATA_KEY])
        if not isinstance(data, dict):
            raise MalformedError(f"{DATA_KEY} is not a mapping")
        return typing.cast("dict[str, Any]", data)

    @property
    def has_secrets(self) -> bool:
        """Whether this side may keep Juju secrets for its relations."""
        return bool(self.secret_version)

    def in_secret(self, version: str, schema: type[Any]) -> bool:
        """Return whether secret fields of a schema travel in a Juju secret in a version."""
        first = self.secret_version
        return bool(first) and _reaches(version, first) and bool(secret_keys(schema))

    @staticmethod
    def _opened(payload: Mapping[str, Any], open_secret: OpenSecret) -> Mapping[str, str]:
        secret_id = str(payload.get(SECRET_KEY, ""))
        if not secret_id.startswith("secret:"):
            # The data is still that of the version before.
            raise AbsentError(["a secret"])
        return open_secret(secret_id)


def field(
    name: str = "", *, secret: bool = False, default: Any = dataclasses.MISSING, since: str = ""
) -> Any:
    """Define a field of an interface's dataclass.

    Args:
        name: the key on the wire, where it is not the field's name.
        secret: travels in a Juju secret in the versions of the interface that have one.
        default: what an absent key means; without it the key is required.
        since: the version of the interface from which on it is sent.
    """
    metadata = {"wire": name, "secret": secret, "since": since}
    return dataclasses.field(default=default, metadata=metadata)


def key(item: dataclasses.Field[Any]) -> str:
    """Return the key of a field on the wire."""
    return item.metadata.get("wire") or item.name


def to_mapping(data: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by their wire keys; a field that is None is left out."""
    pairs = [(key(item), getattr(data, item.name)) for item in dataclasses.fields(data)]
    return {name: _to_json(value) for name, value in pairs if value is not None}


def from_mapping(schema: type[T], data: Mapping[str, Any]) -> T:
    """Build a dataclass from its wire keys; keys that it does not know are ignored.

    Raises:
        MalformedError: if a required key is missing or a value has another type.
    """
    values: dict[str, Any] = {}
    for item in dataclasses.fields(schema):  # pyright: ignore[reportArgumentType]
        name = key(item)
        if name in data:
            values[item.name] = _checked(name, data[name], _hints(schema)[item.name])
        elif _is_required(item):
            raise MalformedError(f"{name} is missing")
    try:
        return schema(**values)
    except ValueError as error:
        raise MalformedError(str(error)) from error


def to_plain(data: Any) -> dict[str, str]:
    """Encode for a databag with one key for each field."""
    pairs = to_mapping(data).items()
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in pairs}


def from_plain(schema: type[T], bag: Bag) -> T:
    """Decode a databag with one key for each field.

    Raises:
        MalformedError: if the databag does not fit the schema.
    """
    hints = _hints(schema)
    data: dict[str, Any] = {}
    for item in dataclasses.fields(schema):  # pyright: ignore[reportArgumentType]
        name = key(item)
        if name in bag:
            data[name] = bag[name] if _is_text(hints[item.name]) else _json(name, bag[name])
    return from_mapping(schema, data)


def to_yaml(value: Any) -> str:
    """Encode the payload or the versions of a serialized-data-interface relation."""
    return yaml.dump(value, Dumper=_DUMPER)


def offered_versions(bag: Bag) -> list[str]:
    """Return the versions that a side of a serialized-data-interface relation says it speaks.

    Raises:
        MalformedError: if they are not a YAML list of text.
    """
    versions = _read_yaml(VERSIONS_KEY, bag.get(VERSIONS_KEY, "[]"))
    try:
        return _checked(VERSIONS_KEY, versions, list[str])
    except MalformedError as error:
        raise MalformedError(f"{VERSIONS_KEY} is not a list of versions") from error


def common_version(ours: typing.Iterable[str], theirs: typing.Iterable[str]) -> str | None:
    """Return the highest version that both sides speak, or None."""
    common = [version for version in set(ours) & set(theirs) if version[1:].isdigit()]
    return max(common, key=lambda version: int(version[1:]), default=None)


def keys(schema: type[Any]) -> list[str]:
    """Return the wire keys of all fields."""
    return [key(item) for item in dataclasses.fields(schema)]


def has_required(schema: type[Any]) -> bool:
    """Return whether any key must be there."""
    return bool(required_keys(schema))


def required_keys(schema: type[Any]) -> list[str]:
    """Return the wire keys of the fields that must be there."""
    return [key(item) for item in dataclasses.fields(schema) if _is_required(item)]


def secret_keys(schema: type[Any]) -> list[str]:
    """Return the wire keys of the fields that are secret."""
    return [key(item) for item in dataclasses.fields(schema) if item.metadata.get("secret")]


def _reaches(version: str, first: str) -> bool:
    return int(version[1:]) >= int(first[1:])


def fields_after(schema: type[Any], version: str) -> list[dataclasses.Field[Any]]:
    """Return the fields that are sent only in later versions than this one."""
    return [item for item in dataclasses.fields(schema) if not _is_spoken(item, version)]


def _is_spoken(item: dataclasses.Field[Any], version: str) -> bool:
    since = item.metadata.get("since", "")
    return not since or _reaches(version, since)


def _is_required(item: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return item.default is missing and item.default_factory is missing


def _to_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return to_mapping(value)
    if isinstance(value, (list, tuple)):
        return [_to_json(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise MalformedError(f"{name} is not JSON") from error


def _read_yaml(name: str, text: str) -> Any:
    try:
        return yaml_text.load(text)
    except ValueError as error:
        raise MalformedError(f"{name} is {error}") from error


@functools.cache
def _hints(schema: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(schema)


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _is_text(annotation: Any) -> bool:
    return annotation is str or (_is_union(annotation) and str in typing.get_args(annotation))


_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _checked(name: str, value: Any, annotation: Any) -> Any:
    """The value as the annotation has it, or MalformedError."""
    origin = typing.get_origin(annotation)
    if annotation is Any:
        return value
    if _is_union(annotation):
        return _checked_optional(name, value, typing.get_args(annotation))
    if origin in (list, tuple):
        return _checked_items(name, value, annotation)
    if origin is dict:
        return _checked_values(name, value, annotation)
    if dataclasses.is_dataclass(annotation):
        return _checked_object(name, value, annotation)
    if annotation is float and isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, annotation) or (isinstance(value, bool) and annotation is not bool):
        raise MalformedError(f"{name} is not {_NAMES[annotation]}")
    return value


def _checked_optional(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    if len(choices) != 2 or type(None) not in choices:
        raise TypeError(f"{name}: a field has one type, or one and None")
    (wanted,) = (choice for choice in choices if choice is not type(None))
    return None if value is None else _checked(name, value, wanted)


def _checked_items(name: str, value: Any, annotation: Any) -> Any:
    if not isinstance(value, list):
        raise MalformedError(f"{name} is not a list")
    item_type = typing.get_args(annotation)[0]
    items = typing.cast("list[Any]", value)
    checked = [_checked(f"{name}[{i}]", item, item_type) for i, item in enumerate(items)]
    return typing.get_origin(annotation)(checked)  # pyright: ignore[reportOptionalCall]


def _checked_values(name: str, value: Any, annotation: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError(f"{name} is not a mapping")
    _, value_type = typing.get_args(annotation)
    items = typing.cast("dict[str, Any]", value).items()
    return {key: _checked(f"{name}.{key}", item, value_type) for key, item in items}


def _checked_object(name: str, value: Any, schema: Any) -> Any:
    if not isinstance(value, dict):
        raise MalformedError(f"{name} is not a mapping")
    try:
        return from_mapping(schema, typing.cast("dict[str, Any]", value))
    except MalformedError as error:
        raise MalformedError(f"{name}: {error}") from error
