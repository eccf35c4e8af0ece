# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubernetes objects from Jinja2 templates, into which values go as data and never as YAML text.

While a template is rendered, a token stands for each value; the tokens are replaced by the values
once the YAML has been read. A token that stands alone becomes the value itself, of whatever type
and structure; within other text it becomes the value's text. So `name: {{ model }}` is text also
for a model called `123` or `true`, and needs neither quotes nor indentation.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import pathlib
import re
import secrets
from collections.abc import Callable, Generator, Mapping
from typing import Any, cast

import yaml

from . import _crd_schema

Context = Mapping[str, Any]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is built in
# Characters of Unicode's private use, which YAML takes; no value can hold a token of this process.
_NONCE = secrets.token_hex(8)
_TOKEN = re.compile(f"\ue000{_NONCE}-([0-9]+)\ue001")

_values: list[Any] = []


def render(path: pathlib.Path, context: Context) -> list[dict[str, Any]]:
    """Return the objects in a template.

    Args:
        path: the template.
        context: its variables. `schema` is always there: the schemas of Kubernetes' own types.

    Raises:
        jinja2.UndefinedError: if a variable is missing.
        ValueError: naming the template, if what it makes is not YAML.
    """
    with _recorded() as values:
        text = _template(path.read_text()).render({"schema": _schema(), **context})
        # Templates without values, as most CRDs are, are the same every time.
        documents, holders = _loaded(str(path), text)
        return [_replaced(document, values, holders) for document in documents if document]


@contextlib.contextmanager
def _recorded() -> Generator[list[Any]]:
    _values.clear()
    try:
        yield _values
    finally:
        _values.clear()


def _tokenised(value: Any) -> str:
    import jinja2

    if isinstance(value, jinja2.Undefined):
        return str(value)  # which raises
    if isinstance(value, str) and _TOKEN.search(value):
        return value  # of a macro, whose values have their tokens already
    _values.append(value)
    return f"\ue000{_NONCE}-{len(_values) - 1}\ue001"


@functools.lru_cache(maxsize=256)
def _loaded(name: str, text: str) -> tuple[tuple[Any, ...], frozenset[int]]:
    """Return the documents of a text, and the ids of the mappings and lists that hold tokens."""
    try:
        documents = tuple(yaml.load_all(text, _LOADER))
    except yaml.YAMLError as error:
        raise ValueError(f"template {name}: {error}") from error
    holders: set[int] = set()
    for document in documents:
        _find_tokens(document, holders)
    return documents, frozenset(holders)


def _find_tokens(node: Any, holders: set[int]) -> bool:
    if isinstance(node, str):
        return _TOKEN.search(node) is not None
    parts: list[Any] = []
    if isinstance(node, dict):
        items = cast("dict[str, Any]", node).items()
        parts = [part for item in items for part in item]
    elif isinstance(node, list):
        parts = cast("list[Any]", node)
    # All are looked at, so that each that holds one is known.
    found = sum(_find_tokens(part, holders) for part in parts) > 0
    if found:
        holders.add(id(cast("object", node)))
    return found


def _replaced(node: Any, values: list[Any], holders: frozenset[int]) -> Any:
    """Return a node with values for tokens; what holds none is shared with other renderings."""
    if isinstance(node, str):
        return _text(node, values)
    if id(node) not in holders:
        return node
    if isinstance(node, dict):
        items = cast("dict[str, Any]", node).items()
        return {_text(key, values): _replaced(value, values, holders) for key, value in items}
    return [_replaced(item, values, holders) for item in node]


def _text(text: Any, values: list[Any]) -> Any:
    if not isinstance(text, str) or "\ue000" not in text:
        return text
    alone = _TOKEN.fullmatch(text)
    if alone:
        return values[int(alone[1])]
    return _TOKEN.sub(lambda match: _within(values[int(match[1])]), text)


def _within(value: Any) -> str:
    """Return a value as part of other text."""
    return value if isinstance(value, str) else json.dumps(value)


@functools.cache
def _template(text: str) -> Any:
    return _environment().from_string(text)


@functools.cache
def _environment() -> Any:
    import jinja2

    # With the context as an argument, Jinja2 calls it while it renders and never before.
    @jinja2.pass_context
    def finalize(_: object, value: Any) -> str:
        return _tokenised(value)

    environment = jinja2.Environment(  # noqa: S701  the output is YAML
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # it is part of a block scalar
        finalize=finalize,
    )
    filters: dict[str, Callable[[Any], str]] = {"tojson": json.dumps, "base64": _base64}
    environment.filters.update(filters)  # pyright: ignore[reportUnknownMemberType]
    return environment


def _base64(value: object) -> str:
    return base64.b64encode(str(value).encode()).decode()


@functools.cache
def _schema() -> _crd_schema.KubernetesSchema:
    return _crd_schema.KubernetesSchema()
