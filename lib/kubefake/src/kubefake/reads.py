# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Reading: get, list in pages, and watch."""

import base64
import json
from collections.abc import Callable, Iterator

from . import errors, projection, selectors, structural
from .resources import Resource
from .selectors import Match
from .state import State
from .store import Change, Stored
from .values import Object, copy, encode
from .wire import JSON_TYPE, Call, Response, respond


def converted(resource: Resource, obj: Object) -> Object:
    """Return a stored object in the version that was asked for, without what that does not know.

    Conversion is that of the strategy `None`: only the apiVersion changes.

    Raises:
        ApiError: 500 when a webhook would have to convert it: none is called here.
    """
    if not resource.custom or obj.get("apiVersion") == resource.api_version:
        return obj
    if resource.webhook_converted:
        raise errors.no_conversion(str(obj.get("apiVersion")), resource.kind)
    obj = {**copy(obj), "apiVersion": resource.api_version}
    structural.prune(resource.schema, obj)
    return obj


def in_version(resource: Resource, stored: Stored) -> bytes:
    """Return an object as JSON in the version that was asked for."""
    obj = converted(resource, stored.obj)
    return stored.raw if obj is stored.obj else encode(obj)


def live(cluster: State, call: Call) -> Stored:
    """Return the object that a call names. Raises ApiError 404 when there is none."""
    stored = cluster.store.get(call.resource.key, call.key)
    if stored is None:
        raise errors.not_found(call.resource.key, call.name)
    return stored


def answer(call: Call, stored: Stored, status: int = 200) -> Response:
    """Answer with an object, in the version that was asked for."""
    return respond(in_version(call.resource, stored), status)


def get(cluster: State, call: Call) -> Response:
    """Answer a get."""
    return answer(call, live(cluster, call))


def _selector(call: Call) -> Match | None:
    """Return the call's label and field selectors as one; None where there are none."""
    query, found = call.request.query, list[Match]()
    if query.get("labelSelector"):
        found.append(selectors.labels(query["labelSelector"]))
    if query.get("fieldSelector"):
        found.append(selectors.fields(query["fieldSelector"], call.resource))
    if len(found) < 2:
        return found[0] if found else None
    return lambda obj: all(match(obj) for match in found)


def _revision(cluster: State, text: str) -> int:
    """Read a resourceVersion."""
    if not text.isdigit():
        why = f'Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise errors.bad_request(f"invalid resource version: resourceVersion: {why}")
    revision = int(text)
    if revision > cluster.store.revision:
        why = "Too large resource version"
        causes = [{"reason": "ResourceVersionTooLarge", "message": why}]
        message = f"Timeout: {why}: {revision}, current: {cluster.store.revision}"
        details = {"causes": causes, "retryAfterSeconds": 1}
        raise errors.ApiError(504, "Timeout", message, details)
    return revision


def list_objects(cluster: State, call: Call) -> Response:
    """Answer a list, one page of it where a limit is given."""
    metadata, found = _page(cluster, call)
    wanted = projection.asked(call.request)
    if wanted.kind == projection.MANY:  # at once: what it is not made of is not put into JSON
        return projection.listing(wanted, metadata, [stored.obj for stored in found])
    return listing(call.resource, metadata, found)


def _page(cluster: State, call: Call) -> tuple[Object, list[Stored]]:
    """Return the metadata of a list, and what is in it."""
    query = call.request.query
    _check_options(call)
    limit = query.get("limit") or "0"
    if not limit.isdigit():
        raise errors.bad_request(f'strconv.ParseInt: parsing "{limit}": invalid syntax')
    metadata: Object = {"continue": ""} if call.resource.custom else {}
    revision, start = _position(cluster, call)
    rows = cluster.store.rows(call.resource.key, call.namespace, revision)
    match = _selector(call)
    found = [row for row in rows if row[0] > start and (match is None or match(row[1].obj))]
    metadata["resourceVersion"] = str(revision)
    left = len(found) - int(limit)
    if int(limit) and left > 0:
        found = found[: int(limit)]
        metadata["continue"] = _token(revision, found[-1][0])
        if match is None:
            metadata["remainingItemCount"] = left
    return metadata, [stored for _, stored in found]


def _check_options(call: Call) -> None:
    """Refuse combinations of list options that make no sense. Raises ApiError 422."""
    query, name = call.request.query, "resourceVersionMatch"
    match, initial = query.get(name, ""), query.get("sendInitialEvents", "")
    why = None
    if match not in {"", "Exact", "NotOlderThan"}:
        why = errors.unsupported(name, match, ["Exact", "NotOlderThan", ""])
    elif initial and match != "NotOlderThan":
        text = f"sendInitialEvents requires setting {name} to NotOlderThan"
        why = errors.not_allowed(name, text)
    elif match and not initial and not query.get("resourceVersion"):
        why = errors.not_allowed(name, f"{name} is forbidden unless resourceVersion is provided")
    if why:
        raise errors.invalid(("meta.k8s.io", "ListOptions"), "", [why])


