# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Config: what each parser accepts and refuses, and how it says so."""

from __future__ import annotations

import dataclasses
from typing import Any

import charmkit
import ops
import pytest
from charmkit import config
from ops import testing


def parsed(field: Any, raw: Any) -> Any:
    """The value of a class's only option, `an-option`."""
    return config.load(schema_of(field), {} if raw is None else {"an-option": raw}).an_option


def schema_of(field: Any) -> Any:
    return dataclasses.make_dataclass("Schema", [("an_option", Any, field)], frozen=True)


def refusal(field: Any, raw: Any) -> str:
    """What is said of a value that is not accepted."""
    with pytest.raises(charmkit.Blocked) as caught:
        parsed(field, raw)
    return caught.value.message


def entry(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError("not text")
    return raw


FIELDS = {
    "text": config.text,
    "short": lambda **more: config.text(min_length=8, **more),
    "required": lambda **more: config.text(required=True, **more),
    "port": config.port,
    "one_of": lambda **more: config.one_of("s3", "azure", **more),
    "boolean": config.boolean,
    "url": config.url,
    "image": config.image,
    "yaml_list": lambda **more: config.yaml_list(entry, "words", **more),
    "custom": lambda **more: config.custom(str, "anything", **more),
}


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        ("text", None, ""),
        ("text", "", ""),
        ("text", "a b", "a b"),
        ("short", "", ""),
        ("short", "12345678", "12345678"),
        ("required", "x", "x"),
        ("port", 1024, 1024),
        ("port", 65535, 65535),
        ("one_of", "azure", "azure"),
        ("boolean", True, True),
        ("boolean", False, False),
        ("boolean", None, False),
        ("url", None, ""),
        ("url", "", ""),
        ("url", "https://example.com", "https://example.com"),
        ("url", "https://example.com/", "https://example.com"),
        ("url", "http://10.0.0.1:8080/dex/", "http://10.0.0.1:8080/dex"),
        ("url", "http://[::1]:8080", "http://[::1]:8080"),
        ("image", "docker.io/library/busybox:1.28", "docker.io/library/busybox:1.28"),
        ("yaml_list", None, ()),
        ("yaml_list", "", ()),
        ("yaml_list", "[]", ()),
        ("yaml_list", "# nothing", ()),
        ("yaml_list", "- a\n- b", ("a", "b")),
        ("yaml_list", '["a", "b"]', ("a", "b")),
        ("custom", 5, "5"),
    ],
)
def test_a_good_value_is_parsed(field: str, raw: Any, value: Any) -> None:
    assert parsed(FIELDS[field](), raw) == value


@pytest.mark.parametrize(
    ("field", "raw", "message"),
    [
        (
            "short",
            "1234567",
            "option an-option accepts at least 8 characters, or nothing (got: 7 characters)",
        ),
        ("required", "", "option an-option accepts at least 1 characters (got: 0 characters)"),
        ("required", None, "option an-option accepts at least 1 characters (got: 0 characters)"),
        ("port", 0, "option an-option accepts a port from 1024 to 65535 (got: 0)"),
        ("port", 1023, "option an-option accepts a port from 1024 to 65535 (got: 1023)"),
        ("port", 65536, "option an-option accepts a port from 1024 to 65535 (got: 65536)"),
        ("port", None, "option an-option accepts a port from 1024 to 65535 (got: None)"),
        ("one_of", "S3", "option an-option accepts s3 or azure (got: S3)"),
        (
            "url",
            "example.com",
            "option an-option accepts an http:// or https:// URL, or nothing (got: no http:// or https://)",
        ),
        ("image", "A", "option an-option accepts a container image (got: A)"),
        ("image", "", "option an-option accepts a container image (got: nothing)"),
        (
            "yaml_list",
            "a: b",
            "option an-option accepts a YAML list of words (got: not a list)",
        ),
        (
            "yaml_list",
            "- a\n- 7",
            "option an-option accepts a YAML list of words (got: entry 1: not text)",
        ),
    ],
)
def test_a_bad_value_is_refused_with_the_name_and_what_it_accepts(
    field: str, raw: Any, message: str
) -> None:
    assert refusal(FIELDS[field](), raw) == message


