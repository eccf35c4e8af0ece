"""What the units of an application agree on: a peer relation, and who serves from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ops

from .component import Component
from .status import Waiting

ENDPOINT = "peers"
HOLDER_KEY = "holder"


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
        """Everything that happens between the units."""
        on = self.charm.on[self.name]
        return (
            on.relation_created,
            on.relation_joined,
            on.relation_changed,
            on.relation_departed,
        )

    @property
    def data(self) -> ops.RelationDataContent:
        """What the leader has written.

        Raises:
            Waiting: if Juju has not set up the peer relation yet.
        """
        return self._relation.data[self.charm.app]

    @property
    def _relation(self) -> ops.Relation:
        relation = self.charm.model.get_relation(self.name)
        if relation is None:
            raise Waiting(f"waiting for Juju to set up the relation {self.name}")
        return relation


class Holder(Component):
    """Which unit serves, for a workload whose data or sessions are in one unit.

    The leader records it once, and again only when that unit is gone: leadership may move, the
    data does not. At first it is unit 0, which there always is and which Kubernetes removes last.

    Args:
        charm: the charm.
        peers: where it is recorded.
        what: what that unit holds, for the status of the others.
        applies: returns whether the workload is of that sort; where config gives it shared
            storage, every unit serves.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        peers: Peers,
        what: str = "the data",
        applies: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(charm)
        self._peers = peers
        self._what = what
        self._applies = applies

    def here(self) -> bool:
        """Whether this unit serves.

        Raises:
            Waiting: if it is not decided yet.
        """
        if not self._applies():
            return True
        holder = self._peers.data.get(HOLDER_KEY)
        if not holder:
            raise Waiting("waiting for the leader to choose the unit that serves")
        return holder == self.charm.unit.name

    def reconcile(self) -> None:
        """Record the unit that serves, if that has to be decided."""
        if not self.charm.unit.is_leader():
            return
        holder = self._peers.data.get(HOLDER_KEY)
        if not holder or _is_gone(self.charm, holder):
            self._peers.data[HOLDER_KEY] = f"{self.charm.app.name}/0"

    def status(self) -> ops.StatusBase:
        """Active, and on a unit that does not serve: which one does, and why."""
        if self.here():
            return ops.ActiveStatus()
        holder = self._peers.data[HOLDER_KEY]
        return ops.ActiveStatus(f"standby: {holder} holds {self._what} and serves alone")


def is_leaving(charm: ops.CharmBase) -> bool:
    """Whether this unit is being removed; on Kubernetes the highest numbers go first."""
    return _number(charm.unit.name) >= charm.app.planned_units()


def _is_gone(charm: ops.CharmBase, unit: str) -> bool:
    return _number(unit) > 0 and _number(unit) >= charm.app.planned_units()


def _number(unit: str) -> int:
    return int(unit.rpartition("/")[2])
