# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which kinds of trials the cluster has.

Katib's controller looks for their definitions at its start alone, and does not follow trials of a
kind that was defined later. So the kinds stand in its environment, where a new one restarts it.
"""

from __future__ import annotations

import charmkit
import katib_config
import ops
from charmkit import kube

_KEY = "trial-kinds"

KINDS = tuple(
    kube.Kind(f"{group}/{version}", kind, namespaced=True)
    for kind, version, group in (name.split(".", 2) for name in katib_config.TRIAL_KINDS)
    if group != "batch"
)
"""Those that other applications define: training-operator and Kubeflow Trainer."""


class TrialKinds(charmkit.Component):
    """The kinds that are defined, as the leader has last seen them.

    No event tells of a new one: it is seen with the next, at the latest with `update-status`.

    Args:
        charm: the charm.
        peers: where the leader records them.
    """

    def __init__(self, charm: ops.CharmBase, peers: charmkit.Peers) -> None:
        super().__init__(charm)
        self._peers = peers

    @property
    def text(self) -> str:
        """Their names, separated by commas; nothing until the leader has looked.

        Raises:
            Waiting: if Juju has not set up the peer relation yet.
        """
        return self._peers.data.get(_KEY, "")

    def reconcile(self) -> None:
        """Record what is defined; the leader does it."""
        if self.charm.unit.is_leader():
            cluster = kube.Kube(self.charm)
            defined = ",".join(kind.name for kind in KINDS if cluster.is_defined(kind))
            if defined != self.text:
                self._peers.data[_KEY] = defined
