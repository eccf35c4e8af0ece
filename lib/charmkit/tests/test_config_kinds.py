# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Options by kind: what each is parsed into, what is refused, and with which words."""

from __future__ import annotations

import base64
import dataclasses
import textwrap
from typing import Any

import charmkit
import pytest
from charmkit import config, shapes, x509


def parsed(field: Any, raw: Any) -> Any:
    """The value of a class's only option, `an-option`."""
    schema = dataclasses.make_dataclass("Schema", [("an_option", Any, field)], frozen=True)
    return config.load(schema, {} if raw is None else {"an-option": raw}).an_option


def refusal(field: Any, raw: Any) -> str:
    """What is said of a value that is not accepted."""
    with pytest.raises(charmkit.Blocked) as caught:
        parsed(field, raw)
    return caught.value.message


SHAPE = shapes.fields(
    {"name": shapes.FULL_TEXT}, {"kind": shapes.word("a", "b"), "n": shapes.INTEGER}
)
FIELDS = {
    "annotations": lambda: config.object_annotations(reserved=["kubernetes.io/"]),
    "bucket": config.bucket,
    "ca_bundle": config.ca_bundle,
    "certificates": config.certificates,
    "domain": lambda: config.host(wildcard=True),
    "host": config.host,
    "image": config.image,
    "image_tag": config.image_tag,
    "integer": lambda: config.integer(1, 100),
    "integer_from": lambda: config.integer(1, of="a number of seconds"),
    "list": lambda: config.yaml_list(SHAPE, "things"),
    "mapping": lambda: config.yaml_mapping(SHAPE, "things"),
    "memory": lambda: config.number(of="a number of Gi", unit="Gi"),
    "namespace": lambda: config.object_name("Namespace"),
    "number": lambda: config.number(1, words=["none"]),
    "path": config.path,
    "paths": config.paths,
    "private_key": config.private_key,
    "secret_name": lambda: config.object_name("Secret", required=False),
    "texts": lambda: config.yaml_mapping(shapes.values(shapes.TEXT), "texts", texts=True),
    "url": config.url,
    "word": lambda: config.word(min_length=3, without="=,"),
    "websocket": lambda: config.url(schemes=["ws"], required=True),
}
CASES = [
    (kind, example)
    for kind, field in FIELDS.items()
    for example in field().metadata["parser"].invalid_examples
]


@pytest.mark.parametrize(("kind", "example"), CASES)
def test_everything_that_is_known_to_be_wrong_is_refused(kind: str, example: Any) -> None:
    accepts = FIELDS[kind]().metadata["parser"].accepts
    assert refusal(FIELDS[kind](), example).startswith(f"option an-option accepts {accepts}")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("annotations", "", {}),
        ("annotations", "a=b, c.io/d = e=f", {"a": "b", "c.io/d": "e=f"}),
        ("annotations", "a/subnets=one,two,a/b=c", {"a/subnets": "one,two", "a/b": "c"}),
        ("annotations", "a=b, c", {"a": "b, c"}),
        ("annotations", "{a: 'b,c=d', e: 1.20}", {"a": "b,c=d", "e": "1.20"}),
        ("annotations", "a/b: c\na/d: true", {"a/b": "c", "a/d": "true"}),
        ("domain", "*.Example.com", "*.example.com"),
        ("host", None, ""),
        ("host", " kf.example.com ", "kf.example.com"),
        ("host", "2001:db8::1", "2001:db8::1"),
        ("image", "registry.example.com:5000/a/b:1.0", "registry.example.com:5000/a/b:1.0"),
        ("image_tag", "1.20", "1.20"),
        ("integer", 100, 100),
        ("integer_from", 10**9, 10**9),
        ("list", "[{name: a, kind: b}]", ({"name": "a", "kind": "b"},)),
        ("mapping", None, None),
        ("mapping", "name: a", {"name": "a"}),
        ("memory", "1.5Gi", "1.5Gi"),
        ("namespace", "123", "123"),
        ("number", "none", "none"),
        ("number", 1.5, "1.5"),
        ("path", "/var/lib/", "/var/lib"),
        ("path", "", ""),
        ("paths", "/a/, /b,", ("/a/", "/b")),
        ("secret_name", "a.b", "a.b"),
        (
            "texts",
            "{a: 1e3, b: yes, c: 0891234567, d: null}",
            {"a": "1e3", "b": "yes", "c": "0891234567", "d": "null"},
        ),
        ("url", " https://kf.example.com/ ", "https://kf.example.com"),
        ("url", "http://10.0.0.1:8080/dex/", "http://10.0.0.1:8080/dex"),
        ("url", "http://[::1]:8080", "http://[::1]:8080"),
        ("websocket", "ws://a", "ws://a"),
    ],
)
def test_accepted(kind: str, raw: Any, value: Any) -> None:
    if (kind, raw) == ("mapping", None):
        assert "name: is missing" in refusal(FIELDS[kind](), raw)
    else:
        assert parsed(FIELDS[kind](), raw) == value


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        ("url", "https://user:hunter2@kf.example.com", "(got: a user in it)"),
        ("url", "https://kf.example.com/dex?x=1", "(got: a query in it)"),
        ("url", "https://kf.example.com/dex#a", "(got: a fragment in it)"),
        ("url", "http://kf example/dex", "(got: a space in it)"),
        ("websocket", "", "(got: nothing)"),
        ("list", "[]\n---\n[]", "(got: several YAML documents, of which one is taken)"),
        ("list", "[{name: 1}]", "(got: entry 0: name: is not text; put it in quotes)"),
        (
            "list",
            "[{name: a, title: b}]",
            "(got: entry 0: title: is not known, only name, kind, n)",
        ),
        ("list", "[{name: a, kind: c}]", "(got: entry 0: kind: is not a or b)"),
        ("list", "[{name: a, n: true}]", "(got: entry 0: n: is not a whole number)"),
        ("list", "[{kind: a}]", "(got: entry 0: name: is missing)"),
        ("list", "[{name: ''}]", "(got: entry 0: name: is empty)"),
        ("annotations", "kubernetes.io/a=b", "(got: kubernetes.io/a is reserved)"),
    ],
)
def test_the_refusal_says_what_is_wrong(kind: str, raw: str, words: str) -> None:
    message = refusal(FIELDS[kind](), raw)
    assert message.endswith(words)
    assert "hunter2" not in message


