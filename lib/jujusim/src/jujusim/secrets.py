# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju secrets: revisions, who may read them, and what each unit tracks."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ops

from .entities import Event, Unit
from .errors import JujuError

# In place of a relation, for what a user has granted.
USER_GRANT = -1
ROTATION_DAYS = {
    ops.SecretRotate.HOURLY: 1 / 24,
    ops.SecretRotate.DAILY: 1,
    ops.SecretRotate.WEEKLY: 7,
    ops.SecretRotate.MONTHLY: 30,
    ops.SecretRotate.QUARTERLY: 91,
    ops.SecretRotate.YEARLY: 365,
}


@dataclass
class Consumer:
    """One unit's view of one secret."""

    revision: int
    label: str = ""


@dataclass
class Secret:
    """A secret of the model.

    Attributes:
        id: Without the ``secret:`` prefix.
        owner: A unit's or an application's name; empty when a user owns it.
        revisions: Content by revision number.
        grants: Applications and units that may read it, by the relation that scopes the grant;
            a user's grant has relation -1.
        expire: When the latest revision expires.
        rotate: How often the owner is asked to rotate it.
        rotate_at: When it is asked next.
    """

    id: str
    owner: str
    label: str = ""
    description: str = ""
    revisions: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])
    grants: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    consumers: dict[str, Consumer] = field(default_factory=dict[str, Consumer])
    expire: datetime.datetime | None = None
    rotate: ops.SecretRotate = ops.SecretRotate.NEVER
    rotate_at: datetime.datetime | None = None

    @property
    def latest(self) -> int:
        """The newest revision."""
        return max(self.revisions)

    def owned_by(self, unit: Unit) -> bool:
        """Tell whether the unit or its application owns it."""
        return self.owner in (unit.name, unit.app.name)

    def managed_by(self, unit: Unit) -> bool:
        """Tell whether the unit manages it: the owning unit, or the leader of the owning app."""
        return self.owner == unit.name or (self.owner == unit.app.name and unit.is_leader)

    def readable_by(self, unit: Unit) -> bool:
        """Tell whether the unit may read it."""
        granted = set[str]().union(*self.grants.values())
        return self.owned_by(unit) or bool(granted & {unit.name, unit.app.name})

    def obsolete(self) -> list[int]:
        """Revisions older than the latest that no consumer tracks."""
        tracked = {consumer.revision for consumer in self.consumers.values()}
        return [r for r in sorted(self.revisions) if r != self.latest and r not in tracked]


