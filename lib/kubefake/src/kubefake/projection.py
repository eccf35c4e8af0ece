# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Answers reduced to what a client accepts: objects as their metadata alone.

https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches. Tables, the
other projection of the API, are made where the API is served.
"""

import functools
import json
from collections.abc import Iterable
from typing import NamedTuple

from . import errors
from .values import Object, encode
from .wire import JSON_TYPE, Call, Request, Response, media_types

GROUP = "meta.k8s.io"
ONE, MANY = "PartialObjectMetadata", "PartialObjectMetadataList"

_JSON = {"application/json", "application/*", "*/*"}
_VERSIONS = ("v1", "v1beta1")


class Projection(NamedTuple):
    """What a client wants to have instead of objects.

    Attributes:
        kind: `PartialObjectMetadata` or `PartialObjectMetadataList`; empty for the objects.
        version: The version of the kind.
    """

    kind: str = ""
    version: str = ""


def asked(request: Request) -> Projection:
    """Return the first form that the request accepts and that can be produced.

    Raises:
        ApiError: 406 when there is none.
    """
    return _asked(request.headers.get("accept", "*/*"))


@functools.lru_cache(maxsize=1024)
def _asked(accept: str) -> Projection:
    for media, given in media_types(accept):
        if media not in _JSON:
            continue
        if "as" not in given:
            return Projection()
        found = Projection(given["as"], given.get("v", ""))
        if found.kind in (ONE, MANY) and given.get("g") == GROUP and found.version in _VERSIONS:
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
        response.stream = (_event(wanted, line) for line in response.stream)
        return response
    body = response.json()
    if body["kind"] == "Status":
        return response
    return Response(response.status, [JSON_TYPE], encode(_reduced(wanted, body)))


def _reduced(wanted: Projection, body: Object) -> Object:
    listed = "items" in body
    if listed != (wanted.kind == MANY):
        what = "is a list" if listed else "is not a list"
        why = f"you requested {wanted.kind}, but the requested object {what}"
        raise errors.ApiError(406, "NotAcceptable", f"{why} ({body['kind']})")
    if not listed:
        return _partial(wanted, body)
    return _list(wanted, body["metadata"], body["items"])


def listing(wanted: Projection, metadata: Object, objects: Iterable[Object]) -> Response:
    """Return a list of objects as their metadata alone.

    Args:
        wanted: The form of a list that a client asked for.
        metadata: The list's own.
        objects: What is in it.
    """
    return Response(200, [JSON_TYPE], encode(_list(wanted, metadata, objects)))


def _list(wanted: Projection, metadata: Object, objects: Iterable[Object]) -> Object:
    items = [_partial(wanted, item) for item in objects]
    metadata = {key: value for key, value in metadata.items() if value}
    version = f"{GROUP}/{wanted.version}"
    # An empty list is a nil slice of Go, which is null.
    return {"kind": MANY, "apiVersion": version, "metadata": metadata, "items": items or None}


def _partial(wanted: Projection, obj: Object) -> Object:
    version = f"{GROUP}/{wanted.version}"
    return {"kind": ONE, "apiVersion": version, "metadata": obj["metadata"]}


def _event(wanted: Projection, line: bytes) -> bytes:
    """Return a watch's event with the object's metadata; an error tells what it told."""
    event = json.loads(line)
    if event["type"] != "ERROR":
        event["object"] = _partial(wanted, event["object"])
    return encode(event) + b"\n"
