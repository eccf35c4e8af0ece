# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What texts of options are: URLs, hosts, paths, images, annotations.

Each function returns the value or raises ValueError saying what is wrong, in words that repeat
nothing that may be secret.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, cast

from . import names, yaml_text

_PATH = re.compile(r"(/[-A-Za-z0-9._~@:+=,]+)*/?")
_URL_PATH = re.compile(r"(/[-A-Za-z0-9._~!$&'()*+,;=:@]+)*/?")
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")

WRONG_URLS = (
    "example.com",
    "ftp://example.com",
    "javascript:alert(1)",
    "http://",
    "https:///path",
    "http://https:/path",
    "http://[",
    "http://host:port",
    "http://host:99999",
    "http://host:0",
    "http://two words",
    "http://exam ple.com/path",
    "https://user:password@example.com",
    "https://example.com/?a=b",
    "https://example.com/path#part",
    "https://example.com/a/../b",
    "https://example.com/%2e%2e/b",
    "https://example.com//b",
    "https://-example-.com",
)
WRONG_HOSTS = ("https://example.com", "example.com/path", "two words", "-a", "a..b", "10.0.0.1:80")
WRONG_PATHS = ("no/slash", "/a/../b", "/a/./b", "/a//b", "/two words", "/a?b", "/a#b", "/a%2fb")
WRONG_IMAGES = ("not an image", "Upper", "registry/", "a//b", ":1.0", "a:tag:tag", "https://a/b")
WRONG_TAGS = ("two words", "a/b", ":1", "1.0 2", "-1")
WRONG_PEM = (
    "%",
    "bm8gUEVN",
    "no PEM",
    "-----BEGIN CERTIFICATE-----\nnonsense",
    "-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----",
    "-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----",
)


def url(text: str, schemes: Collection[str] = ("http", "https")) -> str:
    """Return a URL without what stands around it and without a slash at its end."""
    text = text.strip()
    if not text:
        return ""
    parts = urllib.parse.urlsplit(text)
    checks = {
        "a space in it": any(letter.isspace() for letter in text),
        "no " + " or ".join(f"{scheme}://" for scheme in schemes): parts.scheme not in schemes,
        "a user in it": "@" in parts.netloc,
        "a query in it": "?" in text,
        "a fragment in it": "#" in text,
        "no host": not names.is_host(parts.hostname or ""),
        "no port from 1 to 65535": parts.netloc.endswith(":") or _port(parts) == 0,
        "a path that is none": not _URL_PATH.fullmatch(parts.path) or _has_dots(parts.path),
    }
    wrong = next((reason for reason, is_so in checks.items() if is_so), "")
    if wrong:
        raise ValueError(wrong)
    return text.rstrip("/")


def _port(parts: urllib.parse.SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise ValueError("no port from 1 to 65535") from error


def host(text: str, *, wildcard: bool = False) -> str:
    """Return the name or address of a host, perhaps with `*.` before the name."""
    text = text.strip().lower()
    bare = text.removeprefix("*.") if wildcard else text
    if text and not names.is_host(bare):
        raise ValueError("no host")
    return text


def path(text: str) -> str:
    """Return an absolute path, without a slash at its end unless it is nothing else."""
    text = text.strip()
    if text and not text.startswith("/"):
        raise ValueError("no slash at its beginning")
    if not _PATH.fullmatch(text) or _has_dots(text):
        raise ValueError("no path")
    return text.rstrip("/") or text


def _has_dots(text: str) -> bool:
    return not {".", ".."}.isdisjoint(text.split("/"))


def decimal(text: str, least: float, unit: str, words: Collection[str]) -> str:
    """Return a decimal number as it is written, with its unit, or one of some words."""
    number = text.strip().removesuffix(unit)
    if text.strip() in words:
        return text.strip()
    if not text.strip().endswith(unit) or not _DECIMAL.fullmatch(number):
        raise ValueError(text.strip())
    if float(number) < least or not float(number):
        raise ValueError(text.strip())
    return text.strip()


def key_values(text: str, reserved: Collection[str]) -> dict[str, str]:
    """Return annotations from a YAML mapping, or from `key=value,key=value`.

    What follows a comma without an equals sign of its own belongs to the value before it.
    """
    pairs = _mapping(text)
    if pairs is None:
        pairs = dict(map(_pair, _pieces(text)))
    for key, value in pairs.items():
        if not names.is_qualified(key):
            raise ValueError(f"{key} is no key")
        if key.startswith(tuple(reserved)):
            raise ValueError(f"{key} is reserved")
        if not value:
            raise ValueError(f"no value of {key}")
    return pairs


def _mapping(text: str) -> dict[str, str] | None:
    try:
        found = yaml_text.load_texts(text)
    except ValueError:
        return None
    if not isinstance(found, Mapping):
        return None
    pairs = cast("Mapping[Any, Any]", found)
    if any("=" in str(key) for key in pairs):
        return None
    for key, value in pairs.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise ValueError("not a mapping of texts to texts")
    return dict(pairs)


def _pieces(text: str) -> Iterable[str]:
    pieces: list[str] = []
    for piece in text.split(","):
        if pieces and piece.strip() and "=" not in piece:
            pieces[-1] += f",{piece}"
        elif piece.strip():
            pieces.append(piece)
    return pieces


def _pair(piece: str) -> tuple[str, str]:
    key, equals, value = (part.strip() for part in piece.partition("="))
    if not equals:
        raise ValueError(f"no value of {key}")
    return key, value


def image(text: str) -> str:
    """Return a container image."""
    return _named(text, names.is_image)


def image_tag(text: str) -> str:
    """Return the tag of a container image."""
    return _named(text, names.is_image_tag)


def bucket(text: str) -> str:
    """Return the name of a bucket: S3's rules, which the other stores' names fit as well."""
    return _named(text, names.is_bucket)


def _named(text: str, is_name: Callable[[str], bool]) -> str:
    text = text.strip()
    if text and not is_name(text):
        raise ValueError(text)
    return text