class Store:
    """All secrets of a model.

    Attributes:
        drops_grants: Whether a grant is lost that is made in the hook that creates the secret;
            nobody is told of it, nor of a grant that is made later.
    """

    def __init__(
        self,
        new_id: Callable[[], str],
        now: Callable[[], datetime.datetime],
        *,
        drops_grants: bool = False,
    ):
        self.secrets: dict[str, Secret] = {}
        self.drops_grants = drops_grants
        self.new_id = new_id
        self.now = now

    def find(self, unit: Unit, secret_id: str | None, label: str | None) -> Secret:
        """Return the secret that a unit means by an id or by a label of its own.

        Raises:
            ops.SecretNotFoundError: There is none, or the unit may not read it.
        """
        if secret_id:
            secret = self.secrets.get(bare(secret_id))
        else:
            secret = self._labelled(unit, label or "")
        if secret is None:
            raise ops.SecretNotFoundError(f'secret "{secret_id or label}" not found')
        if not secret.readable_by(unit):
            # Juju says "permission denied", which ops raises as a ModelError.
            raise ops.ModelError(f'ERROR permission denied: secret "{secret.id}"')
        return secret

    def _labelled(self, unit: Unit, label: str) -> Secret | None:
        for secret in self.secrets.values():
            if secret.owned_by(unit) and secret.label == label:
                return secret
            consumer = secret.consumers.get(unit.name)
            if consumer and consumer.label == label:
                return secret
        return None

    def user_secret(self, name: str) -> Secret:
        """Return a user's secret by its name.

        Raises:
            JujuError: There is none.
        """
        for secret in self.secrets.values():
            if not secret.owner and secret.label == name:
                return secret
        raise JujuError(f'secret "{name}" not found')

    def add_user_secret(self, name: str, content: Mapping[str, str]) -> Secret:
        """Return a new secret that a user owns.

        Raises:
            JujuError: The name is taken.
        """
        if any(not secret.owner and secret.label == name for secret in self.secrets.values()):
            raise JujuError(f'secret "{name}" already exists')
        secret = Secret(self.new_id(), "", name, revisions={1: dict(content)})
        self.secrets[secret.id] = secret
        return secret

    def due(self, units: Mapping[str, Unit]) -> None:
        """Tell owners about what is due to rotate or has expired by now."""
        for secret in self.secrets.values():
            if secret.rotate_at and secret.rotate_at <= self.now():
                self.ask_to_rotate(secret, units)
            if secret.expire and secret.expire <= self.now():
                event = Event("secret-expired", secret.id, revision=secret.latest)
                self._tell(secret, event, units)
                secret.expire = None

    def ask_to_rotate(self, secret: Secret, units: Mapping[str, Unit]) -> None:
        """The owner is to rotate the secret now; the next time comes one period later."""
        self._tell(secret, Event("secret-rotate", secret.id), units)
        secret.rotate_at = next_rotation(secret.rotate, self.now())

    def _tell(self, secret: Secret, event: Event, units: Mapping[str, Unit]) -> None:
        for unit in units.values():
            if secret.managed_by(unit) and event not in unit.secret_events:
                unit.secret_events.append(event)

    def changed(self, secret: Secret, units: Mapping[str, Unit]) -> None:
        """Tell the owner about revisions that nobody tracks any more."""
        for revision in secret.obsolete():
            self._tell(secret, Event("secret-remove", secret.id, revision=revision), units)

    def revoke_relation(self, relation: int) -> None:
        """Forget grants that a relation carried."""
        for secret in self.secrets.values():
            secret.grants.pop(relation, None)

    def forget_owner(self, owner: str) -> None:
        """Remove every secret of a unit or application that is gone."""
        for secret in [s for s in self.secrets.values() if s.owner == owner]:
            del self.secrets[secret.id]

    def forget_consumer(self, unit: str) -> None:
        """Remove what a unit that is gone has tracked."""
        for secret in self.secrets.values():
            secret.consumers.pop(unit, None)


def bare(secret_id: str) -> str:
    """Return the id without scheme and model: ``secret:ID`` or ``secret://MODEL/ID``."""
    return secret_id.removeprefix("secret:").rpartition("/")[2]