def _position(cluster: State, call: Call) -> tuple[int, tuple[str, str]]:
    """Return the resourceVersion to list at, and the last object that is known already."""
    query = call.request.query
    if query.get("continue"):
        return _continued(cluster, query["continue"])
    known, text = cluster.store.revision, query.get("resourceVersion", "0")
    wanted = _revision(cluster, text) if text not in {"", "0"} else known
    exact = query.get("resourceVersionMatch") == "Exact"
    return _still_known(cluster, wanted) if exact else known, ("", "")


def listing(resource: Resource, metadata: Object, found: list[Stored]) -> Response:
    """Put a list together from the objects' own JSON; built-in ones do not repeat their kind."""
    kind = {"kind": resource.list_kind, "apiVersion": resource.api_version}
    head = encode({**kind, "metadata": metadata})
    items = b",".join(
        in_version(resource, stored) if resource.custom else stored.item for stored in found
    )
    return Response(200, [JSON_TYPE], b'%b,"items":[%b]}' % (head[:-1], items))


def _token(revision: int, last: tuple[str, str]) -> str:
    value = {"v": "meta.k8s.io/v1", "rv": revision, "start": "\0".join(last)}
    return base64.urlsafe_b64encode(encode(value)).decode()


def _continued(cluster: State, token: str) -> tuple[int, tuple[str, str]]:
    try:
        value = json.loads(base64.urlsafe_b64decode(token))
        namespace, _, name = value["start"].partition("\0")
        revision = int(value["rv"])
    except (ValueError, KeyError, TypeError) as error:
        message = f"invalid continue token: continue key is not valid: {error}"
        raise errors.bad_request(message) from error
    return _still_known(cluster, revision), (namespace, name)


def _still_known(cluster: State, revision: int) -> int:
    if revision < cluster.store.oldest:
        raise errors.expired(
            "The provided continue parameter is too old to display a consistent list result. You "
            "can start a new list without the continue parameter."
        )
    return revision


def watch(cluster: State, call: Call, idle: Callable[[], bool]) -> Response:
    """Answer a watch: what is known now, then what happens, as long as anything can.

    The stream ends where no more is known and `idle` says that nothing will happen; a reader that
    writes between two lines sees its own writes. `allowWatchBookmarks` puts a bookmark at the end.
    """
    _check_options(call)
    text = call.request.query.get("resourceVersion", "")
    known = None if text in {"", "0"} else _revision(cluster, text)
    match: Match = _selector(call) or (lambda _: True)
    return Response(200, [JSON_TYPE], stream=_events(cluster, call, match, known, idle))


def _line(kind: str, obj: Object | bytes) -> bytes:
    body = obj if isinstance(obj, bytes) else encode(obj)
    return b'{"type":"%b","object":%b}\n' % (kind.encode(), body)


def _events(
    cluster: State, call: Call, match: Match, known: int | None, idle: Callable[[], bool]
) -> Iterator[bytes]:
    resource, store, query = call.resource, cluster.store, call.request.query
    listed = query.get("sendInitialEvents") == "true"
    position = store.revision if known is None or listed else known
    if known is None or listed:
        for _, stored in store.rows(resource.key, call.namespace):
            if match(stored.obj):
                yield _line("ADDED", in_version(resource, stored))
    if listed:
        yield _bookmark(resource, position, initial_end=True)
    while position >= store.oldest:
        news = store.since(position)
        if not news and not idle():
            if query.get("allowWatchBookmarks") in {"true", "1"}:
                yield _bookmark(resource, position)
            return
        for change in news:
            position = change.revision
            yield from _event(call, change, match)
    error = errors.expired(f"too old resource version: {position} ({store.oldest})")
    yield _line("ERROR", error.status())


def _event(call: Call, change: Change, match: Match) -> Iterator[bytes]:
    """Yield what one change means to a watcher with a selector."""
    if change.table != call.resource.key:
        return
    if call.namespace and change.key[0] != call.namespace:
        return
    was = change.old is not None and match(change.old.obj)
    if change.new is not None and match(change.new.obj):
        yield _line("MODIFIED" if was else "ADDED", in_version(call.resource, change.new))
    elif was and change.old is not None:
        old = change.old.obj
        metadata = {**old["metadata"], "resourceVersion": str(change.revision)}
        gone = Stored({**old, "metadata": metadata}, change.revision)
        yield _line("DELETED", in_version(call.resource, gone))


def _bookmark(resource: Resource, revision: int, *, initial_end: bool = False) -> bytes:
    metadata: Object = {"resourceVersion": str(revision), "creationTimestamp": None}
    if initial_end:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    obj = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
    return _line("BOOKMARK", obj)
