# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Answers in the form that a client accepts: objects, their metadata alone, or a table of them.

https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches and
#receiving-resources-as-tables. Every kind's table has the columns of the API server's default, a
name and a time of creation: that is what kubectl and k9s print.
"""

import functools
import json
from collections.abc import Iterable
from typing import NamedTuple

from . import errors
from .values import Object, encode, maps_in
from .wire import JSON_TYPE, Call, Request, Response, media_types

GROUP = "meta.k8s.io"
ONE, MANY, TABLE = "PartialObjectMetadata", "PartialObjectMetadataList", "Table"

_JSON = {"application/json", "application/*", "*/*"}
_VERSIONS = {ONE: ("v1", "v1beta1"), MANY: ("v1", "v1beta1"), TABLE: ("v1",)}
_COLUMNS = [
    {"name": name, "type": kind, "format": form, "description": "", "priority": 0}
    for name, kind, form in (("Name", "string", "name"), ("Created At", "date", ""))
]


class Projection(NamedTuple):
    """What a client wants instead of objects: a kind (empty for objects), and its version."""

    kind: str = ""
    version: str = ""

    def made(self, **parts: object) -> Object:
        """Return an object of this kind."""
        return {"kind": self.kind, "apiVersion": f"{GROUP}/{self.version}", **parts}


def asked(request: Request) -> Projection:
    """Return the first form that the request accepts and that can be produced.

    Raises:
        ApiError: 406 when there is none.
    """
    return _asked(request.headers.get("accept", "*/*"))


@functools.lru_cache(maxsize=1024)
def _asked(accept: str) -> Projection:
    for media, given in media_types(accept):
        if media in _JSON and "as" not in given:
            return Projection()
        found = Projection(given.get("as", ""), given.get("v", ""))
        known = given.get("g") == GROUP and found.version in _VERSIONS.get(found.kind, ())
        if media in _JSON and known:
            return found
    raise errors.not_acceptable(["application/json"])


def project(call: Call, response: Response) -> Response:
    """Return the answer to a call in the form that its sender asked for.

    Raises:
        ApiError: 406 when a list was asked of an object, or an object of a list.
    """
    wanted = asked(call.request)
    if not wanted.kind:
        return response
    if response.stream is not None:
        response.stream = (_event(wanted, call.request, line) for line in response.stream)
        return response
    body = response.json()
    if body["kind"] in {"Status", MANY}:
        return response
    return Response(response.status, [JSON_TYPE], encode(_reduced(wanted, call.request, body)))


def _reduced(wanted: Projection, request: Request, body: Object) -> Object:
    listed = "items" in body
    if wanted.kind == TABLE:
        # In lists of built-in kinds the objects do not repeat their kind.
        kind = {"kind": str(body["kind"]).removesuffix("List"), "apiVersion": body["apiVersion"]}
        items = [{**kind, **item} for item in maps_in(body["items"])] if listed else [body]
        return _table(wanted, request, items, body["metadata"])
    if listed != (wanted.kind == MANY):
        what = "is a list" if listed else "is not a list"
        why = f"you requested {wanted.kind}, but the requested object {what}"
        raise errors.ApiError(406, "NotAcceptable", f"{why} ({body['kind']})")
    return wanted.made(metadata=body["metadata"])


def listing(wanted: Projection, metadata: Object, objects: Iterable[Object]) -> Response:
    """Return a list of objects as their metadata alone; `metadata` is the list's own."""
    items = [wanted._replace(kind=ONE).made(metadata=each["metadata"]) for each in objects]
    metadata = {key: value for key, value in metadata.items() if value}
    # An empty list is a nil slice of Go, which is null.
    return Response(200, [JSON_TYPE], encode(wanted.made(metadata=metadata, items=items or None)))


def _table(wanted: Projection, request: Request, items: list[Object], of: Object) -> Object:
    kept = ("resourceVersion", "continue", "remainingItemCount")
    metadata = {name: of[name] for name in kept if of.get(name)}
    rows = [_row(request.query.get("includeObject", "Metadata"), item) for item in items]
    return wanted.made(metadata=metadata, columnDefinitions=_COLUMNS, rows=rows)


def _row(include: str, obj: Object) -> Object:
    meta = obj["metadata"]
    shown = {"None": None, "Object": obj}.get(include, Projection(ONE, "v1").made(metadata=meta))
    return {"cells": [meta.get("name"), meta.get("creationTimestamp")], "object": shown}


def _event(wanted: Projection, request: Request, line: bytes) -> bytes:
    """Return a watch's event in another form; an error tells what it told."""
    event = json.loads(line)
    kind, obj = event["type"], event["object"]
    if kind == "ERROR" or (kind == "BOOKMARK" and wanted.kind == TABLE):
        return line
    if wanted.kind == TABLE:
        version = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        event["object"] = _table(wanted, request, [obj], version)
    else:
        event["object"] = wanted._replace(kind=ONE).made(metadata=obj["metadata"])
    return encode(event) + b"\n"
