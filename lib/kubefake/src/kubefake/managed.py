# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Field managers: who owns which field, `metadata.managedFields`, and server-side apply.

Restates k8s.io/apimachinery/pkg/util/managedfields and the updater of
sigs.k8s.io/structured-merge-diff.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from . import errors, fields
from .fields import Comparison, Fields, Path
from .schema import Schema
from .values import Object, dumps, is_map, maps_in

UNTRACKED: Fields = {("f:apiVersion",), ("f:kind",), ("f:metadata",)} | {
    ("f:metadata", f"f:{name}")
    for name in (
        "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation",
        "managedFields", "name", "namespace", "resourceVersion", "selfLink", "uid",
    )
}  # fmt: skip
"""Fields that never have an owner."""
_NOTHING: Fields = set()


class Manager(NamedTuple):
    """An owner of fields: the identity of one entry of managedFields."""

    name: str  # the field manager's name
    operation: str  # `Apply` or `Update`
    version: str  # the API version through which it wrote
    subresource: str  # the subresource through which it wrote; empty for the object itself

    def same(self, other: "Manager") -> bool:
        """Tell whether both are one manager: an applier stays itself across versions."""
        return self._identity() == other._identity()

    def _identity(self) -> tuple[str, ...]:
        version = "" if self.operation == "Apply" else self.version
        return self.name, self.operation, version, self.subresource

    def __str__(self) -> str:
        text = dumps(self.name)
        if self.subresource:
            text += f" with subresource {dumps(self.subresource)}"
        return f"{text} using {self.version}" if self.operation == "Update" else text


@dataclass(frozen=True)
class Owned:
    """The fields that one manager owns, and when it last changed which."""

    fields: frozenset[Path]
    time: str


Managers = Mapping[Manager, Owned]


def read(obj: Object) -> dict[Manager, Owned]:
    """Return the managers that an object's managedFields tell of."""
    found: dict[Manager, Owned] = {}
    for entry in maps_in(obj.get("metadata", {}).get("managedFields")):
        manager = Manager(
            entry.get("manager", ""),
            entry.get("operation", ""),
            entry.get("apiVersion", ""),
            entry.get("subresource", ""),
        )
        paths = fields.from_v1(entry.get("fieldsV1") or {})
        found[manager] = Owned(frozenset(paths), entry.get("time", ""))
    return found


def write(managers: Managers) -> list[Object]:
    """Return managedFields entries, in the server's order."""
    order = sorted(managers.items(), key=lambda each: (each[0].operation, each[1].time, each[0]))
    return [_entry(manager, owned) for manager, owned in order]


def _entry(manager: Manager, owned: Owned) -> Object:
    entry: Object = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": manager.version,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields.to_v1(set(owned.fields)),
    }
    if owned.time:
        entry["time"] = owned.time
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


class Write(NamedTuple):
    """A write, as far as ownership goes."""

    schema: Schema  # the kind's schema
    managers: Managers  # the owners of the live object
    manager: Manager  # the writer
    now: str  # the time to record for entries that change
    ignored: Fields = _NOTHING  # fields that this endpoint does not let its callers set


def update(write: Write, old: Object, new: Object) -> dict[Manager, Owned]:
    """Return who owns what after a write that is not an apply: changed fields move to the writer.

    Args:
        write: The write.
        old: The live object, without managedFields; empty on create.
        new: The object to be stored, without managedFields.
    """
    schema, managers, manager, now, ignored = write
    changes = fields.compare(schema, old, new)
    _ignore(changes, ignored)
    result = _taken(managers, changes, manager)
    before = result.pop(manager, Owned(frozenset(), now))
    gained = changes.modified | changes.added
    mine = (before.fields - changes.removed) | gained
    if mine:
        result[manager] = Owned(frozenset(mine), now if gained else before.time)
    return result


def _ignore(changes: Comparison, ignored: Fields) -> None:
    for found in (changes.added, changes.modified, changes.removed):
        found &= _tracked(found, ignored)


