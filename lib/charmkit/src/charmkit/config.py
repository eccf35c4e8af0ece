# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

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
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar, cast

import ops

from . import _parse, _pem, names, quantities, shapes, x509, yaml_text
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
        more_invalid_examples: what is refused of every option of this kind.
        notice: returns what a person should know of an accepted value, or nothing.
    """

    parse: Callable[[Raw], Any]
    accepts: str
    invalid_example: Raw = None
    secret: bool = False
    name: str = ""
    more_invalid_examples: tuple[Raw, ...] = ()
    notice: Callable[[Any], str] | None = None

    @property
    def invalid_examples(self) -> tuple[Raw, ...]:
        """Everything that is known to be refused."""
        own = () if self.invalid_example is None else (self.invalid_example,)
        return tuple(dict.fromkeys((*own, *self.more_invalid_examples)))


class InvalidConfig(ValueError):
    """Two options do not go together; raised by `__post_init__` of an config class.

    Args:
        name: the option to change.
        accepts: completes the sentence "the option accepts ...".
        got: what is wrong, in words that hold no secret.
    """

    def __init__(self, name: str, accepts: str, got: str = "") -> None:
        super().__init__(f"option {name} accepts {accepts}{_detail(got)}")


def custom(
    parse: Callable[[Raw], Any],
    accepts: str,
    *,
    invalid_example: Raw = None,
    secret: bool = False,
    name: str = "",
    more_invalid_examples: Collection[Raw] = (),
    notice: Callable[[Any], str] | None = None,
) -> Any:
    """An option with a parser of its own; see `Parser` for the arguments."""
    more = tuple(more_invalid_examples)
    parser = Parser(parse, accepts, invalid_example, secret, name, more, notice)
    return dataclasses.field(metadata={"parser": parser})


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


def word(*, min_length: int = 1, without: str = "", name: str = "") -> Any:
    """What a program takes for an identifier: printable ASCII characters without spaces.

    Args:
        min_length: how many characters it must have at least.
        without: further characters that it must not have.
        name: the option's name, where it is not the field's.
    """
    accepts = f"a word of at least {min_length} letters, digits and signs"
    accepts += f", none of {without}" if without else ""

    def parse(text: str) -> str:
        printable = text.isascii() and text.isprintable()
        if len(text) < min_length or not printable or set(text) & {" ", *without}:
            raise ValueError("no such word")
        return text

    wrong = ("two words", "line\nbreak", "w\u00f6rd", *(f"a{sign}b" for sign in without))
    short = ("x" * (min_length - 1),) if min_length > 1 else ()
    return _text(parse, accepts, (*wrong, *short), required=True, name=name)


def bucket(*, name: str = "") -> Any:
    """The name of a bucket of an object store."""
    wrong = ("My Bucket", "ab", "a" * 64, "-abc", "abc.", "a_b_c", "a..b")
    return _text(_parse.bucket, "the name of a bucket", wrong, required=True, name=name)


def port(*, text: bool = False, name: str = "") -> Any:
    """A TCP port that a process without privileges can listen on.

    Args:
        text: the option is declared as a string, as some published charms have it.
        name: the option's name, where it is not the field's.
    """

    def parse(raw: Raw) -> int:
        if text and not str(raw).isdecimal():
            raise ValueError(raw)
        number = int(raw or 0)
        if not 1024 <= number <= 65535:
            raise ValueError(raw)
        return number

    accepts = "a port from 1024 to 65535"
    return custom(parse, accepts, invalid_example="80" if text else 80, name=name)


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


def integer(least: int, most: int | None = None, *, of: str = "a number", name: str = "") -> Any:
    """A whole number between two, which are allowed too.

    Args:
        least: the lowest.
        most: the highest; None if there is none.
        of: what is counted, for example "minutes".
        name: the option's name, where it is not the field's.
    """

    def parse(raw: Raw) -> int:
        is_whole = isinstance(raw, int) and not isinstance(raw, bool)
        if not is_whole or raw < least or (most is not None and raw > most):
            raise ValueError(raw)
        return raw

    accepts = f"{of} from {least}" + ("" if most is None else f" to {most}")
    above = [] if most is None else [most + 1]
    return custom(
        parse, accepts, invalid_example=least - 1, name=name, more_invalid_examples=above
    )


def number(
    least: float = 0,
    *,
    of: str = "a number",
    unit: str = "",
    words: Collection[str] = (),
    name: str = "",
) -> Any:
    """A decimal number above zero, as text as it is written, for programs that are told so.

    Args:
        least: the lowest.
        of: what is counted, for example "a number of CPUs".
        unit: what has to follow it, for example "Gi".
        words: what is accepted in its place.
        name: the option's name, where it is not the field's.
    """

    def parse(raw: Raw) -> str:
        return _parse.decimal(str("" if raw is None else raw), least, unit, words)

    bound = f" from {least:g} on" if least else ""
    accepts = " or ".join([f"{of}{bound}, for example {max(least, 0.5):g}{unit}", *words])
    wrong = ("-1" + unit, "0" + unit, "1" + unit + "x", "1e3" + unit, "", "nan", "٣" + unit)
    return custom(parse, accepts, invalid_example="some", name=name, more_invalid_examples=wrong)


def object_name(kind: str, *, required: bool = True, name: str = "") -> Any:
    """The name of a Kubernetes object.

    Args:
        kind: its kind; of a Service or a Namespace names are shorter and have no dots.
        required: it must not be empty.
        name: the option's name, where it is not the field's.
    """
    is_short = kind in ("Service", "Namespace")
    checks = {"Service": names.is_service, "Namespace": names.is_label}
    is_name = checks.get(kind, names.is_subdomain)

    def parse(text: str) -> str:
        if text and not is_name(text):
            raise ValueError("no such name")
        return text

    form = "at most 63 lower-case letters, digits and dashes" if is_short else "a DNS name"
    more = [*(["a.b", "a" * 64] if is_short else []), *(["1e3"] if kind == "Service" else [])]
    wrong = ("No_Name", "-a", "two words", "a/b", *more)
    return _text(parse, f"the name of a {kind}, {form}", wrong, required=required, name=name)


def host(*, wildcard: bool = False, required: bool = False, name: str = "") -> Any:
    """The name or address of a host.

    Args:
        wildcard: a name may begin with `*.`.
        required: it must not be empty.
        name: the option's name, where it is not the field's.
    """
    parse = functools.partial(_parse.host, wildcard=wildcard)
    return _text(parse, "a host name", _parse.WRONG_HOSTS, required=required, name=name)


def url(
    *,
    schemes: Collection[str] = ("http", "https"),
    prepare: Callable[[str], str] = str,
    check: Callable[[str], str] = str,
    more: str = "",
    required: bool = False,
    name: str = "",
) -> Any:
    """A URL without a user, a query and a fragment; a slash at its end is dropped.

    Args:
        schemes: what it may begin with.
        prepare: makes a URL of what people write for one.
        check: returns the URL, perhaps changed, or raises ValueError saying what is wrong with it.
        more: what `check` asks for, in words.
        required: it must not be empty.
        name: the option's name, where it is not the field's.
    """

    def parse(text: str) -> str:
        return check(_parse.url(prepare(text), tuple(schemes)))

    accepts = f"an {' or '.join(f'{scheme}://' for scheme in schemes)} URL {more}".rstrip()
    # What has no scheme may be given one.
    wrong = _parse.WRONG_URLS if prepare is str else _parse.WRONG_URLS[1:]
    return _text(parse, accepts, wrong, required=required, name=name)


def path(*, of: str = "a path", root: bool = False, required: bool = False, name: str = "") -> Any:
    """An absolute path, of a URL or of a file; a slash at its end is dropped.

    Args:
        of: what is there, for example "the path of a folder".
        root: `/` is accepted.
        required: it must not be empty.
        name: the option's name, where it is not the field's.
    """

    def parse(text: str) -> str:
        found = _parse.path(text)
        if found == "/" and not root:
            raise ValueError("everything")
        return found

    wrong = (*_parse.WRONG_PATHS, *([] if root else ["/", "//"]))
    return _text(parse, f"{of} that begins with a slash", wrong, required=required, name=name)


def paths(*, check: Callable[[str], str] = str, name: str = "") -> Any:
    """Absolute paths, separated by commas.

    Args:
        check: returns a path, or raises ValueError saying what is wrong with it.
        name: the option's name, where it is not the field's.
    """

    def parse(text: str) -> tuple[str, ...]:
        given = [item.strip() for item in text.split(",") if item.strip()]
        for item in given:
            check(_parse.path(item))
        # A slash at the end matters where beginnings of paths are compared.
        return tuple(given)

    accepts = "paths that begin with a slash, separated by commas"
    return _text(parse, accepts, _parse.WRONG_PATHS, name=name)


def image(*, required: bool = True, name: str = "") -> Any:
    """A container image."""
    accepts = "a container image"
    return _text(_parse.image, accepts, _parse.WRONG_IMAGES, required=required, name=name)


def image_tag(*, required: bool = True, name: str = "") -> Any:
    """The tag of a container image."""
    accepts = "the tag of a container image"
    return _text(_parse.image_tag, accepts, _parse.WRONG_TAGS, required=required, name=name)


def certificates(*, name: str = "") -> Any:
    """A server's certificate, PEM or PEM in base64, and what it is signed by; or nothing."""
    accepts, wrong = "a certificate, PEM", _parse.WRONG_PEM
    return _text(_pem.certificates, accepts, wrong, name=name, notice=x509.notice)


