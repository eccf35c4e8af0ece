# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The two codecs: what is written, what is read, and what is said of what can't be read."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
import yaml
from charmkit import wire

SDI = wire.Sdi(("v1", "v2"))


@dataclasses.dataclass(frozen=True)
class Inner:
    name: str
    size: int = 1


@dataclasses.dataclass(frozen=True)
class Everything:
    text: str
    number: int
    ratio: float
    flag: bool
    rows: list[dict[str, Any]]
    table: dict[str, str]
    inner: Inner
    renamed: str = wire.field("re-named")
    words: tuple[str, ...] = wire.field(default=())
    inners: tuple[Inner, ...] = wire.field(default=())
    maybe: str | None = wire.field(default=None)
    perhaps: Inner | None = None
    anything: Any = None


FULL = Everything(
    text="t",
    number=3,
    ratio=0.5,
    flag=True,
    renamed="r",
    words=("a", "b"),
    rows=[{"a": [1, None]}],
    table={"a": "b"},
    inner=Inner("i"),
    inners=(Inner("j", 2), Inner("k")),
    maybe="m",
    perhaps=Inner("p"),
    anything=["x", 1],
)
LEAST = Everything("t", 0, 1.0, False, renamed="", rows=[], table={}, inner=Inner("i"))


@pytest.mark.parametrize("data", [FULL, LEAST], ids=["full", "least"])
def test_both_codecs_round_trip(data: Everything) -> None:
    assert wire.from_plain(Everything, wire.to_plain(data)) == data
    text = wire.to_yaml(wire.to_mapping(data))
    assert wire.from_mapping(Everything, SDI.published({wire.DATA_KEY: text})) == data


def test_plain_text_stands_as_it_is_and_everything_else_is_json() -> None:
    bag = wire.to_plain(FULL)
    assert bag["text"] == "t"
    assert bag["re-named"] == "r"
    assert bag["maybe"] == "m"
    others = set(bag) - {"text", "re-named", "maybe"}
    assert {name: json.loads(bag[name]) for name in others} == {
        "number": 3,
        "ratio": 0.5,
        "flag": True,
        "words": ["a", "b"],
        "rows": [{"a": [1, None]}],
        "table": {"a": "b"},
        "inner": {"name": "i", "size": 1},
        "inners": [{"name": "j", "size": 2}, {"name": "k", "size": 1}],
        "perhaps": {"name": "p", "size": 1},
        "anything": ["x", 1],
    }


def test_a_field_that_is_none_is_left_out() -> None:
    assert {"maybe", "perhaps", "anything"}.isdisjoint(wire.to_mapping(LEAST))


def test_text_that_looks_like_json_stays_text() -> None:
    data = dataclasses.replace(LEAST, text="8080", maybe="[1]")
    bag = wire.to_plain(data)
    assert (bag["text"], bag["maybe"]) == ("8080", "[1]")
    assert wire.from_plain(Everything, bag) == data


def test_text_that_looks_like_another_type_stays_text_in_yaml() -> None:
    data = dataclasses.replace(LEAST, text="8080", renamed="true", maybe="null")
    text = wire.to_yaml(wire.to_mapping(data))
    assert wire.from_mapping(Everything, yaml.safe_load(text)) == data


def test_keys_that_are_not_known_are_ignored() -> None:
    assert wire.from_mapping(Inner, {"name": "n", "egress-subnets": "10.0.0.0/8"}) == Inner("n")
    assert wire.from_plain(Inner, {"name": "n", "other": "[not json"}) == Inner("n")


@dataclasses.dataclass(frozen=True)
class Made:
    names: list[str] = dataclasses.field(default_factory=list)


def test_a_default_may_be_made() -> None:
    assert wire.from_mapping(Made, {}) == Made([])
    assert not wire.has_required(Made)


GOOD = wire.to_mapping(FULL)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": None}, "text is not text"),
        ({"text": 5}, "text is not text"),
        ({"text": ["t"]}, "text is not text"),
        ({"number": "3"}, "number is not a whole number"),
        ({"number": 3.5}, "number is not a whole number"),
        ({"number": True}, "number is not a whole number"),
        ({"ratio": "0.5"}, "ratio is not a number"),
        ({"ratio": True}, "ratio is not a number"),
        ({"flag": "true"}, "flag is not true or false"),
        ({"flag": 1}, "flag is not true or false"),
        ({"re-named": 1}, "re-named is not text"),
        ({"words": "a"}, "words is not a list"),
        ({"words": {"a": 1}}, "words is not a list"),
        ({"words": ["a", 1]}, "words[1] is not text"),
        ({"rows": [1]}, "rows[0] is not a mapping"),
        ({"table": []}, "table is not a mapping"),
        ({"table": {"a": 1}}, "table.a is not text"),
        ({"inner": "i"}, "inner is not a mapping"),
        ({"inner": {}}, "inner: name is missing"),
        ({"inner": {"name": 1}}, "inner: name is not text"),
        ({"inners": [{"name": "n"}, {"size": 1}]}, "inners[1]: name is missing"),
        ({"maybe": 1}, "maybe is not text"),
        ({"perhaps": {"name": "n", "size": "1"}}, "perhaps: size is not a whole number"),
    ],
)
def test_a_value_of_another_type_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(wire.MalformedError) as caught:
        wire.from_mapping(Everything, GOOD | change)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [3, 0.5, 0])
