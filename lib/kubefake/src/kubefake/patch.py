# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Patches other than server-side apply: JSON merge patch, JSON patch and strategic merge patch."""

from typing import Any

import jsonpatch

from . import errors
from .schema import ANY, Schema
from .values import Object, is_list, is_map

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def merge(target: Any, patch: Any) -> Any:
    """Return the target with a JSON merge patch (RFC 7386) laid over it."""
    if not is_map(patch):
        return patch
    out = dict(target) if is_map(target) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge(out.get(key), value)
    return out


def json_patch(target: Any, operations: Any) -> Any:
    """Return the target after the operations of a JSON patch (RFC 6902).

    Raises:
        ApiError: 400 when it is no list, 422 for an operation that cannot be done.
    """
    if not is_list(operations):
        raise errors.bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type "
            "[]handlers.jsonPatchOp"
        )
    try:
        return jsonpatch.apply_patch(target, operations)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        message = "the server rejected our request due to an error in our request"
        raise errors.ApiError(422, "Invalid", message, {}) from error


def strategic(schema: Schema, target: Any, patch: Any) -> Any:
    """Return the target with a strategic merge patch laid over it.

    The kind's schema says how its lists are merged; the patch may have the directives `$patch`,
    `$deleteFromPrimitiveList/`, `$setElementOrder/` and `$retainKeys`.
    """
    if not is_map(patch):
        return patch
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if patch.get("$patch") == "delete":
        return {}
    out = dict(target) if is_map(target) else {}
    _directives(out, patch)
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        if value is None:
            out.pop(key, None)
        elif is_list(value):
            order = patch.get(f"$setElementOrder/{key}")
            out[key] = _strategic_list(schema.child(key), out.get(key), value, order)
        else:
            out[key] = strategic(schema.child(key), out.get(key), value)
    return out


def _directives(out: Object, patch: Object) -> None:
    keep = patch.get("$retainKeys")
    if is_list(keep):
        for key in [key for key in out if key not in keep]:
            del out[key]
    for key, value in patch.items():
        name = key.removeprefix("$deleteFromPrimitiveList/")
        if name != key and is_list(out.get(name)):
            out[name] = [item for item in out[name] if item not in value]


def _strategic_list(schema: Schema, live: Any, patch: list[Any], order: Any) -> list[Any]:
    replace = {"$patch": "replace"}
    if not schema.merge or not is_list(live) or replace in patch:
        return [item for item in patch if item != replace]
    if not schema.merge_key:
        return [*live, *(item for item in patch if item not in live)]
    key = schema.merge_key
    found = {item.get(key): item for item in live}
    ranks = {name: rank for rank, name in enumerate(found)}
    for item in patch:
        name = item.get(key)
        if item.get("$patch") == "delete":
            found.pop(name, None)
        else:
            found[name] = strategic(schema.items or ANY, found.get(name), item)
    wanted = [item.get(key) for item in (order if is_list(order) else patch)]
    return [found[name] for name in _interleave(found, wanted, ranks)]


def _interleave(found: Object, wanted: list[Any], ranks: dict[Any, int]) -> list[Any]:
    """Order names as the patch wants them; others stay before what they were before."""
    others = [name for name in found if name not in wanted]
    out: list[Any] = []
    for name in (name for name in wanted if name in found):
        while others and ranks.get(others[0], -1) < ranks.get(name, -1):
            out.append(others.pop(0))
        out.append(name)
    return out + others
