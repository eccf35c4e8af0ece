# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the units of an application agree on: a peer relation, and who serves from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ops

from ._component import Component
from ._status import Waiting

ENDPOINT = "peers"
ACTIVE_UNIT_KEY = "holder"
"""The key says `holder` since the first revision; a refresh must find it."""


class Peers(Component):
    """The application databag of the peer relation: written by the leader, read by every unit.

    Args:
        charm: the charm.
        name: the peer endpoint in charmcraft.yaml.
    """

    def __init__(self, charm: ops.CharmBase, name: str = ENDPOINT) -> None:
        super().__init__(charm)
        self.name = name

    def events(self) -> Iterable[ops.BoundEvent]:
        """Return every event of the peer relation but its end."""
        if not self._is_packed:
            return ()
        on = self.charm.on[self.name]
        return (
            on.relation_created,
            on.relation_joined,
            on.relation_changed,
            on.relation_departed,
        )

    @property
    def data(self) -> ops.RelationDataContent:
        """The databag that the leader writes.

        Raises:
            Waiting: if Juju has not set up the peer relation yet, or the charm was packed without.
        """
        return self._relation.data[self.charm.app]

    @property
    def _relation(self) -> ops.Relation:
        relation = self.charm.model.get_relation(self.name) if self._is_packed else None
        if relation is None:
            raise Waiting(f"waiting for Juju to set up the relation {self.name}")
        return relation

    @property
    def _is_packed(self) -> bool:
        return self.name in self.charm.meta.relations


class ActiveUnit(Component):
    """Which unit serves, for a workload whose data or sessions are in one unit.

    The leader records it once, and again only when that unit is gone: leadership may move, the
    data does not. At first it is unit 0, which is always there and which Kubernetes removes last.

    Args:
        charm: the charm.
        peers: where it is recorded; a component of its own if nothing else needs it.
        when: returns whether the workload is of that sort; where config gives it shared storage,
            every unit serves.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        peers: Peers | None = None,
        *,
        when: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(charm)
        self._peers = peers or Peers(charm)
        self.parts = () if peers else (self._peers,)
        self._when = when

    def is_this_unit(self) -> bool:
        """Return whether this unit serves.

        Raises:
            Waiting: if it is not decided yet.
        """
        if not self._when():
            return True
        active = self._peers.data.get(ACTIVE_UNIT_KEY)
        if not active:
            raise Waiting("waiting for the leader to choose the active unit")
        return active == self.charm.unit.name

    def reconcile(self) -> None:
        """Record the active unit, if that has to be decided."""
        if not self.charm.unit.is_leader():
            return
        active = self._peers.data.get(ACTIVE_UNIT_KEY)
        if not active or _is_gone(self.charm, active):
            self._peers.data[ACTIVE_UNIT_KEY] = f"{self.charm.app.name}/0"

    def status(self) -> ops.StatusBase:
        """Return Active; on a unit that stands by, the message names the active one."""
        if self.is_this_unit():
            return ops.ActiveStatus()
        return ops.ActiveStatus(f"standby: {self._peers.data[ACTIVE_UNIT_KEY]} is active")


def is_leaving(charm: ops.CharmBase) -> bool:
    """Return whether this unit is being removed; on Kubernetes the highest numbers go first."""
    return _number(charm.unit.name) >= charm.app.planned_units()


def _is_gone(charm: ops.CharmBase, unit: str) -> bool:
    return _number(unit) > 0 and _number(unit) >= charm.app.planned_units()


def _number(unit: str) -> int:
    return int(unit.rpartition("/")[2])
