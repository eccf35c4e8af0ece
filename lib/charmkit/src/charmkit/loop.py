"""The reconcile loop: observe, compare, converge; the same on every event."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence

import ops

from .component import Component
from .status import Blocked, NotReady

logger = logging.getLogger(__name__)

# Each log line is a process of its own in a real unit. ops logs every event at debug level, also
# through the root logger, whose level it sets itself; the HTTP client logs every step it takes.
logging.disable(logging.DEBUG)


class Reconciler(ops.Object):
    """Runs the components of a charm in order on every event that could change their inputs.

    Only `NotReady` is caught, for each component by itself, so that what does not depend on the
    missing thing still progresses. The unit's status is the worst of what the components say.

    The charm must hold on to it: ops itself keeps no more than a weak reference.

    Args:
        charm: the charm.
        components: what it wants, in the order in which it is made.

    Attributes:
        components: the same, to look at.
    """

    def __init__(self, charm: ops.CharmBase, components: Sequence[Component]) -> None:
        super().__init__(charm, "reconciler")
        self._charm = charm
        self.components = components
        self._statuses: list[ops.StatusBase] = []
        for event in self._events():
            self.framework.observe(event, self._on_any_event)
        self.framework.observe(charm.on.remove, self._on_remove)
        self.framework.observe(charm.on.secret_remove, self._on_secret_remove)
        self.framework.observe(charm.on.collect_unit_status, self._on_collect_unit_status)

    def _on_any_event(self, _: ops.EventBase) -> None:
        self._statuses = [_outcome(component) for component in self.components]

    def _on_remove(self, _: ops.RemoveEvent) -> None:
        """Remove what is shared with the last unit; a unit that goes alone takes nothing along.

        What the charm has no right to delete must not keep the application from going. A cluster
        that does not answer must: the hook fails and is tried again.
        """
        if self._charm.app.planned_units() > 0:
            return
        for component in reversed(self.components):
            try:
                component.remove()
            except Blocked as reason:
                logger.warning("something may be left behind: %s", reason)

    def _on_secret_remove(self, event: ops.SecretRemoveEvent) -> None:
        """Delete a revision of a secret that nobody reads any more: Juju leaves it to the owner.

        The secret may be gone as a whole by now, with the relation that it was for.
        """
        if self._charm.unit.is_leader():
            with contextlib.suppress(ops.SecretNotFoundError):
                event.secret.get_info()
                event.remove_revision()

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        """Report what the components said; after an event that ran none, the status stays."""
        # Of equals ops shows the first, and most components that are active have nothing to say.
        for status in sorted(self._statuses, key=lambda status: not status.message):
            event.add_status(status)

    def _events(self) -> list[ops.BoundEvent]:
        on = self._charm.on
        # Not install: no unit has a relation yet then, so that each would be Blocked for a moment.
        events = [
            on.start,
            on.leader_elected,
            on.config_changed,
            on.upgrade_charm,
            on.update_status,
            on.secret_changed,
        ]
        for component in self.components:
            events.extend(component.events())
        unique = {(id(event.emitter), event.event_kind): event for event in events}
        return list(unique.values())


def _outcome(component: Component) -> ops.StatusBase:
    try:
        component.reconcile()
        return component.status()
    except NotReady as reason:
        return reason.status
