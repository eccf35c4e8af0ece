# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju's conditions for the charm that an application is refreshed to.

Sources: Juju 3.6, ``cmd/juju/application/refresher/refresher.go`` (the name),
``state/application.go`` (relations: checkRelationsOps and preUpgradeRelationLimitCheck; storage:
checkStorageUpgrade; options: changeCharmOps).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from . import versions
from .charm import CharmDir
from .entities import Application, Relation
from .errors import JujuError, NewEndpoints

Storage = Mapping[str, Any]


def check(
    app: Application,
    charm: CharmDir,
    relations: Iterable[Relation],
    version: str = versions.DEFAULT,
) -> None:
    """Refuse a charm that an application cannot be refreshed to.

    Raises:
        NewEndpoints: The controller takes no endpoint that the old charm lacks.
        JujuError: The application goes, the charm has another name, it would break a relation or
            takes fewer than there are, or its storage does not fit what the units have.
    """
    if app.dying:
        raise JujuError(f'application "{app.name}" is not alive')
    if charm.name != app.charm.name:
        raise JujuError(f'cannot refresh "{app.charm.name}" to "{charm.name}"')
    mine = [relation for relation in relations if relation.joins(app.name)]
    for relation in mine:
        if not relation.is_peer:
            _check_endpoint(app, charm, relation)
    _check_limits(app, charm, mine)
    _check_storage(app.charm.storage, charm.storage)
    if versions.is_4(version):
        _check_equal(app.charm.storage, charm.storage)
    added = sorted(charm.endpoints.keys() - app.charm.endpoints.keys())
    if added and versions.is_4(version):
        raise NewEndpoints(tuple(added))


def _check_endpoint(app: Application, charm: CharmDir, relation: Relation) -> None:
    old = relation.side(app.name).endpoint
    new = charm.endpoints.get(old.name)
    same = new and (new.interface, new.role) == (old.interface, old.role)
    if not same and old.name != "juju-info":
        raise JujuError(f'would break relation "{relation}"')


def _check_limits(app: Application, charm: CharmDir, relations: list[Relation]) -> None:
    for endpoint in charm.endpoints.values():
        count = sum(
            relation.side(app.name).endpoint.name == endpoint.name for relation in relations
        )
        if endpoint.limit and count > endpoint.limit:
            raise JujuError(
                f"new charm version imposes a maximum relation limit of {endpoint.limit} for "
                f"{app.name}:{endpoint.name} which cannot be satisfied by the number of already "
                f"established relations ({count})"
            )


def _check_equal(old: Mapping[str, Storage], new: Mapping[str, Storage]) -> None:
    """Refuse storage that differs in any field (4.0)."""
    for name in sorted({*old, *new}):
        before, after = _whole(old.get(name, {})), _whole(new.get(name, {}))
        fields = [field for field in {**before, **after} if before.get(field) != after.get(field)]
        if fields:
            raise JujuError(
                f'updating storage directives of "{name}" is not supported: {fields[0]} differs'
            )


def _whole(storage: Storage) -> dict[str, Any]:
    """Return every field of a declared storage, where it says nothing with Juju's default."""
    defaults = {"description": "", "shared": False, "read-only": False, "location": ""}
    rest = {name: value for name, value in storage.items() if name != "multiple"}
    return {**defaults, **rest, "multiple": count(storage)} if storage else {}


def _check_storage(old: Mapping[str, Storage], new: Mapping[str, Storage]) -> None:
    for name in old.keys() - new.keys():
        low, _ = count(old[name])
        if low:
            raise JujuError(f'required storage "{name}" removed')
    for name in sorted(new):
        if name in old:
            _check_existing(name, old[name], new[name])
        elif count(new[name])[0]:
            raise JujuError(_claims(f'required storage "{name}" added'))


def _check_existing(name: str, old: Storage, new: Storage) -> None:
    for field, default in (
        ("type", ""),
        ("shared", False),
        ("read-only", False),
        ("location", ""),
    ):
        before, after = old.get(field, default), new.get(field, default)
        if before != after:
            raise JujuError(
                f'existing storage "{name}" {field} changed from "{before}" to "{after}"'
            )
    (low, high), (new_low, new_high) = count(old), count(new)
    if new_high is not None and (high is None or new_high < high):
        before = "<unbounded>" if high is None else high
        raise JujuError(
            f'existing storage "{name}" range contracted: '
            f"max decreased from {before} to {new_high}"
        )
    if new_low > low:
        raise JujuError(_claims(f'storage "{name}": min increased from {low} to {new_low}'))


def _claims(what: str) -> str:
    """Juju itself would go on; the StatefulSet would not.

    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/: a StatefulSet's
    volumeClaimTemplates cannot be changed.
    """
    return f"{what}: Kubernetes does not change the volume claims of a StatefulSet"


def count(storage: Storage) -> tuple[int, int | None]:
    """Return the least and the highest number of a storage per unit (None: no limit)."""
    multiple: Mapping[str, Any] = storage.get("multiple") or {}
    text = str(multiple.get("range", "1"))
    low, dash, high = text.rstrip("+").partition("-")
    if text.endswith("+") or (dash and not high):
        return int(low or 0), None
    return int(low or 0), int(high or low)
