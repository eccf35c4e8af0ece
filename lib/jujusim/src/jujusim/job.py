# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The needs of one hook, and what comes of it."""

from __future__ import annotations

import contextlib
import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops import testing

from .charm import CharmDir
from .entities import Unit
from .events import Event
from .secrets import Draft

if TYPE_CHECKING:
    from kubefake.transport import AnyTransport


def _nothing() -> None:
    """Nothing is to be done."""


@dataclass
class Job:
    """The needs of one hook.

    Attributes:
        charm: The charm to run.
        unit: The unit it runs for.
        event: The hook.
        state: What the charm sees.
        scenario_event: The hook as ops.testing knows it, see `ops_internals`.
        env: Juju's environment variables.
        secrets: Collects what the hook does with secrets.
        network: The unit's address; the same for all bindings on Kubernetes.
        juju_version: The version that the charm is told.
        now: The model's time.
        random: What the charm draws in this process comes from it.
        at_end: Called when the charm has done its work; what it raises counts as the charm's.
        surroundings: Makes the context in which the charm's calls to Kubernetes are answered.
        transport: Makes what carries requests to Kubernetes as the unit's account; None where
            there is no Kubernetes.
        controller_state: What the charm keeps in the controller (``state-set``).
    """

    charm: CharmDir
    unit: Unit
    event: Event
    state: testing.State
    scenario_event: Any
    env: dict[str, str]
    secrets: Draft
    network: testing.Network
    juju_version: str
    now: datetime.datetime
    random: random.Random
    at_end: Callable[[], None] = _nothing
    surroundings: Callable[[], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext
    transport: Callable[[], AnyTransport | None] = _nothing
    controller_state: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Result:
    """The outcome of one hook.

    Attributes:
        state: The state after the hook; statuses and the version hold even when it failed.
        error: What the charm raised, or None.
        log: ``juju-log`` lines as (level, message).
        action: Results, failure message and log of an action.
        statuses: How often the unit's status was set.
    """

    state: testing.State
    error: BaseException | None = None
    log: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    failure: str | None = None
    messages: list[str] = field(default_factory=list[str])
    status_set: bool = False
