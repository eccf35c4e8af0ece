# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hook tools about storage, and the charm's state in the controller."""

from typing import Any

from .context import Call, HookToolContext, ToolError, mapping
from .registry import tool


def _own(hook: HookToolContext) -> str:
    return hook.job.event.subject if hook.job.event.kind.startswith("storage-") else ""


def _help(hook: HookToolContext) -> str:
    """Ops finds the storage of the hook in this text."""
    return f"Options:\n-s  (= {_own(hook)})\n    specify a storage instance by id\n"


@tool("storage-get", values=("s",), help=_help)
def storage_get(hook: HookToolContext, call: Call) -> Any:
    """Return where a storage is mounted, and its kind."""
    key = call.options.get("s") or _own(hook)
    if key not in _attached(hook):
        raise ToolError(f'invalid value "{key}" for option -s: storage not found', 2)
    about = {
        "kind": "filesystem",
        "location": hook.backend.storage_get(key, "location"),
    }
    name = call.most(1)[0] if call.words else ""
    if name not in ("", *about):
        raise ToolError(f'invalid storage attribute "{name}"')
    return about[name] if name else about


@tool("storage-list")
def storage_list(hook: HookToolContext, call: Call) -> list[str]:
    """Return ids of the storage that is attached."""
    name = call.most(1)[0] if call.words else ""
    return [key for key in _attached(hook) if name in ("", key.partition("/")[0])]


@tool("storage-add", formats=False)
def storage_add(hook: HookToolContext, call: Call) -> None:
    """Kubernetes models cannot add storage to a unit that runs."""
    known = hook.job.charm.storage
    for word in call.words:
        name = word.partition("=")[0]
        if name not in known:
            raise ToolError(f'storage "{name}" not found')
    raise ToolError("storage-add is not simulated: a pod keeps the storage that it started with")


def _attached(hook: HookToolContext) -> list[str]:
    return sorted(f"{each.name}/{each.index}" for each in hook.job.state.storages)


@tool("state-get")
def state_get(hook: HookToolContext, call: Call) -> Any:
    """Return what the charm keeps in the controller, or one value of it."""
    state = hook.job.controller_state
    words = call.most(1)
    if not words or words[0] in ("", "-"):
        return dict(state)
    if words[0] not in state:
        raise ToolError(f'"{words[0]}" not found')
    return state[words[0]]


@tool("state-set", values=("file",), formats=False)
def state_set(hook: HookToolContext, call: Call) -> None:
    """Keep texts in the controller; the hook must succeed."""
    data: dict[str, str] = {}
    if "file" in call.options:
        try:
            found = mapping(call.content(call.options["file"]))
        except ValueError as error:
            raise ToolError("expected a mapping of texts") from error
        data |= {str(key): str(value) for key, value in found.items()}
    for word in call.words:
        key, equals, value = word.partition("=")
        if not (key and equals):
            raise ToolError(f'expected "key=value", got "{word}"', 2)
        data[key] = value
    hook.job.controller_state.update(data)


@tool("state-delete", formats=False)
def state_delete(hook: HookToolContext, call: Call) -> None:
    """Forget a text."""
    hook.job.controller_state.pop(call.only("key"), None)
