# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The reconcile loop: observe, compare, converge; the same on every event."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import TypeVar

import ops

from ._component import Component
from ._peers import is_leaving
from ._status import Blocked, NotReady

logger = logging.getLogger(__name__)

AnyComponent = TypeVar("AnyComponent", bound=Component)

_OPS = ops.__path__[0]


def _is_worth_a_process(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.INFO or not record.pathname.startswith(_OPS)


# Each log line is a process of its own in a real unit. ops logs every event at debug level, and
# the HTTP client every step it takes; a charm's own loggers keep the level that Juju sets.
for _name in ("ops", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.INFO)
# Some modules of ops log through the root logger. Its filter sees no record of any other logger.
logging.getLogger().addFilter(_is_worth_a_process)


class Reconciler(ops.Object):
    """Runs the components of a charm in order on every event that could change their inputs.

        add = charmkit.Reconciler(self).add
        self.peers = add(charmkit.Peers(self))

    Only `NotReady` is caught, for each component by itself, so that what does not depend on the
    missing thing still progresses. The unit's status is the worst of what the components return.

    Args:
        charm: the charm.

    Attributes:
        components: what was added, in the order in which it runs.
    """

    def __init__(self, charm: ops.CharmBase) -> None:
        super().__init__(charm, "reconciler")
        self._charm = charm
        self.components: list[Component] = []
        self._statuses: list[ops.StatusBase] = []
        self._observed: set[tuple[int, str]] = set()
        self._answers: dict[str, Callable[[ops.ActionEvent], None]] = {}
        # ops itself keeps no more than a weak reference.
        vars(charm)["reconciler"] = self
        on = charm.on
        # Not install: no unit has a relation yet then, so that each would be Blocked for a moment.
        self._observe(on.start, on.leader_elected, on.config_changed, on.upgrade_charm)
        self._observe(on.update_status, on.secret_changed)
        self.framework.observe(on.remove, self._on_remove)
        self.framework.observe(on.secret_remove, self._on_secret_remove)
        self.framework.observe(on.collect_unit_status, self._on_collect_unit_status)

    def add(self, component: AnyComponent) -> AnyComponent:
        """Add a component with its parts, to run after those added before; return it."""
        for part in component.parts:
            self.add(part)
        self.components.append(component)
        self._observe(*component.events())
        for name, answer in component.actions().items():
            asked = self._charm.on[name].action
            self._answers[asked.event_kind] = answer
            self.framework.observe(asked, self._on_action)
        return component

    def _on_action(self, event: ops.ActionEvent) -> None:
        self._answers[event.handle.kind](event)

    def _on_any_event(self, _: ops.EventBase) -> None:
        self._statuses = [_outcome(component) for component in self.components]

    def _on_remove(self, _: ops.RemoveEvent) -> None:
        """Remove what is shared with the last unit; a unit that is removed alone takes nothing.

        What the charm has no right to delete must not keep the application from being removed. A
        cluster that does not answer must: the hook fails and is tried again.
        """
        if self._charm.app.planned_units() > 0:
            return
        for component in reversed(self.components):
            try:
                component.remove()
            except Blocked as reason:
                logger.warning("something may be left in the cluster: %s", reason)

    def _on_secret_remove(self, event: ops.SecretRemoveEvent) -> None:
        """Delete a revision of a secret that nobody reads any more: Juju leaves it to the owner.

        The secret may be gone as a whole by now, with the relation that it was for.
        """
        if self._charm.unit.is_leader():
            with contextlib.suppress(ops.SecretNotFoundError):
                event.secret.get_info()
                event.remove_revision()

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        """Report the components' statuses; after an event that ran none, the status stays.

        A unit that is being removed sees relations end that the others keep: what is missing for
        it is not missing for the application, so its status stays too.
        """
        is_active = all(isinstance(status, ops.ActiveStatus) for status in self._statuses)
        if not is_active and is_leaving(self._charm):
            return
        # Of equals ops shows the first, and most components that are active have no message.
        for status in sorted(self._statuses, key=lambda status: not status.message):
            event.add_status(status)

    def _observe(self, *events: ops.BoundEvent) -> None:
        for event in events:
            key = (id(event.emitter), event.event_kind)
            if key not in self._observed:
                self._observed.add(key)
                self.framework.observe(event, self._on_any_event)


def _outcome(component: Component) -> ops.StatusBase:
    try:
        component.reconcile()
        return component.status()
    except NotReady as reason:
        return reason.status
