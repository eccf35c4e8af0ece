"""Typed charm config: each option is parsed once, into a frozen dataclass.

    @dataclasses.dataclass(frozen=True)
    class MinioConfig:
        port: int = config.port()
        mode: str = config.one_of("server", "gateway")

A field reads the option of its name, with dashes for underscores. A bad value is Blocked with the
option's name and what it accepts. The parsers carry an example that they refuse, from which the
tests of every charm are derived.
"""

from __future__ import annotations

import dataclasses
import functools
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

import ops

from . import names, quantities, yaml_text
from ._component import Component
from ._status import Blocked

T = TypeVar("T")
Raw = Any
"""A value as Juju hands it over: str, int, float, bool, or None where it is not set."""


@dataclasses.dataclass(frozen=True)
class Parser:
    """How an option is read.

    Args:
        parse: takes the raw value; raises ValueError if it is not acceptable. The error's text, if
            any, is shown, unless the option is a secret.
        accepts: completes the sentence "the option accepts ...".
        invalid_example: an example that is refused, or None if everything is accepted.
        secret: the value must not be shown.
        name: the option's name, where it is not the field's.
    """

    parse: Callable[[Raw], Any]
    accepts: str
    invalid_example: Raw = None
    secret: bool = False
    name: str = ""


class InvalidConfig(ValueError):
    """Two options do not go together; raised by `__post_init__` of an config class.

    Args:
        name: the option to change.
        accepts: completes the sentence "the option accepts ...".
    """

    def __init__(self, name: str, accepts: str) -> None:
        super().__init__(f"option {name} accepts {accepts}")


def custom(
    parse: Callable[[Raw], Any],
    accepts: str,
    *,
    invalid_example: Raw = None,
    secret: bool = False,
    name: str = "",
) -> Any:
    """An option with a parser of its own; see `Parser` for the arguments."""
    return dataclasses.field(
        metadata={"parser": Parser(parse, accepts, invalid_example, secret, name)}
    )


def text(
    *, min_length: int = 0, required: bool = False, secret: bool = False, name: str = ""
) -> Any:
    """Text.

    Args:
        min_length: how many characters it must have at least, if it has any.
        required: it must not be empty.
        secret: the value must not be shown.
        name: the option's name, where it is not the field's.
    """
    shortest = max(min_length, 1 if required else 0)

    def parse(raw: Raw) -> str:
        value = str(raw or "")
        if len(value) < shortest and (value or required):
            raise ValueError(f"{len(value)} characters")
        return value

    empty = "" if required else ", or nothing"
    accepts = f"at least {shortest} characters{empty}" if shortest else "text"
    invalid_example = "x" * (shortest - 1) if shortest > 1 or required else None
    return custom(parse, accepts, invalid_example=invalid_example, secret=secret, name=name)


def port(*, text: bool = False, name: str = "") -> Any:
    """A TCP port that a process without privileges can listen on.

    Args:
        text: the option's type is text, as some published charms have it.
        name: the option's name, where it is not the field's.
    """

    def parse(raw: Raw) -> int:
        number = int(raw or 0)
        if not 1024 <= number <= 65535:
            raise ValueError(raw)
        return number

    invalid_example = "80" if text else 80
    return custom(parse, "a port from 1024 to 65535", invalid_example=invalid_example, name=name)


def number(minimum: int, maximum: int, *, name: str = "") -> Any:
    """A number within bounds, whole or not as its type in charmcraft.yaml says."""

    def parse(raw: Raw) -> int | float:
        if raw is None or not minimum <= raw <= maximum:
            raise ValueError(raw)
        return raw

    accepts = f"a number from {minimum} to {maximum}"
    return custom(parse, accepts, invalid_example=minimum - 1, name=name)


def resources(*, name: str = "") -> Any:
    """Requests and limits of a container."""
    accepts = "a YAML mapping of requests and limits, or nothing"
    example = "{requests: {cpu: much}}"
    return custom(quantities.parse_resources, accepts, invalid_example=example, name=name)


