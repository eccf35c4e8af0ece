# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Stored objects by resource, with a history for watches and consistent lists."""

import bisect
import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import managed
from .managed import Managers
from .resources import Resource
from .values import Object, encode

Table = tuple[str, str]
"""API group and plural."""
Key = tuple[str, str]
"""Namespace (empty for cluster-scoped objects) and name."""


class Stored:
    """One version of one object. Its parts are shared and never changed in place."""

    def __init__(self, obj: Object, revision: int, managers: Managers | None = None) -> None:
        self.obj = obj
        self.revision = revision
        # Applies known to change nothing, with the resource that they were made through.
        self.settled: dict[Any, object] = {}
        self.served: tuple[Resource, ...] | None = None  # by a definition, once somebody asked
        if managers is not None:
            self.managers = managers

    @functools.cached_property
    def managers(self) -> Managers:
        """The owners of its fields."""
        return managed.read(self.obj)

    @property
    def ending(self) -> bool:
        """Whether it is to be deleted, and waits for its finalizers."""
        return "deletionTimestamp" in self.obj["metadata"]

    @functools.cached_property
    def raw(self) -> bytes:
        """The object as JSON."""
        return encode(self.obj)

    @functools.cached_property
    def item(self) -> bytes:
        """The object as JSON, without its kind and version: as it stands in a list."""
        kind = ("kind", "apiVersion")
        return encode({key: self.obj[key] for key in self.obj if key not in kind})


class Change(NamedTuple):
    """One write: what was before and after it; None where there was no object."""

    revision: int
    table: Table
    key: Key
    old: Stored | None
    new: Stored | None


class Store:
    """Objects of every resource.

    Args:
        keep: How many changes are remembered. Watches and lists that ask for older ones get 410.
    """

    def __init__(self, keep: int = 10_000) -> None:
        self.revision = 1
        self.keep = keep
        self.changes: list[Change] = []
        self._tables: dict[Table, dict[Key, Stored]] = {}
        self._owned: dict[str, frozenset[tuple[Table, Key]]] = {}
        self._written: dict[Table, int] = {}

    def copy(self) -> "Store":
        """Return an independent store with the same content; objects are shared."""
        new = Store(self.keep)
        new.revision = self.revision
        new.changes = list(self.changes)
        new._tables = {table: dict(rows) for table, rows in self._tables.items()}
        new._owned = dict(self._owned)
        new._written = dict(self._written)
        return new

    def get(self, table: Table, key: Key) -> Stored | None:
        """Return the object under the key, if there is one."""
        return self._tables.get(table, {}).get(key)

    def put(self, table: Table, key: Key, obj: Object, managers: Managers) -> Stored:
        """Store an object under the next resourceVersion."""
        old = self.get(table, key)
        new = Stored(self._numbered(obj), self.revision, managers)
        self._tables.setdefault(table, {})[key] = new
        for owner in obj["metadata"].get("ownerReferences") or ():
            known = self._owned.get(owner["uid"], frozenset())
            self._owned[owner["uid"]] = known | {(table, key)}
        self._remember(Change(self.revision, table, key, old, new))
        return new

    def remove(self, table: Table, key: Key) -> Stored:
        """Remove an object; the last version that watches see has a resourceVersion of its own."""
        old = self._tables[table].pop(key)
        last = Stored(self._numbered(old.obj), self.revision)
        self._remember(Change(self.revision, table, key, last, None))
        return last

    def _numbered(self, obj: Object) -> Object:
        self.revision += 1
        metadata = {**obj["metadata"], "resourceVersion": str(self.revision)}
        return {**obj, "metadata": metadata}

    def _remember(self, change: Change) -> None:
        self.changes.append(change)
        self._written[change.table] = change.revision
        if len(self.changes) > 2 * self.keep:
            del self.changes[: self.keep]

    def written(self, table: Table) -> int:
        """Return the resourceVersion of the last write to a resource; 0 before the first."""
        return self._written.get(table, 0)

    @property
    def oldest(self) -> int:
        """The oldest resourceVersion from which changes are still known."""
        return self.changes[0].revision - 1 if self.changes else self.revision

    def since(self, revision: int) -> list[Change]:
        """Return the changes after a resourceVersion."""
        start = bisect.bisect_right(self.changes, revision, key=lambda change: change.revision)
        return self.changes[start:]

    def rows(
        self, table: Table, namespace: str = "", revision: int | None = None
    ) -> list[tuple[Key, Stored]]:
        """Return a resource's objects in order, as they are or were at a resourceVersion."""
        rows = self._tables.get(table, {})
        if revision is not None and revision != self.revision:
            rows = dict(rows)
            for change in reversed(self.since(revision)):
                if change.table == table and change.old is None:
                    rows.pop(change.key, None)
                elif change.table == table and change.old is not None:
                    rows[change.key] = change.old
        keys = sorted(key for key in rows if not namespace or key[0] == namespace)
        return [(key, rows[key]) for key in keys]

    def owned_by(self, uid: str) -> list[tuple[Table, Key, Stored]]:
        """Return the objects that name an owner."""
        found: list[tuple[Table, Key, Stored]] = []
        for table, key in sorted(self._owned.get(uid, ())):
            stored = self.get(table, key)
            owners = stored.obj["metadata"].get("ownerReferences") if stored else None
            if stored and any(owner.get("uid") == uid for owner in owners or ()):
                found.append((table, key, stored))
        return found

    def everything(self) -> Iterator[tuple[Table, Key, Stored]]:
        """Yield every object; the store may change meanwhile."""
        for table, rows in list(self._tables.items()):
            for key, stored in list(rows.items()):
                yield table, key, stored
