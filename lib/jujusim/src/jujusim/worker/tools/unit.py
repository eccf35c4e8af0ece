# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hook tools about the unit: status, config, log, ports, network, storage, actions and others."""

import re
from typing import Any, cast

import ops

from .registry import Call, HookToolContext, ToolError, mapping, tool
from .relations import relation_number

_NO_REASON = "action failed without reason given, check action for errors"
_SETTABLE = ("maintenance", "blocked", "waiting", "active")
_PORT = re.compile(r"(\d+)(?:/(tcp|udp))?")
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@tool("is-leader", words=0)
def is_leader(hook: HookToolContext, _: Call) -> bool:
    """Tell whether the unit leads its application."""
    return hook.leader


@tool("config-get", switches=("all",))
def config_get(hook: HookToolContext, call: Call) -> Any:
    """Return options that have a value, or one option."""
    values = hook.backend.config_get()
    if call.words:
        return values.get(call.most(1)[0])
    if call.on("all"):
        return {name: values.get(name) for name in hook.job.charm.options}
    return values


@tool("status-get", words=0, switches=("include-data", "application"))
def status_get(hook: HookToolContext, call: Call) -> Any:
    """Return the unit's status, or to the leader the application's."""
    if not call.on("application"):
        status = _described(hook, app=False)
        return status if call.on("include-data") else status["status"]
    if not hook.leader:
        raise ToolError("finding application status: this unit is not the leader")
    units: dict[str, dict[str, Any]] = {
        unit.name: {"status": unit.status.name, "message": unit.status.message, "status-data": {}}
        for unit in hook.job.unit.app.units.values()
    }
    units[hook.job.unit.name] = _described(hook, app=False)
    return {"application-status": {**_described(hook, app=True), "units": units}}


@tool("status-set", switches=("application",), formats=False)
def status_set(hook: HookToolContext, call: Call) -> None:
    """Set the unit's status, or as the leader the application's."""
    if not call.words:
        raise ToolError("invalid args, require <status> [message]", 2)
    name, *message = call.most(2)
    if name not in _SETTABLE:
        raise ToolError(f'invalid status "{name}", expected one of {list(_SETTABLE)}', 2)
    if call.on("application") and not hook.leader:
        raise ToolError("setting application status: this unit is not the leader")
    text = message[0] if message else ""
    hook.backend.status_set(cast("Any", name), text, is_app=call.on("application"))


@tool("application-version-set", formats=False)
def application_version_set(hook: HookToolContext, call: Call) -> None:
    """Say which version of the workload runs."""
    hook.backend.application_version_set(call.only("version"))


@tool("juju-log", values=("log-level",), switches=("debug",), formats=False)
def juju_log(hook: HookToolContext, call: Call) -> None:
    """Write into the model's log."""
    level = call.options.get("log-level") or "INFO"
    level = "DEBUG" if call.on("debug") else level.upper()
    if not call.words:
        raise ToolError("no message specified", 2)
    known = level if level in _LEVELS else "INFO"
    hook.backend.juju_log(known, " ".join(call.words))


@tool("open-port", values=("endpoints",), formats=False)
def open_port(hook: HookToolContext, call: Call) -> None:
    """Open a port."""
    hook.backend.open_port(*_port(call))


@tool("close-port", values=("endpoints",), formats=False)
def close_port(hook: HookToolContext, call: Call) -> None:
    """Close a port."""
    hook.backend.close_port(*_port(call))


@tool("opened-ports", words=0, switches=("endpoints",))
def opened_ports(hook: HookToolContext, call: Call) -> list[str]:
    """Return ports that are open."""
    ports = [
        f"{port.port}/{port.protocol}" if port.port else port.protocol
        for port in hook.job.state.opened_ports
    ]
    return sorted(f"{port} (*)" if call.on("endpoints") else port for port in ports)


@tool(
    "network-get",
    values=("relation",),
    switches=("bind-address", "ingress-address", "egress-subnets", "primary-address"),
)
def network_get(hook: HookToolContext, call: Call) -> Any:
    """Return addresses of a binding."""
    given = call.options.get("relation")
    binding = call.only("arguments")
    number = relation_number(hook, given) if given else None
    try:
        network = hook.backend.network_get(binding, number)
    except ops.RelationNotFoundError:
        raise ToolError(f'no network config found for binding "{binding}"') from None
    wanted = _addresses(network)
    chosen = [name for name in wanted if call.on(name)]
    if not chosen:
        return network
    return wanted[chosen[0]] if len(chosen) == 1 else {name: wanted[name] for name in chosen}


@tool("unit-get")
def unit_get(hook: HookToolContext, call: Call) -> str:
    """Return the unit's address."""
    what = call.only("setting")
    if what not in ("private-address", "public-address"):
        raise ToolError(f'unknown setting "{what}"')
    return hook.job.unit.address


@tool("resource-get", formats=False)
def resource_get(hook: HookToolContext, call: Call) -> str:
    """Return the file of a resource; images have none."""
    name = call.only("resource name")
    if name not in (hook.job.charm.meta.get("resources") or {}):
        raise ToolError(f'could not download resource: resource "{name}" not found')
    return hook.backend.resource_get(name)


@tool("credential-get", words=0)
def credential_get(hook: HookToolContext, _: Call) -> dict[str, Any]:
    """Return the cloud, for an application that is trusted."""
    url, token = hook.endpoint
    if not (hook.job.unit.app.trust and url):
        raise ToolError("cannot access cloud credentials")
    return {
        "type": "kubernetes",
        "name": "simulator",
        "endpoint": url,
        "credential": {"auth-type": "oauth2", "attrs": {"Token": token}},
        "is-controller-cloud": True,
    }


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
    hook.job.controller_state.update({**data, **call.pairs()})


@tool("state-delete", formats=False)
def state_delete(hook: HookToolContext, call: Call) -> None:
    """Forget a text."""
    hook.job.controller_state.pop(call.only("key"), None)


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


def _described(hook: HookToolContext, *, app: bool) -> dict[str, Any]:
    status = hook.backend.status_get(is_app=app)
    return {"status": status["status"], "message": status["message"], "status-data": {}}


def _port(call: Call) -> tuple[Any, int | None]:
    given = call.only("port")
    if "endpoints" in call.options:
        raise ToolError("--endpoints is not simulated: on Kubernetes a port is open to all", 2)
    if given == "icmp":
        return "icmp", None
    match = _PORT.fullmatch(given)
    if match is None or not 0 < int(match[1]) < 65536:
        raise ToolError(f'expected <port>[/<protocol>] or icmp; got "{given}"', 2)
    return match[2] or "tcp", int(match[1])


def _addresses(network: Any) -> dict[str, Any]:
    bound: list[Any] = network["bind-addresses"]
    addresses: list[Any] = bound[0]["addresses"] if bound else []
    first = addresses[0]["value"] if addresses else ""
    ingress: list[str] = network["ingress-addresses"]
    return {
        "bind-address": first,
        "primary-address": first,
        "ingress-address": ingress[0] if ingress else "",
        "egress-subnets": network["egress-subnets"],
    }


def _running(hook: HookToolContext) -> None:
    if hook.job.event.kind != "action":
        raise ToolError("not running an action")


def _put(results: dict[str, Any], path: list[str], value: str) -> None:
    for key in path[:-1]:
        below = results.get(key)
        results[key] = dict(cast("dict[str, Any]", below)) if isinstance(below, dict) else {}
        results = results[key]
    results[path[-1]] = value
