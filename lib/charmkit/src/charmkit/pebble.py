# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pebble layers of charms: one service, its checks, and the defaults that all of them share.

pebble.layer("minio", "minio server /data", checks=[pebble.http_check(9000, "/minio/health/live")])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Layer = dict[str, Any]
"""A Pebble layer, as in its YAML."""

Check = dict[str, Any]
"""A Pebble check, as in its YAML; `name` is its name, if not derived from the service's."""


def layer(
    name: str,
    command: str,
    *,
    summary: str = "",
    environment: Mapping[str, str] | None = None,
    working_dir: str = "",
    checks: Sequence[Check] = (),
    **more: Any,
) -> Layer:
    """Return a layer with one service that Pebble starts, and its checks.

    Args:
        name: the service.
        command: its command line.
        summary: a short description.
        environment: its variables.
        working_dir: where it runs, if not in `/`.
        checks: from `http_check`, `tcp_check` or `exec_check`.
        more: further keys of the service.

    Raises:
        ValueError: if two checks have one name.
    """
    named = {str(check.get("name") or f"{name}-ready"): dict(check) for check in checks}
    if len(named) < len(checks):
        raise ValueError(f"two checks have one name: {', '.join(named)}")
    service: dict[str, Any] = {
        "override": "replace",
        "summary": summary or name,
        "command": command,
        "startup": "enabled",
        **more,
    }
    if working_dir:
        service["working-dir"] = working_dir
    if environment:
        service["environment"] = dict(environment)
    restarting = [key for key, check in named.items() if check.pop("restart", True)]
    if restarting:
        service["on-check-failure"] = dict.fromkeys(restarting, "restart")
    unnamed = {key: _without_name(check) for key, check in named.items()}
    return {"services": {name: service}, **({"checks": unnamed} if unnamed else {})}


def http_check(port: int, path: str, *, scheme: str = "http", **more: Any) -> Check:
    """Return a check that a GET on this machine answers with a status below 300.

    Args:
        port: the port.
        path: the path, with its slash.
        scheme: `http` or `https`.
        more: other keys of the check, such as `period`, `threshold`, `level`, `name`; with
            `restart=False` a failure does not restart the service, where that would not help.
    """
    return _check(http={"url": f"{scheme}://localhost:{port}{path}"}, **more)


def tcp_check(port: int, **more: Any) -> Check:
    """Return a check that a port of this machine takes connections; see `http_check`."""
    return _check(tcp={"port": port}, **more)


def exec_check(command: str, **more: Any) -> Check:
    """Return a check that a command exits with 0; see `http_check`.

    Args:
        command: the command line.
        more: other keys of the check, and of `exec`: `environment`, `working-dir`.
    """
    inner = {key: more.pop(key) for key in ("environment", "working-dir") if key in more}
    return _check(exec={"command": command, **inner}, **more)


def _check(**keys: Any) -> Check:
    return {"override": "replace", "level": "ready", "period": "30s", **keys}


def _without_name(check: Check) -> Check:
    return {key: value for key, value in check.items() if key != "name"}