@pytest.mark.parametrize(
    "raw",
    [
        "ftp://example.com",
        "http://",
        "https:///path",
        "http://[",
        "http://host:port",
        "http://host:99999",
        "http://a b",
        "http://host\n/",
        "http://ho\tst",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_url_is_refused(raw: str) -> None:
    assert "accepts an http:// or https:// URL" in refusal(config.url(), raw)


@pytest.mark.parametrize(
    "raw", ["[}", "a: [", "- a\n b: c", "0", "false", "{}", "text", "!!int x", "2024-13-45"]
)
def test_what_is_no_yaml_list_is_refused(raw: str) -> None:
    assert "accepts a YAML list of words" in refusal(FIELDS["yaml_list"](), raw)


@pytest.mark.parametrize(
    "raw", ["[hunter2, }", "!!int hunter2", "!!bool hunter2", "a: hunter2: b"]
)
def test_what_is_not_yaml_is_not_shown(raw: str) -> None:
    assert "hunter2" not in refusal(FIELDS["yaml_list"](), raw)


def test_what_is_not_yaml_is_told_by_its_line() -> None:
    assert refusal(FIELDS["yaml_list"](), "- a\n- [}").endswith("(got: not YAML, line 2)")


def test_a_secret_is_not_shown() -> None:
    def parse(raw: str) -> str:
        raise ValueError(f"bad password {raw}")

    for field in (
        config.custom(parse, "good passwords", secret=True),
        config.text(min_length=30, secret=True),
    ):
        message = refusal(field, "hunter2")
        assert message.startswith("option an-option accepts ")
        assert "hunter2" not in message
        assert "got" not in message


def test_a_parser_without_a_reason_adds_none() -> None:
    def parse(raw: str) -> str:
        raise ValueError

    assert refusal(config.custom(parse, "nothing"), "x") == "option an-option accepts nothing"


def test_an_exception_of_another_sort_is_a_bug() -> None:
    def parse(raw: str) -> str:
        raise KeyError(raw)

    with pytest.raises(KeyError):
        parsed(config.custom(parse, "nothing"), "x")


@pytest.mark.parametrize("make", FIELDS.values(), ids=FIELDS)
def test_a_field_may_read_another_option(make: Any) -> None:
    (field,) = dataclasses.fields(schema_of(make(name="other")))
    assert config.option_name(field) == "other"
    (field,) = dataclasses.fields(schema_of(make()))
    assert config.option_name(field) == "an-option"


@pytest.mark.parametrize("make", FIELDS.values(), ids=FIELDS)
def test_each_parser_refuses_its_invalid_example(make: Any) -> None:
    (field,) = dataclasses.fields(schema_of(make()))
    rule = config.parser(field)
    if rule.invalid_example is not None:
        assert rule.accepts in refusal(make(), rule.invalid_example)
    else:
        assert parsed(make(), "whatever") in ("whatever", True)


@dataclasses.dataclass(frozen=True)
class TwoPorts:
    first_port: int = config.port()
    second_port: int = config.port()

    def __post_init__(self) -> None:
        if self.first_port == self.second_port:
            raise config.InvalidConfig("second-port", "a port other than first-port's")


def test_two_options_that_do_not_go_together_block() -> None:
    with pytest.raises(charmkit.Blocked) as caught:
        config.load(TwoPorts, {"first-port": 8080, "second-port": 8080})
    assert caught.value.message == "option second-port accepts a port other than first-port's"


CONFIG: dict[str, Any] = {
    "options": {
        "first-port": {"type": "int", "default": 8080},
        "second-port": {"type": "int", "default": 8081},
    }
}


def test_a_component_parses_the_charms_config(context: Any) -> None:
    ctx = context(lambda charm: [charmkit.Config(charm, TwoPorts)], config=CONFIG)
    with ctx(ctx.on.config_changed(), testing.State(config={"first-port": 9000})) as manager:
        assert manager.charm.made[0].get() == TwoPorts(9000, 8081)
        assert manager.charm.made[0].schema is TwoPorts
        assert manager.run().unit_status == ops.ActiveStatus()


def test_a_bad_value_blocks_even_if_nothing_reads_it(context: Any) -> None:
    ctx = context(lambda charm: [charmkit.Config(charm, TwoPorts)], config=CONFIG)
    state = ctx.run(ctx.on.config_changed(), testing.State(config={"second-port": 80}))
    message = "option second-port accepts a port from 1024 to 65535 (got: 80)"
    assert state.unit_status == ops.BlockedStatus(message)