def private_key(*, name: str = "") -> Any:
    """A private key without a password, PEM or PEM in base64; or nothing."""
    return _text(_pem.key, "a private key without a password, PEM", _parse.WRONG_PEM, name=name)


def ca_bundle(*, name: str = "") -> Any:
    """Certificates of authorities, PEM or PEM in base64; or nothing."""
    accepts, wrong = "certificates of authorities, PEM", _parse.WRONG_PEM
    return _text(_pem.bundle, accepts, wrong, name=name, notice=x509.bundle_notice)


def check_key_pair(certificate: str, key: str, *, options: tuple[str, str]) -> None:
    """Refuse a certificate and a key that a server could not serve together.

    Args:
        certificate: the value of the one option.
        key: the value of the other.
        options: the names of the two.

    Raises:
        InvalidConfig: naming the first, unless both fit or are empty.
    """
    accepts = f"a certificate that goes with {options[1]}"
    if bool(certificate) != bool(key):
        raise InvalidConfig(options[0], accepts, "one without the other")
    try:
        if certificate:
            x509.check_key_pair(certificate, key)
    except ValueError as error:
        raise InvalidConfig(options[0], accepts, str(error)) from error


def object_annotations(*, reserved: Collection[str] = (), name: str = "") -> Any:
    """Annotations: a YAML mapping, or key=value,key=value whose values may hold commas.

    Args:
        reserved: beginnings of keys that are refused.
        name: the option's name, where it is not the field's.
    """
    parse = functools.partial(_parse.key_values, reserved=tuple(reserved))
    accepts = "key=value,key=value or a YAML mapping, keys as Kubernetes has them"
    wrong = ("no value", "=value", "a b=c", "a=", "a/b/c=d", "{a: [b]}", "{a: {b: c}}")
    wrong += tuple(f"{prefix}a=b" for prefix in reserved)
    return _text(parse, accepts, wrong, name=name)


