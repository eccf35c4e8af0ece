# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Secret values that a charm generates once and that outlive every pod: in a Juju secret."""

from __future__ import annotations

import functools
import secrets
import string
from collections.abc import Callable, Iterable

import ops

from ._component import Component
from ._peers import Peers
from ._status import Waiting

_ALPHABET = string.ascii_letters + string.digits


def random_text(length: int = 30) -> str:
    """Return letters and digits from the system's source of randomness."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


class GeneratedSecret(Component):
    """A secret of the application, created by the leader, read by every unit.

    Its id is in the peer relation's databag, where every unit finds it and is told of it.

    Args:
        charm: the charm.
        peers: where its id is recorded.
        name: the key of the id, and the secret's label.
        create: returns the content of a new secret. What a published charm has left behind is
            recovered here.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        peers: Peers,
        name: str,
        *,
        create: Callable[[], dict[str, str]],
    ) -> None:
        super().__init__(charm)
        self.name = name
        self._peers = peers
        self._new_content = create

    def events(self) -> Iterable[ops.BoundEvent]:
        """Return the events of the peer relation, where other units find the id."""
        return self._peers.events()

    @functools.cached_property
    def content(self) -> dict[str, str]:
        """The content; the leader creates it if there is none.

        Raises:
            Waiting: if the leader has not created it yet.
        """
        secret_id = self._peers.data.get(self.name)
        if secret_id:
            return self.charm.model.get_secret(id=secret_id).get_content(refresh=True)
        if not self.charm.unit.is_leader():
            raise self._missing()
        return self._create()

    def replace(self, content: dict[str, str]) -> None:
        """Give the secret a new content; only the leader can.

        Raises:
            Waiting: if there is no secret yet.
        """
        secret_id = self._peers.data.get(self.name)
        if not secret_id:
            raise self._missing()
        self.charm.model.get_secret(id=secret_id).set_content(content)
        self.content = content

    def reconcile(self) -> None:
        """Create it, if there is none."""
        _ = self.content

    def _missing(self) -> Waiting:
        return Waiting(f"waiting for the leader to create the secret {self.name}")

    def _create(self) -> dict[str, str]:
        content = self._new_content()
        secret = self.charm.app.add_secret(content, label=self.name)
        self._peers.data[self.name] = secret.id or secret.get_info().id
        return content
