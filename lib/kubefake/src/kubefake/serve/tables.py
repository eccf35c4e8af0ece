"""Objects as a Table: what kubectl asks for to print them.

https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .. import Cluster, Request, Response, values, wire
from ..crds import TABLE as DEFINITIONS
from ..values import Object, at, maps_in
from . import ages, columns, jsonpath, network, workloads
from .columns import Column

_VERSIONS = ("v1", "v1beta1")
_COLUMNS = {**columns.COLUMNS, **workloads.COLUMNS, **network.COLUMNS}


def asked(request: Request) -> str:
    """Return the version of the Table that a request prefers to the objects; empty for none."""
    for media, given in wire.media_types(request):
        if media != "application/json":
            continue
        if given.get("as") == "Table" and given.get("g") == "meta.k8s.io":
            if given.get("v") in _VERSIONS:
                return given["v"]
        elif "as" not in given:
            return ""
    return ""


class Printer:
    """Makes Tables for one request.

    Args:
        cluster: The cluster.
        request: The request.
    """

    def __init__(self, cluster: Cluster, request: Request):
        named = wire.target(request.path)
        key = (named.group, named.plural) if named else ("", "")
        self._version = asked(request)
        self._include = request.query.get("includeObject", "")
        self._now = ages.read(cluster.now()) or datetime.datetime.now(datetime.timezone.utc)
        found = _COLUMNS.get(key) or _of_definition(cluster, *key, named.version if named else "")
        minor = int(cluster.release.split(".")[1])
        self._columns = [each for each in found if each.printed(minor)]
        resource = cluster.resources().get((key[0], named.version if named else "", key[1]))
        # In lists of built-in kinds the objects do not repeat it.
        self._kind: Object = (
            {"kind": resource.kind, "apiVersion": resource.api_version} if resource else {}
        )
        self._headed = False

    def response(self, response: Response) -> Response:
        """Return the answer to a get or list as a Table; errors stay what they are."""
        if response.status != 200 or response.stream is not None:
            return response
        body = response.json()
        if at(body, "kind") == "Status" or "metadata" not in body:
            return response
        items = list(maps_in(body.get("items"))) if "items" in body else [body]
        kept = ("resourceVersion", "continue", "remainingItemCount")
        metadata = {name: body["metadata"][name] for name in kept if body["metadata"].get(name)}
        return wire.respond(self._table(items, metadata))

    def event(self, line: bytes) -> bytes:
        """Return a watch's event with the object as a Table of one row."""
        event = json.loads(line)
        if event["type"] in {"ERROR", "BOOKMARK"}:
            return line
        version = event["object"]["metadata"].get("resourceVersion", "")
        table = self._table([event["object"]], {"resourceVersion": version})
        if self._headed:
            table["columnDefinitions"] = None
        self._headed = True
        return values.encode({"type": event["type"], "object": table}) + b"\n"

    def _table(self, items: Sequence[Object], metadata: Object) -> Object:
        return {
            "kind": "Table",
            "apiVersion": f"meta.k8s.io/{self._version}",
            "metadata": metadata,
            "columnDefinitions": [each.definition() for each in self._columns],
            "rows": [self._row(item) for item in items],
        }

    def _row(self, obj: Object) -> Object:
        cells = [each.make(obj, self._now) for each in self._columns]
        if self._include == "None":
            return {"cells": cells, "object": None}
        if self._include == "Object":
            return {"cells": cells, "object": {**self._kind, **obj}}
        part = {
            "kind": "PartialObjectMetadata",
            "apiVersion": f"meta.k8s.io/{self._version}",
            "metadata": obj["metadata"],
        }
        return {"cells": cells, "object": part}


def _of_definition(cluster: Cluster, group: str, plural: str, version: str) -> Sequence[Column]:
    """Return the printer columns that a CustomResourceDefinition gives; else name and age."""
    stored = cluster.store.get(DEFINITIONS, ("", f"{plural}.{group}"))
    for each in maps_in(at(stored.obj, "spec", "versions")) if stored else ():
        given = list(maps_in(each.get("additionalPrinterColumns")))
        if each["name"] == version and given:
            return [columns.NAME, *map(_column, given)]
    return columns.PLAIN


def _column(given: Mapping[str, Any]) -> Column:
    kind, path = str(given["type"]), str(given["jsonPath"])

    def make(obj: Object, now: datetime.datetime) -> Any:
        found = jsonpath.find(path, obj)
        return _cell(kind, found, now) if found else None

    return Column(
        str(given["name"]),
        make,
        kind,
        bool(given.get("priority")),
        str(given.get("format", "")),
        str(given.get("description", "")),
    )


def _cell(kind: str, found: list[Any], now: datetime.datetime) -> Any:
    """Return a cell of a custom resource (tableconvertor.go): another type leaves it empty."""
    value = found[0]
    if kind == "string":
        return value if isinstance(value, str) else values.dumps(value)
    if kind == "date":
        return ages.since(value, now) if isinstance(value, str) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if kind == "integer" else value