def _text(
    parse: Callable[[str], Any],
    accepts: str,
    wrong: Collection[str],
    *,
    required: bool = False,
    name: str = "",
    notice: Callable[[str], str] | None = None,
) -> Any:
    """A text of some kind, which may be empty unless it is required."""

    def parse_raw(raw: Raw) -> Any:
        text = str(raw or "")
        if required and not text.strip():
            raise ValueError("nothing")
        return parse(text)

    return custom(
        parse_raw,
        accepts if required else f"{accepts}, or nothing",
        invalid_example=next(iter(wrong)),
        name=name,
        more_invalid_examples=(*wrong, *(["", "  "] if required else [])),
        notice=notice,
    )


def yaml_list(
    item: Callable[[Any], Any] | shapes.Schema,
    of: str,
    *,
    invalid_example: str = "[}",
    name: str = "",
) -> Any:
    """A YAML (or JSON) list, checked entry by entry.

    Args:
        item: what an entry has to be, see `shapes`; or what parses one, and raises ValueError
            saying what is wrong with it.
        of: completes the sentence "the option accepts a YAML list of ...".
        invalid_example: an example that is refused.
        name: the option's name, where it is not the field's.
    """
    parse_item = item if callable(item) else _fitting(item)

    def parse(raw: Raw) -> tuple[Any, ...]:
        entries = yaml_text.load(raw or "")
        if entries is None:
            return ()
        if not isinstance(entries, list):
            raise ValueError("not a list")
        listed = enumerate(cast("list[Any]", entries))
        return tuple(_entry(parse_item, index, entry) for index, entry in listed)

    wrong = ("[}", "a: b", "0", "text", "[]\n---\n[]", "!!int x")
    return custom(
        parse,
        f"a YAML list of {of}",
        invalid_example=invalid_example,
        name=name,
        more_invalid_examples=wrong,
    )


