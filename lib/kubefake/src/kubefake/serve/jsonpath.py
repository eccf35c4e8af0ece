"""The part of JSONPath that a definition's printer columns may use.

Fields, indexes, `[*]` and filters that compare one field with a constant: what
`additionalPrinterColumns` of published definitions consist of.
https://kubernetes.io/docs/reference/kubectl/jsonpath/
"""

from __future__ import annotations

import json
import re
from typing import Any

from .. import values

_STEP = re.compile(
    r"""
    (?P<all>\[\*\]|\.\*)
    | \.(?P<field>(?:\\.|[^.\[\]\\])+)
    | \[(?P<quote>['"])(?P<quoted>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\]
    | \[(?P<index>-?\d+)\]
    | \[\?\(\s*@(?P<path>(?:\.(?:\\.|[^.\[\]\\=!<>\s])+)+)\s*
        (?P<operator>==|!=)\s*(?P<constant>"[^"]*"|'[^']*'|[^\s)]+)\s*\)\]
    """,
    re.VERBOSE,
)


def find(path: str, value: Any) -> list[Any]:
    """Return what a path leads to; nothing where it leads nowhere, or is of another form.

    Args:
        path: Such as `.status.conditions[?(@.type=="Ready")].status`.
        value: The object.
    """
    found, position = [value], 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            return []
        found = [each for one in found for each in _take(step, one)]
        position = step.end()
    return found


def _take(step: re.Match[str], value: Any) -> list[Any]:
    if step["all"]:
        return list(value.values()) if values.is_map(value) else _items(value)
    if step["index"]:
        index, items = int(step["index"]), _items(value)
        return [items[index]] if -len(items) <= index < len(items) else []
    if step["operator"]:
        return [item for item in _items(value) if _passes(step, item)]
    name = re.sub(r"\\(.)", r"\1", step["field"] or step["quoted"])
    return [value[name]] if values.is_map(value) and name in value else []


def _items(value: Any) -> list[Any]:
    return value if values.is_list(value) else []


def _passes(step: re.Match[str], item: Any) -> bool:
    same = _constant(step["constant"]) in find(step["path"], item)
    return same if step["operator"] == "==" else not same


def _constant(text: str) -> Any:
    if text[0] in "'\"":
        return text[1:-1]
    try:
        return json.loads(text)
    except ValueError:
        return text
