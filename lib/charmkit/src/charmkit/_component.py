# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The unit of work of a charm: one thing that it wants, kept so by the reconcile loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import ops


class Component:
    """One thing that a charm wants: an object in the cluster, a service, a relation's data.

    A component compares the world with what it wants and changes what differs. It never asks which
    event brought it here, and it may be called at any time, any number of times.

    Args:
        charm: the charm that owns the component.

    Attributes:
        parts: components that it is made of, or that it needs; they run before it.
    """

    parts: Sequence[Component] = ()

    def __init__(self, charm: ops.CharmBase) -> None:
        self.charm = charm

    def events(self) -> Iterable[ops.BoundEvent]:
        """Return the events, beyond those of every charm, that may change the inputs."""
        return ()

    def actions(self) -> Mapping[str, Callable[[ops.ActionEvent], None]]:
        """Return what answers actions of the charm, by their names."""
        return {}

    def reconcile(self) -> None:
        """Change what differs from what is wanted.

        Raises:
            NotReady: if an input is missing; what was there before stays as it was.
        """

    def status(self) -> ops.StatusBase:
        """Return the component's status; called after a `reconcile` that raised nothing.

        Raises:
            NotReady: as another way to return its status.
        """
        return ops.ActiveStatus()

    def remove(self) -> None:
        """Delete what the application owns; called when the whole application is removed."""
