"""YAML that others wrote: an option's value, or what stands in a databag."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is built in

# PyYAML lets through what its constructors raise for a value that does not fit its tag.
_ERRORS = (yaml.YAMLError, ValueError, KeyError, AttributeError)


def load(text: str) -> Any:
    """Read one document; empty text is None.

    Raises:
        ValueError: if it is not YAML. A parser's own message shows the text, and with it whatever
            secret the text holds, so this one tells only the line.
    """
    try:
        return yaml.load(text, _LOADER)  # noqa: S506  both are safe
    except _ERRORS as error:
        mark = getattr(error, "problem_mark", None)
        # Text that ends too early is missed on the line after it.
        line = min(mark.line, text.count("\n")) + 1 if mark else 0
        raise ValueError(f"not YAML, line {line}" if line else "not YAML") from error