def test_a_whole_number_is_a_number(value: float) -> None:
    assert wire.from_mapping(Everything, GOOD | {"ratio": value}).ratio == value


@dataclasses.dataclass(frozen=True)
class Either:
    either: int | str


def test_a_field_of_several_types_is_a_bug_of_the_interface() -> None:
    with pytest.raises(TypeError, match="either"):
        wire.from_mapping(Either, {"either": 1})


@pytest.mark.parametrize("name", ["maybe", "perhaps"])
def test_null_is_as_good_as_absent_where_it_may_be(name: str) -> None:
    assert getattr(wire.from_mapping(Everything, GOOD | {name: None}), name) is None


@pytest.mark.parametrize("name", ["text", "number", "re-named", "rows", "inner"])
def test_a_required_key_that_is_missing_is_named(name: str) -> None:
    data = {each: value for each, value in GOOD.items() if each != name}
    with pytest.raises(wire.MalformedError, match=f"^{name} is missing$"):
        wire.from_mapping(Everything, data)


@pytest.mark.parametrize("text", ["", "[", "nope", "'a'"])
def test_plain_text_that_is_not_json_is_named(text: str) -> None:
    bag = wire.to_plain(FULL) | {"words": text}
    with pytest.raises(wire.MalformedError, match=r"^words is not JSON$"):
        wire.from_plain(Everything, bag)


@dataclasses.dataclass(frozen=True)
class Choosy:
    colour: str

    def __post_init__(self) -> None:
        if self.colour != "green":
            raise ValueError(f"colour is {self.colour}, not green")


@dataclasses.dataclass(frozen=True)
class Choosers:
    choosers: tuple[Choosy, ...]


def test_what_the_dataclass_itself_refuses_is_told() -> None:
    with pytest.raises(wire.MalformedError, match=r"^choosers\[0\]: colour is red, not green$"):
        wire.from_mapping(Choosers, {"choosers": [{"colour": "red"}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[}", "data is not YAML.*"),
        ("2024-13-45", "data is not YAML.*"),
        ("!!int x", "data is not YAML.*"),
        ("", "data is not a mapping"),
        ("[]", "data is not a mapping"),
        ("text", "data is not a mapping"),
    ],
)
def test_a_payload_that_is_no_mapping_is_malformed(text: str, message: str) -> None:
    with pytest.raises(wire.MalformedError, match=f"^{message}$"):
        SDI.published({wire.DATA_KEY: text})


@pytest.mark.parametrize(
    ("bag", "versions"),
    [
        ({}, []),
        ({"_supported_versions": "- v1\n"}, ["v1"]),
        ({"_supported_versions": '["v1", "v2"]'}, ["v1", "v2"]),
    ],
)
def test_the_versions_that_the_other_side_speaks_are_read(
    bag: dict[str, str], versions: list[str]
) -> None:
    assert wire.offered_versions(bag) == versions


@pytest.mark.parametrize("text", ["v1", "[1]", "{v1: 1}", "[}", ""])
def test_what_is_no_list_of_versions_is_malformed(text: str) -> None:
    with pytest.raises(wire.MalformedError, match=r"^_supported_versions is not "):
        wire.offered_versions({"_supported_versions": text})


@pytest.mark.parametrize(
    ("ours", "theirs", "common"),
    [
        (["v1"], ["v1"], "v1"),
        (["v1", "v2"], ["v1"], "v1"),
        (["v1", "v2"], ["v3", "v2", "v1"], "v2"),
        (["v2", "v10"], ["v10", "v2"], "v10"),
        (["v1"], ["v2"], None),
        (["v1"], [], None),
        (["v1"], ["one", "1", ""], None),
        (["", "one"], ["", "one"], None),
    ],
)
def test_the_highest_common_version_is_spoken(
    ours: list[str], theirs: list[str], common: str | None
) -> None:
    assert wire.common_version(ours, theirs) == common


@dataclasses.dataclass(frozen=True)
class Keys:
    access_key: str = wire.field("access-key", secret=True)
    secret_key: str = wire.field("secret-key", secret=True)
    host: str = ""


def test_a_schema_has_keys_of_which_some_are_secret() -> None:
    assert wire.keys(Keys) == ["access-key", "secret-key", "host"]
    assert wire.secret_keys(Keys) == ["access-key", "secret-key"]
    assert wire.has_required(Keys)
    assert wire.secret_keys(Inner) == []
