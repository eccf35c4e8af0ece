"""Secret values that a charm makes once and that outlive every pod: in a Juju secret."""

from __future__ import annotations

import functools
import secrets
import string
from collections.abc import Callable, Iterable

import ops

from .component import Component
from .peers import Peers
from .status import Waiting

_ALPHABET = string.ascii_letters + string.digits


def random_text(length: int = 30) -> str:
    """Letters and digits from the system's source of randomness."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


class KeptSecret(Component):
    """A secret of the application, made by the leader, read by every unit.

    Its id stands in the peer relation's databag, so that every unit finds it and hears of it.

    Args:
        charm: the charm.
        peers: where its id is recorded.
        name: the key of the id, and the secret's label.
        make: returns the content of a new secret. What a published charm has left behind is
            recovered here.
    """

    def __init__(
        self, charm: ops.CharmBase, peers: Peers, name: str, make: Callable[[], dict[str, str]]
    ) -> None:
        super().__init__(charm)
        self.name = name
        self._peers = peers
        self._make = make

    def events(self) -> Iterable[ops.BoundEvent]:
        """The peer relation, where other units find the id."""
        return self._peers.events()

    @functools.cached_property
    def content(self) -> dict[str, str]:
        """The content; the leader makes it if there is none.

        Raises:
            Waiting: if the leader has not made it yet.
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
        """Make it, if there is none."""
        _ = self.content

    def _missing(self) -> Waiting:
        return Waiting(f"waiting for the leader to make the secret {self.name}")

    def _create(self) -> dict[str, str]:
        content = self._make()
        secret = self.charm.app.add_secret(content, label=self.name)
        self._peers.data[self.name] = secret.id or secret.get_info().id
        return content
