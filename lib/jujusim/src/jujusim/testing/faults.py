# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What goes wrong on purpose: the Kubernetes API, and Pebble in the middle of a hook."""

# ops.testing has no public way to interrupt Pebble.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Collection, Generator
from typing import Any

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
    """A copy of a cluster that answers no request.

    Args:
        cluster: The cluster.
        wrong: The HTTP status that it answers with, or what the HTTP client raises.
        methods: The HTTP methods that are concerned; by default all of them.
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
    """The requests to Pebble, without those that the test double makes of itself.

    Args:
        names: The methods of the client, in order.
        inside: A request is being answered.
    """

    names: list[str] = dataclasses.field(default_factory=list[str])
    inside: bool = False

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

_ALL = 1_000_000


def pebble_counted() -> contextlib.AbstractContextManager[Count]:
    """Pebble answers every request, and they are counted."""
    return pebble_lost_after(_ALL)


@contextlib.contextmanager
def pebble_lost_after(requests: int) -> Generator[Count]:
    """Pebble answers so many requests of a hook, and none after that.

    Args:
        requests: How many requests are answered.

    Yields:
        The count of all requests, those included that got no answer.
    """
    count = Count()
    with contextlib.ExitStack() as stack:
        for name in _requests():
            stack.enter_context(_replaced(name, _limited(name, requests, count)))
        yield count


def _requests() -> list[str]:
    """The methods of Pebble's client that send a request."""
    client = mocking._MockPebbleClient
    names = [name for name in vars(pebble.Client) if not name.startswith("_")]
    return [name for name in names if callable(getattr(client, name, None))]


def _limited(name: str, requests: int, count: Count) -> Callable[..., Any]:
    original = getattr(mocking._MockPebbleClient, name)

    def limited(self: Any, *args: Any, **kwargs: Any) -> Any:
        if count.inside:
            return original(self, *args, **kwargs)
        count.names.append(name)
        if count.made > requests:
            raise pebble.ConnectionError("lost on purpose")
        count.inside = True
        try:
            return original(self, *args, **kwargs)
        finally:
            count.inside = False

    return limited


@contextlib.contextmanager
def _replaced(name: str, new: Callable[..., Any]) -> Generator[None]:
    client = mocking._MockPebbleClient
    mine = vars(client).get(name)
    setattr(client, name, new)
    try:
        yield
    finally:
        if mine is None:
            delattr(client, name)
        else:
            setattr(client, name, mine)
