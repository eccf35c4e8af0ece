# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Hook tools about the unit: leadership, status, config, log, ports, network, credentials."""

import re
from typing import Any, cast

import ops

from .context import Call, HookToolContext, ToolError
from .registry import tool
from .relations import relation_number

_SETTABLE = ("maintenance", "blocked", "waiting", "active")
_PORT = re.compile(r"(\d+)(?:/(tcp|udp))?")
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@tool("is-leader")
def is_leader(hook: HookToolContext, call: Call) -> bool:
    """Tell whether the unit leads its application."""
    call.most(0)
    return hook.leader


@tool("config-get", switches=("all", "a"))
def config_get(hook: HookToolContext, call: Call) -> Any:
    """Return options that have a value, or one option."""
    values = hook.backend.config_get()
    if call.words:
        return values.get(call.most(1)[0])
    if call.on("all") or call.on("a"):
        return {name: values.get(name) for name in hook.job.charm.options}
    return values


@tool("status-get", switches=("include-data", "application"))
def status_get(hook: HookToolContext, call: Call) -> Any:
    """Return the unit's status, or to the leader the application's."""
    call.most(0)
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


@tool("juju-log", values=("l", "log-level"), switches=("debug",), formats=False)
def juju_log(hook: HookToolContext, call: Call) -> None:
    """Write into the model's log."""
    level = call.options.get("l") or call.options.get("log-level") or "INFO"
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


@tool("opened-ports", switches=("endpoints",))
def opened_ports(hook: HookToolContext, call: Call) -> list[str]:
    """Return ports that are open."""
    call.most(0)
    ports = [
        f"{port.port}/{port.protocol}" if port.port else port.protocol
        for port in hook.job.state.opened_ports
    ]
    return sorted(f"{port} (*)" if call.on("endpoints") else port for port in ports)


@tool(
    "network-get",
    values=("r", "relation"),
    switches=("bind-address", "ingress-address", "egress-subnets", "primary-address"),
)
def network_get(hook: HookToolContext, call: Call) -> Any:
    """Return addresses of a binding."""
    given = call.options.get("r", call.options.get("relation"))
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


@tool("credential-get")
def credential_get(hook: HookToolContext, call: Call) -> dict[str, Any]:
    """Return the cloud, for an application that is trusted."""
    call.most(0)
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
