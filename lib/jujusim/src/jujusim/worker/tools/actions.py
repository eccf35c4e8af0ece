# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hook tools of actions."""

from typing import Any, cast

from .context import Call, HookToolContext, ToolError
from .registry import tool

_NO_REASON = "action failed without reason given, check action for errors"


@tool("action-get")
def action_get(hook: HookToolContext, call: Call) -> Any:
    """Return the parameters, or one of them by its path."""
    _running(hook)
    value: Any = hook.backend.action_get()
    for key in call.most(1)[0].split(".") if call.words else ():
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value


@tool("action-set", formats=False)
def action_set(hook: HookToolContext, call: Call) -> None:
    """Set results; a dot in a key makes a level."""
    _running(hook)
    for word in call.words:
        key, equals, value = word.partition("=")
        if not (key and equals):
            raise ToolError(f'argument "{word}" must be of the form key...=value', 2)
        _put(hook.results, key.split("."), value)
    try:
        hook.backend.action_set(hook.results)
    except ValueError as error:
        raise ToolError(str(error)) from error


@tool("action-fail", formats=False)
def action_fail(hook: HookToolContext, call: Call) -> None:
    """Let the action fail."""
    _running(hook)
    words = call.most(1)
    hook.backend.action_fail(words[0] if words else _NO_REASON)


@tool("action-log", formats=False)
def action_log(hook: HookToolContext, call: Call) -> None:
    """Tell the user how it goes on."""
    _running(hook)
    hook.backend.action_log(" ".join(call.words))


def _running(hook: HookToolContext) -> None:
    if hook.job.event.kind != "action":
        raise ToolError("not running an action")


def _put(results: dict[str, Any], path: list[str], value: str) -> None:
    for key in path[:-1]:
        below = results.get(key)
        results[key] = dict(cast("dict[str, Any]", below)) if isinstance(below, dict) else {}
        results = results[key]
    results[path[-1]] = value