@dataclass
class Draft:
    """The changes of a hook to secrets; they happen when the hook succeeds.

    Reads take effect at once (a tracked revision, a label of the reader), as in Juju.
    """

    store: Store
    unit: Unit
    added: dict[str, Secret] = field(default_factory=dict[str, Secret])
    changes: list[tuple[str, str, Callable[[], None]]] = field(
        default_factory=list[tuple[str, str, "Callable[[], None]"]]
    )
    pending: dict[str, dict[str, str]] = field(default_factory=dict[str, "dict[str, str]"])

    def find(self, secret_id: str | None, label: str | None) -> Secret:
        """Like `Store.find`, but a secret added in this hook exists already."""
        for secret in self.added.values():
            if (secret_id and bare(secret_id) == secret.id) or (label and secret.label == label):
                return secret
        return self.store.find(self.unit, secret_id, label)

    def content(self, secret_id: str | None, label: str | None, **how: bool) -> dict[str, str]:
        """Return what ``secret-get`` returns; with an id, the label is what the reader calls it.

        ``refresh`` tracks the latest revision, ``peek`` looks at it once.
        """
        secret = self.find(secret_id, label)
        if secret.id in self.added:
            return dict(secret.revisions[1])
        consumer = secret.consumers.setdefault(self.unit.name, Consumer(secret.latest))
        self.unit.secret_revisions.setdefault(secret.id, secret.latest)
        if secret_id and label:
            self._relabel(secret, consumer, label)
        if how.get("refresh"):
            self._track_latest(secret, consumer)
        newest = bool(how.get("refresh") or how.get("peek"))
        if newest and secret.id in self.pending:
            return dict(self.pending[secret.id])
        return dict(secret.revisions[secret.latest if newest else consumer.revision])

    def _relabel(self, secret: Secret, consumer: Consumer, label: str) -> None:
        """A label given with an id is the owner's or the reader's; peers use the owner's."""
        if secret.managed_by(self.unit):
            secret.label = label
        elif not secret.owned_by(self.unit):
            consumer.label = label

    def _track_latest(self, secret: Secret, consumer: Consumer) -> None:
        consumer.revision = secret.latest
        self.unit.secret_revisions[secret.id] = secret.latest
        if secret.id in self.pending:

            def apply() -> None:
                consumer.revision = secret.latest
                self.unit.secret_revisions[secret.id] = secret.latest

            self._later(secret, "refresh", apply)

    def add(self, content: Mapping[str, str], **fields: Any) -> str:
        """``secret-add``: the id is known at once, the secret exists when the hook succeeds."""
        secret = Secret(self.store.new_id(), **_known(fields), revisions={1: dict(content)})
        self._check_label(secret.label)
        secret.rotate_at = next_rotation(secret.rotate, self.store.now())
        self.added[secret.id] = secret
        return secret.id

    def set(self, secret: Secret, content: Mapping[str, str] | None, **fields: Any) -> None:
        """``secret-set``: a new revision when the content differs, and new metadata."""
        if fields.get("label") and fields["label"] != secret.label:
            self._check_label(fields["label"])

        def apply() -> None:
            for name, value in _known(fields).items():
                setattr(secret, name, value)
            if fields.get("rotate"):
                secret.rotate_at = next_rotation(secret.rotate, self.store.now())
            if content and dict(content) != secret.revisions[secret.latest]:
                secret.revisions[secret.latest + 1] = dict(content)

        if content:
            self.pending[secret.id] = dict(content)
        self._later(secret, "set", apply)

    def grant(self, secret: Secret, relation: int, to: str) -> None:
        """``secret-grant``."""
        self._later(secret, "grant", lambda: secret.grants.setdefault(relation, set()).add(to))

    def revoke(self, secret: Secret, relation: int, to: str) -> None:
        """``secret-revoke``."""
        self._later(secret, "revoke", lambda: secret.grants.get(relation, set[str]()).discard(to))

    def remove(self, secret: Secret, revision: int | None) -> None:
        """``secret-remove``: one revision, or all of them."""

        def apply() -> None:
            if revision is not None:
                secret.revisions.pop(revision, None)
            if revision is None or not secret.revisions:
                self.store.secrets.pop(secret.id, None)

        self._later(secret, "remove", apply)

    def commit(self, units: Mapping[str, Unit]) -> list[dict[str, Any]]:
        """Do it, and return what was done, without any content, for the trace."""
        done = [{"secret": s.id, "what": "add", "label": s.label} for s in self.added.values()]
        self.store.secrets.update(self.added)
        for secret_id, what, apply in self.changes:
            if what == "grant" and secret_id in self.added and self.store.drops_grants:
                done.append({"secret": secret_id, "what": "grant (dropped by Juju)"})
                continue
            apply()
            done.append({"secret": secret_id, "what": what})
        for secret in list(self.store.secrets.values()):
            self.store.changed(secret, units)
        return done

    def _later(self, secret: Secret, what: str, apply: Callable[[], None]) -> None:
        self.changes.append((secret.id, what, apply))

    def _check_label(self, label: str) -> None:
        owned = [s for s in self.store.secrets.values() if s.owned_by(self.unit)]
        if label and any(s.label == label for s in [*owned, *self.added.values()]):
            raise ops.ModelError(f'ERROR secret with label "{label}" already exists')


def next_rotation(rotate: ops.SecretRotate, now: datetime.datetime) -> datetime.datetime | None:
    """When a secret with this policy is to be rotated; None for never."""
    days = ROTATION_DAYS.get(rotate)
    return now + datetime.timedelta(days=days) if days else None


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields that were given."""
    return {name: value for name, value in fields.items() if value is not None}
