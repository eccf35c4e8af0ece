# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The user who can log in without a connector, kept in a Juju secret."""

from __future__ import annotations

from collections.abc import Callable

import charmkit
import dex_config
import ops
from dex_options import DexConfig


class StaticUser(charmkit.GeneratedSecret):
    """The static user. A password from the options is hashed once, and not in every hook.

    Args:
        charm: the charm.
        peers: where the secret's id is recorded.
        config: returns the options.
    """

    def __init__(
        self, charm: ops.CharmBase, peers: charmkit.Peers, *, config: Callable[[], DexConfig]
    ) -> None:
        super().__init__(charm, peers, "static-user", create=dex_config.new_user)
        self._config = config

    def reconcile(self) -> None:
        """Make the user, and remember the hash."""
        super().reconcile()
        if self.charm.unit.is_leader():
            user = dex_config.remembered(self._config(), self.content)
            if user != self.content:
                self.replace(user)