def _tracked(found: Fields, ignored: Fields) -> Fields:
    """Return the fields that can have an owner through an endpoint."""
    found = found - UNTRACKED
    if not ignored or not found:
        return found
    return {path for path in found if not any(path[: len(top)] == top for top in ignored)}


def _taken(managers: Managers, changes: Comparison, manager: Manager) -> dict[Manager, Owned]:
    """Take changed and removed fields away from everybody but the writer."""
    lost = changes.modified | changes.added | changes.removed
    result: dict[Manager, Owned] = {}
    for other, owned in managers.items():
        kept = owned.fields if other.same(manager) else owned.fields - lost
        if kept:
            result[other] = owned if kept == owned.fields else Owned(kept, owned.time)
    return result


def apply(write: Write, live: Object, config: Object, *, force: bool) -> tuple[Object, Managers]:
    """Return what an apply leaves: the object without managedFields, and its owners.

    Args:
        write: The write.
        live: The live object, without managedFields; empty on create.
        config: The configuration.
        force: Take fields from others instead of failing.

    Raises:
        ApiError: 409, when fields that others own would change.
        TypedError: The configuration's lists cannot be merged.
    """
    schema, managers, manager, now, ignored = write
    previous = next((each for each in managers if each.same(manager)), None)
    last = managers[previous] if previous else Owned(frozenset(), "")
    given = fields.owned(schema, config)
    mine = _tracked(given, ignored)
    merged = fields.merge(schema, live, config)
    after = {each: owned for each, owned in managers.items() if each != previous}
    unchanged = frozenset(mine) == last.fields and previous == manager
    after[manager] = last if unchanged else Owned(frozenset(mine), last.time)
    if not last.fields <= mine:
        others = [owned.fields for each, owned in after.items() if each != manager]
        merged = _prune(schema, merged, [given, *others], last.fields)
    changes = fields.compare(schema, live, merged)
    if changes:
        after[manager] = Owned(frozenset(mine), now)
    _ignore(changes, ignored)
    if not force:
        _refuse_conflicts(after, changes, manager)
    if changes:
        after = _taken(after, changes, manager)
    if not mine:
        after.pop(manager, None)
    return merged, after


def _prune(
    schema: Schema, merged: Object, owners: list[AbstractSet[Path]], last: AbstractSet[Path]
) -> Object:
    """Drop what the applier gave last time, gives no longer, and nobody else owns."""
    before = fields.with_parents(schema, set(last))
    pruned = fields.without(schema, merged, before)
    whole = fields.with_parents(schema, fields.owned(schema, merged))
    kept = fields.with_parents(schema, fields.owned(schema, pruned or {}))
    for owned in owners:
        kept |= fields.with_parents(schema, set(owned))
    pruned = fields.without(schema, merged, whole - kept)
    left = fields.with_parents(schema, fields.owned(schema, pruned or {}))
    result = fields.without(schema, merged, (whole - left) & before)
    return result if is_map(result) else {}


def _rank(path: Path) -> tuple[tuple[bool, str], ...]:
    """Return the place of a field among others: at each level, leaves come before branches."""
    return (*((True, part) for part in path[:-1]), (False, path[-1]))


def _refuse_conflicts(managers: Managers, changes: Comparison, manager: Manager) -> None:
    """Raise when the changes touch fields that others own."""
    changed = changes.modified | changes.added
    found = [
        (other, [fields.show(path) for path in sorted(changed & owned.fields, key=_rank)])
        for other, owned in sorted(managers.items())
        if not other.same(manager) and changed & owned.fields
    ]
    causes = [
        errors.Cause("FieldManagerConflict", f"conflict with {other}", path)
        for other, paths in found
        for path in paths
    ]
    if len(causes) == 1:
        message = f"1 conflict: {causes[0].message}: {causes[0].field}"
        raise errors.apply_conflict(causes, f"Apply failed with {message}")
    if causes:
        lines = [f"conflicts with {who}:\n- " + "\n- ".join(paths) for who, paths in found]
        message = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines)
        raise errors.apply_conflict(causes, message)
