# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which questions a hook asks of Juju; in a real unit each is a process."""

# ops.testing keeps no record of hook tools.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Generator
from typing import Any

import scenario.mocking as mocking

TOOLS = (
    "config_get",
    "network_get",
    "opened_ports",
    "planned_units",
    "relation_get",
    "relation_ids",
    "relation_list",
    "relation_remote_app_name",
    "secret_get",
    "secret_info_get",
    "status_get",
    "storage_get",
    "storage_list",
)
"""The hook tools that ask; not `is-leader`, whose answer ops itself remembers."""


@contextlib.contextmanager
def recorded() -> Generator[list[str]]:
    """Record the hook tools that hooks in this context call, with their arguments."""
    asked: list[str] = []
    backend = mocking._MockModelBackend
    originals = {name: getattr(backend, name) for name in TOOLS}
    busy: list[str] = []
    for name, original in originals.items():
        setattr(backend, name, _noting(name, original, asked, busy))
    try:
        yield asked
    finally:
        for name, original in originals.items():
            setattr(backend, name, original)


def _noting(
    name: str, original: Callable[..., Any], asked: list[str], busy: list[str]
) -> Callable[..., Any]:
    @functools.wraps(original)
    def noting(self: Any, *args: Any, **kwargs: Any) -> Any:
        if busy:
            return original(self, *args, **kwargs)
        asked.append(f"{name} {args} {kwargs}")
        busy.append(name)
        try:
            return original(self, *args, **kwargs)
        finally:
            busy.clear()

    return noting
