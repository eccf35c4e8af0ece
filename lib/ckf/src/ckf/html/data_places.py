# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a deployment keeps, and where: claims, databases, buckets."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import jujusim
from kubefake.values import at

from ..preview.cluster import Owned

Row = Sequence[str]
_DATABASES = ("mysql", "mysql_client", "postgresql_client", "mongodb_client", "opensearch_client")
_STORES = ("object-storage", "s3")


def claims(owned: Iterable[Owned]) -> Iterator[Row]:
    """Yield application, claim, size, class and access of each volume."""
    for each in owned:
        if each.obj["kind"] == "PersistentVolumeClaim":
            spec = each.obj["spec"]
            yield (
                each.app,
                each.obj["metadata"]["name"],
                str(at(spec, "resources", "requests", "storage")),
                str(spec.get("storageClassName") or "the cluster's default"),
                ", ".join(spec.get("accessModes") or ()),
            )


def databases(model: jujusim.Model) -> Iterator[Row]:
    """Yield who keeps data in which database of whom."""
    for relation in model.relations.values():
        if relation.interface in _DATABASES:
            server, client = _ends(relation)
            given = {**relation.apps[client].content, **relation.apps[server].content}
            yield client, str(given.get("database", "not said yet")), server, relation.interface


def buckets(model: jujusim.Model) -> Iterator[Row]:
    """Yield who keeps data in which bucket of whom."""
    for relation in model.relations.values():
        if relation.interface in _STORES:
            server, client = _ends(relation)
            named = relation.apps[server].content.get("bucket") or _bucket(model.apps[client])
            yield client, named or "not named by an option", server, relation.interface


def _bucket(app: jujusim.Application) -> str:
    values: dict[str, Any] = {**app.charm.defaults, **app.config}
    return ", ".join(str(value) for name, value in values.items() if "bucket" in name and value)


def _ends(relation: jujusim.Relation) -> tuple[str, str]:
    """Return the application that provides, and the one that requires."""
    provider, requirer = sorted(relation.sides, key=lambda side: side.endpoint.role)
    return provider.app, requirer.app
