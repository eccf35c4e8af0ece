# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A token of the application's own ServiceAccount, in a file that the workload reads.

Programs of Kubeflow prove to each other who they are with tokens for an audience of their own. The
token of the pod itself has another audience, and a volume with one can't be added to Juju's pods.
"""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Callable, Generator, Iterable

import ops

from . import kube
from ._component import Component
from ._status import Waiting

DAY = 86400
"""Seconds that a token is asked for; a cluster may grant less."""


class ServiceAccountToken(Component):
    """A token in a file, renewed once half of its time is over.

    Until then it costs one look at the file. Workloads read the file again on their own.

    Args:
        charm: the charm, deployed with --trust.
        container: the container, by its name in charmcraft.yaml.
        path: the file in it.
        audience: who the token is for.
        enabled: returns whether this unit needs it.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        container: str,
        path: str,
        audience: str,
        *,
        enabled: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(charm)
        self._container = charm.unit.get_container(container)
        self._path = path
        self._audience = audience
        self._enabled = enabled
        self._kube = kube.Kube(charm)

    def events(self) -> Iterable[ops.BoundEvent]:
        """Return the container's start: files are gone with the one before."""
        return (self.charm.on[self._container.name].pebble_ready,)

    def require(self) -> None:
        """Refuse to go on without a token.

        Raises:
            Waiting: if the file is not there yet.
        """
        if not self._read():
            raise Waiting(f"container {self._container.name}: waiting for its token")

    def reconcile(self) -> None:
        """Write a new token, if there is none or half of its time is over."""
        if not self._container.can_connect() or not self._enabled():
            return
        if _is_fresh(self._read()):
            return
        token = self._kube.create_token(self.charm.app.name, self._audience, DAY)
        with self._pebble():
            self._container.push(self._path, token, permissions=0o600, make_dirs=True)

    def _read(self) -> str:
        try:
            with self._pebble(), self._container.pull(self._path) as file:
                return file.read()
        except ops.pebble.PathError:
            return ""

    @contextlib.contextmanager
    def _pebble(self) -> Generator[None]:
        """A container may restart at any moment: a wait."""
        try:
            yield
        except ops.pebble.ConnectionError as error:
            reason = f"waiting for container {self._container.name} to restart"
            raise Waiting(reason) from error


def _is_fresh(token: str) -> bool:
    """Return whether more than half of a token's time is left."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return time.time() < (claims["iat"] + claims["exp"]) / 2
    except (IndexError, KeyError, TypeError, ValueError):
        return False
