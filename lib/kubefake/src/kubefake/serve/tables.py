# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Objects as a Table: what kubectl and k9s ask for to print them.

Every kind has the columns of the API server's default, a name and a time of creation.
https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

import dataclasses
import json
from collections.abc import Sequence

from .. import Cluster, Request, Response, values, wire
from ..values import Object, at, maps_in

_COLUMNS = [
    {"name": name, "type": kind, "format": form, "description": "", "priority": 0}
    for name, kind, form in (("Name", "string", "name"), ("Created At", "date", ""))
]


def asked(request: Request) -> bool:
    """Tell whether a request prefers a Table to the objects."""
    for media, given in wire.media_types(request.headers.get("accept", "*/*")):
        if media != "application/json":
            continue
        if given.get("as") == "Table" and given.get("g") == "meta.k8s.io":
            if given.get("v") == "v1":
                return True
        elif "as" not in given:
            return False
    return False


def answer(cluster: Cluster, request: Request) -> Response:
    """Answer a get, list or watch with a Table; errors stay what they are."""
    headers = {**request.headers, "accept": "application/json"}
    response = cluster.request(dataclasses.replace(request, headers=headers))
    if response.stream is not None:
        response.stream = (_event(request, line) for line in response.stream)
        return response
    body: Object = response.json() if response.status == 200 else {}
    if at(body, "kind") == "Status" or at(body, "metadata") is None:
        return response
    # In lists of built-in kinds the objects do not repeat their kind.
    kind = {"kind": str(body["kind"]).removesuffix("List"), "apiVersion": body["apiVersion"]}
    items = [{**kind, **item} for item in maps_in(body["items"])] if "items" in body else [body]
    kept = ("resourceVersion", "continue", "remainingItemCount")
    metadata = {name: body["metadata"][name] for name in kept if body["metadata"].get(name)}
    return wire.respond(_table(request, items, metadata))


def _event(request: Request, line: bytes) -> bytes:
    event = json.loads(line)
    if event["type"] in {"ERROR", "BOOKMARK"}:
        return line
    version = event["object"]["metadata"].get("resourceVersion", "")
    table = _table(request, [event["object"]], {"resourceVersion": version})
    return values.encode({"type": event["type"], "object": table}) + b"\n"


def _table(request: Request, items: Sequence[Object], metadata: Object) -> Object:
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": _COLUMNS,
        "rows": [_row(request, item) for item in items],
    }


def _row(request: Request, obj: Object) -> Object:
    meta = obj["metadata"]
    include = request.query.get("includeObject", "Metadata")
    part = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
    shown = {"None": None, "Object": obj}.get(include, part)
    return {"cells": [meta["name"], meta["creationTimestamp"]], "object": shown}
