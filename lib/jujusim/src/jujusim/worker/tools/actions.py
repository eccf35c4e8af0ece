"""Hook tools of actions."""

from __future__ import annotations

from typing import Any, cast

from .desk import Call, Desk, ToolError
from .registry import tool

_NO_REASON = "action failed without reason given, check action for errors"


@tool("action-get")
def action_get(desk: Desk, call: Call) -> Any:
    """The parameters, or one of them by its path."""
    _running(desk)
    value: Any = desk.backend.action_get()
    for key in call.most(1)[0].split(".") if call.words else ():
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value


@tool("action-set", formats=False)
def action_set(desk: Desk, call: Call) -> None:
    """Set results; a dot in a key makes a level."""
    _running(desk)
    for word in call.words:
        key, equals, value = word.partition("=")
        if not (key and equals):
            raise ToolError(f'argument "{word}" must be of the form key...=value', 2)
        _put(desk.results, key.split("."), value)
    try:
        desk.backend.action_set(desk.results)
    except ValueError as error:
        raise ToolError(str(error)) from error


@tool("action-fail", formats=False)
def action_fail(desk: Desk, call: Call) -> None:
    """Let the action fail."""
    _running(desk)
    words = call.most(1)
    desk.backend.action_fail(words[0] if words else _NO_REASON)


@tool("action-log", formats=False)
def action_log(desk: Desk, call: Call) -> None:
    """Tell the user how it goes on."""
    _running(desk)
    desk.backend.action_log(" ".join(call.words))


def _running(desk: Desk) -> None:
    if desk.job.event.kind != "action":
        raise ToolError("not running an action")


def _put(results: dict[str, Any], path: list[str], value: str) -> None:
    for key in path[:-1]:
        below = results.get(key)
        results[key] = dict(cast("dict[str, Any]", below)) if isinstance(below, dict) else {}
        results = results[key]
    results[path[-1]] = value