def one_of(*choices: str, name: str = "") -> Any:
    """One of some words."""

    def parse(raw: Raw) -> str:
        if raw not in choices:
            raise ValueError(raw)
        return raw

    return custom(parse, " or ".join(choices), invalid_example="neither", name=name)


def boolean(*, name: str = "") -> Any:
    """True or false; Juju itself refuses anything else."""
    return custom(bool, "true or false", name=name)


def url(*, name: str = "") -> Any:
    """An http or https URL without a trailing slash, or nothing."""

    def parse(raw: Raw) -> str:
        value = str(raw or "")
        if value and not _is_url(value):
            raise ValueError(value)
        return value.rstrip("/")

    return custom(
        parse, "an http:// or https:// URL, or nothing", invalid_example="ftp://example", name=name
    )


def image(*, name: str = "") -> Any:
    """A container image."""

    def parse(raw: Raw) -> str:
        if not names.is_image(raw or ""):
            raise ValueError(raw)
        return raw

    return custom(parse, "a container image", invalid_example="not an image", name=name)


def yaml_list(
    item: Callable[[Any], Any], of: str, *, invalid_example: str = "[}", name: str = ""
) -> Any:
    """A YAML (or JSON) list, checked entry by entry.

    Args:
        item: parses one entry; raises ValueError saying what is wrong with it.
        of: completes the sentence "the option accepts a YAML list of ...".
        invalid_example: an example that is refused.
        name: the option's name, where it is not the field's.
    """

    def parse(raw: Raw) -> tuple[Any, ...]:
        entries = yaml_text.load(raw or "")
        if entries is None:
            return ()
        if not isinstance(entries, list):
            raise ValueError("not a list")
        listed = enumerate(cast("list[Any]", entries))
        return tuple(_entry(item, index, entry) for index, entry in listed)

    return custom(parse, f"a YAML list of {of}", invalid_example=invalid_example, name=name)


def option_name(field: dataclasses.Field[Any]) -> str:
    """The Juju option that a field of an config class reads."""
    return parser(field).name or field.name.replace("_", "-")


def parser(field: dataclasses.Field[Any]) -> Parser:
    """The parser of a field of an config class."""
    return field.metadata["parser"]


def load(schema: type[T], raw: Mapping[str, Raw]) -> T:
    """Parse a charm's config.

    Args:
        schema: a frozen dataclass whose fields come from this module.
        raw: the config as Juju hands it over; an option that is not set is missing.

    Raises:
        Blocked: naming the option and what it accepts.
    """
    fields = dataclasses.fields(schema)  # pyright: ignore[reportArgumentType]
    values = {field.name: _parsed(field, raw.get(option_name(field))) for field in fields}
    try:
        return schema(**values)
    except InvalidConfig as error:
        raise Blocked(str(error)) from error


class Config(Component, Generic[T]):
    """The charm's config, parsed.

    Args:
        charm: the charm.
        schema: a frozen dataclass whose fields come from this module.
    """

    def __init__(self, charm: ops.CharmBase, schema: type[T]) -> None:
        super().__init__(charm)
        self.schema = schema

    @functools.cached_property
    def _value(self) -> T:
        return load(self.schema, self.charm.config)

    def get(self) -> T:
        """Return the parsed config.

        Raises:
            Blocked: if an option has a value that it does not accept.
        """
        return self._value

    def reconcile(self) -> None:
        """Refuse an invalid value even if nothing else reads it."""
        _ = self._value


def _parsed(field: dataclasses.Field[Any], raw: Raw) -> Any:
    rule = parser(field)
    try:
        return rule.parse(raw)
    except ValueError as error:
        detail = "" if rule.secret or not str(error) else f" (got: {error})"
        message = f"option {option_name(field)} accepts {rule.accepts}{detail}"
        raise Blocked(message) from error


def _is_url(text: str) -> bool:
    parts = urllib.parse.urlsplit(text)
    _ = parts.port  # which raises ValueError if it is not a port
    spaces = any(letter.isspace() for letter in text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not spaces


def _entry(item: Callable[[Any], Any], index: int, entry: Any) -> Any:
    try:
        return item(entry)
    except ValueError as error:
        raise ValueError(f"entry {index}: {error}") from error
