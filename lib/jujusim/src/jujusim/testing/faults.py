# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What goes wrong on purpose, in the Kubernetes API and in Pebble, and what hooks ask of Juju."""

# ops.testing has no public way to interrupt Pebble, and keeps no record of hook tools.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Collection, Generator, Iterable
from typing import Any
from unittest import mock

import scenario.mocking as mocking
from kubefake import ApiError, Cluster, Request, Response, wire
from ops import pebble

REASONS = {
    403: "Forbidden",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
}


def refuse(cluster: Cluster, wrong: int | Exception, methods: Collection[str] = ()) -> Cluster:
    """A copy of a cluster that answers no request, or none with some methods.

    It answers with an HTTP status, or the HTTP client raises what is given.
    """
    broken = cluster.copy()

    def fault(request: Request) -> Response | Exception | None:
        if methods and request.method not in methods:
            return None
        if isinstance(wrong, Exception):
            return wrong
        return wire.fail(ApiError(wrong, REASONS[wrong], "refused on purpose"))

    broken.faults = fault
    return broken


def healed(cluster: Cluster) -> Cluster:
    """A copy of a cluster that answers again."""
    well = cluster.copy()
    well.faults = None
    return well


@dataclasses.dataclass
class Count:
    """The requests to Pebble in order, without those that the test double makes of itself."""

    names: list[str] = dataclasses.field(default_factory=list[str])

    @property
    def made(self) -> int:
        """How many requests there were."""
        return len(self.names)

    @property
    def changes(self) -> list[str]:
        """The requests that change something."""
        return [name for name in self.names if name in CHANGING]


CHANGING = (
    "add_layer",
    "autostart_services",
    "make_dir",
    "push",
    "remove_path",
    "replan_services",
    "restart_services",
    "start_checks",
    "start_services",
    "stop_checks",
    "stop_services",
)
"""The methods of Pebble's client that change something."""

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


def pebble_counted() -> contextlib.AbstractContextManager[Count]:
    """Pebble answers every request, and they are counted."""
    return pebble_lost_after(1_000_000)


@contextlib.contextmanager
def pebble_lost_after(requests: int) -> Generator[Count]:
    """Pebble answers so many requests of a hook, and none after that.

    Yields:
        The count of all requests, those included that got no answer.
    """
    count, client = Count(), mocking._MockPebbleClient

    def note(name: str, *_: Any) -> None:
        count.names.append(name)
        if count.made > requests:
            raise pebble.ConnectionError("lost on purpose")

    names = [name for name in vars(pebble.Client) if not name.startswith("_")]
    names = [name for name in names if callable(getattr(client, name, None))]
    with _watched(client, names, note):
        yield count


@contextlib.contextmanager
def questions_recorded() -> Generator[list[str]]:
    """Record which questions hooks ask of Juju: the tools, with their arguments.

    In a real unit each is a process.
    """
    asked: list[str] = []

    def note(name: str, args: Any, kwargs: Any) -> None:
        asked.append(f"{name} {args} {kwargs}")

    with _watched(mocking._MockModelBackend, TOOLS, note):
        yield asked


@contextlib.contextmanager
def _watched(
    kind: type[Any], names: Iterable[str], note: Callable[[str, Any, Any], None]
) -> Generator[None]:
    """Note each call of some methods, but those that the methods themselves make."""
    inside: list[str] = []

    def noting(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            if inside:
                return original(self, *args, **kwargs)
            note(name, args, kwargs)
            inside.append(name)
            try:
                return original(self, *args, **kwargs)
            finally:
                inside.clear()

        return call

    with contextlib.ExitStack() as stack:
        for name in names:
            changed = noting(name, getattr(kind, name))
            stack.enter_context(mock.patch.object(kind, name, changed))
        yield
