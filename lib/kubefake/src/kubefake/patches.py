# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Answering patches: the four kinds, from the request to the pipeline of writes."""

from typing import Any

from . import access, errors, fields, managed, patch, reads, structural, writes
from .errors import ApiError
from .fields import TypedError
from .managed import Manager, Managers, Write
from .state import State
from .store import Stored
from .values import Object, at, copy, dumps, is_map
from .wire import Call, Response, content_type


def patched(cluster: State, call: Call) -> Response:
    """Answer a PATCH."""
    kind = content_type(call)
    if kind == patch.APPLY:
        return _applied(cluster, call)
    change = call.request.payload()
    old = reads.live(cluster, call)
    base = reads.converted(call.resource, old.obj)
    new = _decoded(call, _change(call, kind, base, change))
    writes.check_place(call, new)
    _check_uid(call, old, new)
    return reads.answer(call, writes.replace(cluster, call, old, new))


def _change(call: Call, kind: str, base: Object, change: Any) -> Any:
    if kind == patch.JSON:
        return patch.json_patch(base, change)
    if not is_map(change):
        raise errors.bad_request(
            "error decoding patch: json: cannot unmarshal array into Go value of type "
            "map[string]interface {}"
        )
    if kind == patch.STRATEGIC:
        return patch.strategic(call.resource.schema, base, change)
    return patch.merge(base, change)


def _decoded(call: Call, new: Any) -> Object:
    """Read what a patch leaves; the patch is at fault where that cannot be read."""
    try:
        if not is_map(new):
            raise errors.bad_request("the patch does not leave an object")
        return writes.decode(call, copy(new))
    except ApiError as error:
        if "strict decoding error" in error.message:
            raise
        cause = errors.invalid_value("patch", dumps(new), error.message)
        raise errors.invalid(("", ""), "", [cause]) from error


def _check_uid(call: Call, old: Stored, new: Object) -> None:
    uid = new["metadata"].get("uid")
    if uid and uid != old.obj["metadata"]["uid"]:
        cause = errors.invalid_value("metadata.uid", uid, "field is immutable")
        raise errors.invalid((call.resource.group, call.resource.kind), call.name, [cause])


def _applied(cluster: State, call: Call) -> Response:
    """Answer a server-side apply; one that is known to change nothing is answered at once."""
    known = (call.key, call.user, call.manager, call.subresource, call.request.body, _forced(call))
    found = cluster.store.get(call.resource.key, call.key)
    if found and isinstance(call.request.body, bytes):
        if found.settled.get(known) is call.resource:
            return reads.answer(call, found)
        response = _apply_config(cluster, call)
        if response.status == 200 and cluster.store.get(call.resource.key, call.key) is found:
            found.settled[known] = None if call.dry_run else call.resource
        return response
    return _apply_config(cluster, call)


def _forced(call: Call) -> bool:
    return call.request.query.get("force") in {"true", "1"}


def _apply_config(cluster: State, call: Call) -> Response:
    config = _configuration(call)
    old = cluster.store.get(call.resource.key, call.key)
    if old is None:
        return _applied_anew(cluster, call, config)
    writes.check_place(call, config)
    _check_uid(call, old, config)
    live = writes.bare(reads.converted(call.resource, old.obj))
    merged, managers = _apply(cluster, call, live, config, _known(cluster, call, old))
    same = fields.equal(call.resource.schema, merged, live)
    if same and managers == old.managers and writes.mutated(cluster, call, live) is live:
        writes.check_version(call, old.obj, config)
        return reads.answer(call, old)
    new = _finished(call, copy(merged))
    return reads.answer(call, writes.replace(cluster, call, old, new, managers))


def _applied_anew(cluster: State, call: Call, config: Object) -> Response:
    resource, meta = call.resource, config["metadata"]
    if call.subresource:
        raise errors.not_found(resource.key, call.name)
    if meta.get("uid"):
        why = (
            f"uid mismatch: the provided object specified uid {meta['uid']}, and no existing "
            "object was found"
        )
        raise errors.conflict(resource.key, call.name, why)
    if not meta.get("name"):
        raise errors.bad_request(
            f"the name of the object ({call.name} based on URL) was undeterminable: name must be "
            "provided"
        )
    writes.check_place(call, config)
    access.allow(cluster, call, "create")
    merged, managers = _apply(cluster, call, {}, config, {})
    return reads.answer(call, writes.insert(cluster, call, _finished(call, merged), managers), 201)


def _finished(call: Call, obj: Object) -> Object:
    """Bring a merged object into the form of a decoded one, in place."""
    schema, part = writes.strict_part(call.resource, obj)
    structural.drop_empty(schema, part)
    try:
        writes.fill(call.resource, obj)
    except ValueError as error:
        where = _where(call, obj["metadata"])
        message = f"failed to convert new object ({where}) to proper version: {error}"
        raise errors.failed(message) from error
    return obj


def _known(cluster: State, call: Call, old: Stored) -> Managers:
    """Return the owners; where none were ever recorded, everything is someone else's."""
    if old.managers:
        return old.managers
    nobody = Manager("before-first-apply", "Update", call.resource.api_version, "")
    live = writes.bare(old.obj)
    return managed.update(Write(call.resource.schema, {}, nobody, cluster.now()), {}, live)


def _configuration(call: Call) -> Object:
    """Return the configuration to be applied."""
    if not call.request.query.get("fieldManager"):
        cause = errors.required("fieldManager", "is required for apply patch")
        raise errors.invalid(("meta.k8s.io", "PatchOptions"), "", [cause])
    value = call.request.payload()
    config = copy(value) if value is call.request.body else value
    if not is_map(config):
        raise errors.bad_request("error decoding YAML: the configuration must be an object")
    resource = call.resource
    gvk = (config.get("apiVersion", ""), config.get("kind", ""))
    if gvk != (resource.api_version, resource.kind):
        given = gvk[0] if "/" in gvk[0] else f"/{gvk[0]}"
        raise errors.bad_request(f"invalid object type: {given}, Kind={gvk[1]}")
    if not is_map(config.get("metadata")):
        config["metadata"] = {}
    if at(config, "metadata", "managedFields") is not None:
        raise errors.bad_request("metadata.managedFields must be nil")
    return config


def _apply(
    cluster: State, call: Call, live: Object, config: Object, managers: Managers
) -> tuple[Object, Managers]:
    """Apply the configuration in the schema's terms; what does not fit is a 500."""
    where = _where(call, config["metadata"])
    try:
        problem = structural.mismatch(call.resource.schema, config, declared=True)
        if problem:
            raise TypedError(problem)
        write = writes.write_of(cluster, call, "Apply", managers)
        return managed.apply(write, live, config, force=_forced(call))
    except TypedError as error:
        message = f"failed to create typed patch object ({where}): {error}"
        raise errors.failed(message) from error


def _where(call: Call, meta: Object) -> str:
    resource = call.resource
    version = f"{resource.group}/{resource.version}"
    place = f"{meta.get('namespace', '')}/{meta.get('name', '')}"
    return f"{place}; {version}, Kind={resource.kind}"
