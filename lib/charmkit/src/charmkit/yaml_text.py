# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""YAML that others wrote: an option's value, or what stands in a databag."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is built in
_TEXT_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# PyYAML lets through what its constructors raise for a value that does not fit its tag.
_ERRORS = (yaml.YAMLError, ValueError, KeyError, AttributeError)


def load(text: str) -> Any:
    """Read one document; empty text is None.

    Raises:
        ValueError: if it is not YAML, or more than one document. A parser's own message shows the
            text, and with it whatever secret the text holds, so this one tells only the line.
    """
    return _load(text, _LOADER)


def load_texts(text: str) -> Any:
    """Read one document in which every scalar is text as it is written: 1.20 is `"1.20"`.

    Raises:
        ValueError: as `load` does.
    """
    return _load(text, _TEXT_LOADER)


def _load(text: str, loader: Any) -> Any:
    try:
        return yaml.load(text, loader)  # noqa: S506  all of them are safe
    except _ERRORS as error:
        raise ValueError(_reason(text, error)) from error


def _reason(text: str, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if "another document" in str(getattr(error, "problem", "")):
        return "several YAML documents, of which one is taken"
    # Text that ends too early is missed on the line after it.
    line = min(mark.line, text.count("\n")) + 1 if mark else 0
    return f"not YAML, line {line}" if line else "not YAML"