def yaml_mapping(
    shape: Callable[[Any], Any] | shapes.Schema,
    of: str,
    *,
    texts: bool = False,
    invalid_example: str = "[}",
    name: str = "",
) -> Any:
    """A YAML (or JSON) mapping; empty text is an empty one.

    Args:
        shape: what it has to be, see `shapes`; or what parses it.
        of: completes the sentence "the option accepts a YAML mapping of ...".
        texts: whether its scalars are text as they are written, 1.20 as well as yes.
        invalid_example: an example that is refused.
        name: the option's name, where it is not the field's.
    """
    parse_mapping = shape if callable(shape) else _fitting(shape)

    def parse(raw: Raw) -> Any:
        found = (yaml_text.load_texts if texts else yaml_text.load)(raw or "")
        if found in (None, ""):
            found = {}
        if not isinstance(found, Mapping):
            raise ValueError("not a mapping")
        return parse_mapping(cast("Mapping[Any, Any]", found))

    wrong = ("[}", "[a]", "text", "{}\n---\n{}")
    return custom(
        parse,
        f"a YAML mapping of {of}",
        invalid_example=invalid_example,
        name=name,
        more_invalid_examples=wrong,
    )


def _fitting(schema: shapes.Schema) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        shapes.check(value, schema)
        return value

    return parse


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

    def status(self) -> ops.StatusBase:
        """Active, with what should be known of a value, such as the end of a certificate."""
        value = self._value
        fields = dataclasses.fields(self.schema)  # pyright: ignore[reportArgumentType]
        notices = (_notice(field, getattr(value, field.name)) for field in fields)
        return ops.ActiveStatus(", ".join(filter(None, notices)))


def _notice(field: dataclasses.Field[Any], value: Any) -> str:
    tell = parser(field).notice
    text = tell(value) if tell else ""
    return f"option {option_name(field)}: {text}" if text else ""


def _detail(got: str) -> str:
    return f" (got: {got})" if got else ""


def _parsed(field: dataclasses.Field[Any], raw: Raw) -> Any:
    rule = parser(field)
    try:
        return rule.parse(raw)
    except ValueError as error:
        detail = _detail("" if rule.secret else str(error))
        message = f"option {option_name(field)} accepts {rule.accepts}{detail}"
        raise Blocked(message) from error


def _entry(item: Callable[[Any], Any], index: int, entry: Any) -> Any:
    try:
        return item(entry)
    except ValueError as error:
        raise ValueError(f"entry {index}: {error}") from error