@pytest.fixture(scope="module")
def authority() -> x509.KeyPair:
    return x509.new_ca("an authority")


@pytest.fixture(scope="module")
def pair(authority: x509.KeyPair) -> x509.KeyPair:
    return x509.new_certificate(authority, ["example.com"])


def encoded(text: str) -> str:
    """As GNU base64 writes it: 76 letters in a line."""
    return "\n".join(textwrap.wrap(base64.b64encode(text.encode()).decode(), 76))


@pytest.mark.parametrize("wrap", [str, encoded, lambda text: f"a comment\n\n{text}\n"])
def test_pem_is_taken_as_it_is_and_in_base64_with_line_breaks(
    pair: x509.KeyPair, authority: x509.KeyPair, wrap: Any
) -> None:
    chain = pair.certificate + authority.certificate
    assert parsed(config.certificates(), wrap(chain)) == chain
    assert parsed(config.ca_bundle(), wrap(chain)) == chain
    assert parsed(config.private_key(), wrap(pair.key)) == pair.key


def test_a_key_is_no_authority_and_is_not_shown(pair: x509.KeyPair) -> None:
    for field in (config.ca_bundle(), config.certificates()):
        message = refusal(field, pair.certificate + pair.key)
        assert message.endswith("(got: block 2 is a private key, not a certificate)")


def test_a_certificate_is_no_key(pair: x509.KeyPair) -> None:
    message = refusal(config.private_key(), pair.certificate)
    assert message.endswith("(got: a certificate, not a private key)")


def test_every_block_must_be_read(pair: x509.KeyPair) -> None:
    broken = "-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n"
    message = refusal(config.ca_bundle(), pair.certificate + broken)
    assert message.endswith("(got: block 2 is not a certificate that can be read)")


def test_what_has_expired_is_refused_with_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    now = x509.now()
    monkeypatch.setattr(x509, "now", lambda: now.replace(year=now.year - 20, day=1))
    old = x509.new_certificate(x509.new_ca("old"), ["example.com"]).certificate
    monkeypatch.undo()
    day = x509.not_after(old)[:10]
    assert f"expired on {day}" in refusal(config.certificates(), old)
    assert f"expired on {day}, every one of them" in refusal(config.ca_bundle(), old)
    current = x509.new_ca("current").certificate
    assert parsed(config.ca_bundle(), old + current) == old + current


def test_a_certificate_goes_only_with_its_key(pair: x509.KeyPair) -> None:
    options = ("tls-cert", "tls-key")
    config.check_key_pair("", "", options=options)
    config.check_key_pair(pair.certificate, pair.key, options=options)
    for certificate, key in [
        (pair.certificate, x509.new_key()),
        (pair.certificate, ""),
        ("", pair.key),
    ]:
        with pytest.raises(config.InvalidConfig, match=r"^option tls-cert accepts a certificate"):
            config.check_key_pair(certificate, key, options=options)


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        ({"name": "a", "notAKind": {"a": "b"}}, "notAKind: is not known"),
        ({"name": "a", "nfs": {}}, "nfs.server: is missing"),
        ({"name": "a", "nfs": {"server": 1, "path": "/"}}, "nfs.server: is not text"),
        ({"name": "a", "secret": {"optional": "true"}}, "without quotes"),
        ({"name": "a", "emptyDir": {"sizeLimit": []}}, "emptyDir.sizeLimit: is not text"),
    ],
)
def test_kubernetes_own_types_are_checked_to_the_field(volume: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        shapes.check(volume, shapes.kubernetes("Volume"))


def test_kubernetes_own_types_are_accepted() -> None:
    volume = {"name": "a", "emptyDir": {"sizeLimit": "1Gi", "medium": "Memory"}}
    shapes.check(volume, shapes.kubernetes("Volume"))
    shapes.check(
        {"name": "a", "nfs": {"server": "s", "path": "/", "readOnly": True}},
        shapes.kubernetes("Volume"),
    )
