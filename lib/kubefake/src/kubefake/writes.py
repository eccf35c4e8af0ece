# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Writing: create and update, and the pipeline through which patches go as well."""

from typing import Any

from . import (
    access,
    correlation,
    defaults,
    errors,
    fields,
    managed,
    rbac,
    reads,
    reviews,
    rules,
    strategy,
    structural,
)
from .fields import Fields
from .managed import Manager, Managers, Write
from .resources import Resource
from .schema import Schema
from .state import State
from .store import Stored
from .values import Object, at, copy, dumps, is_map
from .wire import Call, Response, content_type

_STATUS: Fields = {("f:status",)}
_SPEC: Fields = {("f:spec",)}
_SPEC_AND_METADATA: Fields = {("f:spec",), ("f:metadata",)}
_SPEC_AND_LABELS: Fields = {("f:spec",), ("f:metadata", "f:labels")}
_NONE: Fields = set()


def _ignored(call: Call) -> Fields:
    """Return the fields that an endpoint does not let its callers set."""
    if "status" not in call.resource.subresources:
        return _NONE
    if call.subresource != "status":
        return _STATUS
    if not call.resource.custom:
        return _SPEC_AND_LABELS
    return _SPEC_AND_METADATA if call.resource.minor >= 36 else _SPEC


def write_of(cluster: State, call: Call, operation: str, managers: Managers) -> Write:
    """Return a call as a write over what has owners."""
    writer = Manager(call.manager, operation, call.resource.api_version, call.subresource)
    return Write(call.resource.schema, managers, writer, cluster.now(), _ignored(call))


def body(call: Call) -> Object:
    """Return the object that was sent. Raises ApiError 400 or 415 when it cannot be read."""
    content_type(call)
    value = call.request.payload()
    if not is_map(value):
        raise errors.bad_request("the object provided is unrecognized (must be of type object)")
    return copy(value) if value is call.request.body else value


def check_kind(call: Call, obj: Object) -> None:
    """Refuse an object of another kind than the path's.

    Raises:
        ApiError: 400, or 422 for another kind of custom object.
    """
    resource = call.resource
    if resource.custom:
        _check_custom_kind(resource, obj)
    obj.setdefault("apiVersion", resource.api_version)
    obj.setdefault("kind", resource.kind)
    if obj["apiVersion"] != resource.api_version:
        raise errors.bad_request(
            f"the API version in the data ({obj['apiVersion']}) does not match the expected API "
            f"version ({resource.api_version})"
        )
    if obj["kind"] != resource.kind:
        raise errors.bad_request(
            f'{obj["kind"]} in version "{resource.version}" cannot be handled as a '
            f"{resource.kind}: the kind in the data is not that of the resource"
        )


def _check_custom_kind(resource: Resource, obj: Object) -> None:
    for key, name in (("kind", "Kind"), ("apiVersion", "apiVersion")):
        if not obj.get(key):
            raise errors.bad_request(
                f"the object provided is unrecognized (must be of type {resource.kind}): Object "
                f"'{name}' is missing in '{dumps(obj)}'"
            )
    if obj["kind"] != resource.kind:
        cause = errors.invalid_value("kind", obj["kind"], f"must be {resource.kind}")
        name = str(at(obj, "metadata", "name") or "")
        raise errors.invalid((resource.group, obj["kind"]), name, [cause])


def decode(call: Call, obj: Object, *, strict: bool = True) -> Object:
    """Read an object as the server's decoder does: types, unknown fields, defaults.

    Args:
        call: The call; warnings about unknown fields are added to it.
        obj: The object, changed in place.
        strict: Unknown fields are reported.

    Raises:
        ApiError: 400 when a value has a type that cannot be read.
    """
    resource = call.resource
    check_kind(call, obj)
    if not is_map(obj.get("metadata")):
        obj["metadata"] = {}
    schema, part = strict_part(resource, obj)
    wrong = structural.mismatch(schema, part)
    if wrong:
        raise _unreadable(resource, wrong)
    structural.drop_empty(schema, part)
    if resource.custom:
        structural.drop_forbidden_nulls(resource.schema, obj)
    unknown = structural.prune(resource.schema, obj)
    if strict:
        _report(call, [f'unknown field "{path}"' for path in unknown])
    try:
        fill(resource, obj)
    except ValueError as error:
        raise _unreadable(resource, str(error)) from error
    return obj


def strict_part(resource: Resource, obj: Object) -> tuple[Schema, Any]:
    """Return what of an object has to have Go's types, with its schema: all but custom fields."""
    if resource.custom:
        return resource.schema.child("metadata"), obj["metadata"]
    return resource.schema, obj


def _unreadable(resource: Resource, why: str) -> errors.ApiError:
    what = f'{resource.kind} in version "{resource.version}"'
    return errors.bad_request(f"{what} cannot be handled as a {resource.kind}: {why}")


def _report(call: Call, unknown: list[str]) -> None:
    mode = call.request.query.get("fieldValidation", "Warn")
    if unknown and mode == "Strict":
        reason = f"strict decoding error: {', '.join(unknown)}"
        raise _unreadable(call.resource, reason)
    if mode == "Warn":
        call.warnings += unknown


def fill(resource: Resource, obj: Object) -> None:
    """Fill in defaults, in place. Raises ValueError for unreadable quantities and base64."""
    structural.fill(resource.schema, obj)
    dynamic = None if resource.custom else defaults.DYNAMIC.get((resource.group, resource.kind))
    if dynamic is not None:
        dynamic(obj)


def bare(obj: Object) -> Object:
    """Return the object without managedFields."""
    metadata = obj.get("metadata")
    if not is_map(metadata) or "managedFields" not in metadata:
        return obj
    kept = {key: value for key, value in metadata.items() if key != "managedFields"}
    return {**obj, "metadata": kept}


def create(cluster: State, call: Call) -> Response:
    """Answer a create."""
    if call.subresource == reviews.TOKENS:
        return reviews.create_token(cluster, call, body(call))
    obj = decode(call, body(call))
    check_place(call, obj)
    if call.resource.group == reviews.GROUP:
        return reviews.create(cluster, call, obj)
    _name(cluster, call, obj)
    return reads.answer(call, insert(cluster, call, bare(obj)), 201)


def check_place(call: Call, obj: Object) -> None:
    """Give the object the namespace of the path. Raises ApiError 400 when it says another one."""
    meta = obj["metadata"]
    if not call.namespace:
        meta.pop("namespace", None)
    elif meta.setdefault("namespace", call.namespace) != call.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if call.name and meta.setdefault("name", call.name) != call.name:
        raise errors.bad_request(
            f"the name of the object ({meta['name']}) does not match the name on the URL "
            f"({call.name})"
        )


def _name(cluster: State, call: Call, obj: Object) -> None:
    meta = obj["metadata"]
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = meta["generateName"] + cluster.suffix()
    call.name = meta.get("name", "")


def mutated(cluster: State, call: Call, obj: Object) -> Object:
    """Return what mutating admission makes of an object; the same object if nothing."""
    if call.subresource:
        return obj
    for mutate in cluster.mutators:
        obj = mutate(call, obj)
    return obj


def insert(cluster: State, call: Call, obj: Object, managers: Managers | None = None) -> Stored:
    """Store a new object, decoded, whose fields' owners are known already or the writer.

    Raises:
        ApiError: As a create is refused.
    """
    resource = call.resource
    access.check_place(cluster, call)
    if managers is None:
        write = write_of(cluster, call, "Update", {})
        managers = managed.update(write, strategy.zero(resource), obj)
    obj = {**obj, "metadata": {**obj["metadata"]}}
    if obj["metadata"].pop("resourceVersion", None):
        raise errors.failed("resourceVersion should not be set on objects to be created")
    obj["metadata"].pop("uid", None)
    obj = mutated(cluster, call, obj)
    strategy.prepare(resource, None, obj, cluster)
    _stamp(cluster, resource, obj)
    rbac.check_grant(cluster, call, None, obj)
    _validate(resource, None, obj)
    if cluster.store.get(resource.key, call.key) is not None:
        raise errors.already_exists(resource.key, call.name)
    return _store(cluster, call, None, obj, managers)


def _stamp(cluster: State, resource: Resource, obj: Object) -> None:
    """Write what only the server may write into a new object's metadata."""
    meta = obj["metadata"]
    for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
        meta.pop(name, None)
    if "uid" not in meta:
        meta["uid"] = cluster.uid()
    meta["creationTimestamp"] = cluster.now()
    if resource.generation:
        meta["generation"] = 1


def _validate(resource: Resource, old: Object | None, new: Object) -> None:
    causes = strategy.validate(resource, old, new)
    if resource.custom:
        before = correlation.ABSENT if old is None else correlation.Optional(True, old)
        causes += structural.validate(resource.schema, new, old=before)
        causes += rules.validate(resource.schema, new, old, causes)
    if causes:
        name = new["metadata"].get("name", "")
        raise errors.invalid((resource.group, resource.kind), name, causes)


def _store(
    cluster: State, call: Call, old: Stored | None, obj: Object, managers: Managers
) -> Stored:
    """Write an object and its owners, unless it is a dry run."""
    entries = managed.write(managers)
    if entries:
        obj = {**obj, "metadata": {**obj["metadata"], "managedFields": entries}}
    if call.resource.custom:
        obj = cluster.to_storage_version(call.resource, obj)
    if call.dry_run:
        return Stored(obj, old.revision if old else 0, managers)
    stored = cluster.store.put(call.resource.key, call.key, obj, managers)
    return cluster.store.remove(call.resource.key, call.key) if _finished(obj) else stored


def _finished(obj: Object) -> bool:
    """Tell whether the last finalizer of an object that is being deleted is gone."""
    meta = obj["metadata"]
    held = meta.get("finalizers") or (obj["kind"] == "Namespace" and obj["spec"]["finalizers"])
    return "deletionTimestamp" in meta and not held


def update(cluster: State, call: Call) -> Response:
    """Answer a PUT."""
    obj = decode(call, body(call))
    check_place(call, obj)
    old = cluster.store.get(call.resource.key, call.key)
    if old is None and call.resource.upsert and not call.subresource:
        access.allow(cluster, call, "create")
        return reads.answer(call, insert(cluster, call, bare(obj)), 201)
    old = reads.live(cluster, call)
    version = obj["metadata"].get("resourceVersion")
    strict = {"admissionregistration.k8s.io", "apiextensions.k8s.io"}
    if not version and (call.resource.custom or call.resource.group in strict):
        cause = errors.invalid_value(
            "metadata.resourceVersion", 0, "must be specified for an update"
        )
        raise errors.invalid(call.resource.key, call.name, [cause])
    return reads.answer(call, replace(cluster, call, old, obj))


def replace(
    cluster: State, call: Call, old: Stored, new: Object, managers: Managers | None = None
) -> Stored:
    """Store a new version of an object; nothing is written when nothing differs.

    The new version is decoded; the owners of its fields may be known already.

    Raises:
        ApiError: As an update is refused.
    """
    resource = call.resource
    live = bare(reads.converted(resource, old.obj))
    _check_identity(call, old.obj, new)
    base = _base(call, old, new["metadata"].get("managedFields"))
    new = bare(new)
    if managers is None:
        write = write_of(cluster, call, "Update", base)
        managers = base and managed.update(write, live, new)
    if call.subresource == "status":
        new = _with_status(live, new)
    elif "status" in resource.subresources:
        new = _with_status(new, live)
    new = {**new, "metadata": _kept(live["metadata"], new["metadata"])}
    new = mutated(cluster, call, new)
    strategy.prepare(resource, live, new, cluster)
    if _counts(resource, live, new):
        new["metadata"]["generation"] = live["metadata"].get("generation", 0) + 1
    rbac.check_grant(cluster, call, live, new)
    _validate(resource, live, new)
    if fields.equal(resource.schema, new, live) and _same(managers, old.managers):
        return old
    return _store(cluster, call, old, new, managers)


def _with_status(old: Object, sent: Object) -> Object:
    """Return the stored object with the status that was sent, and nothing else of it."""
    new = dict(old)
    new.pop("status", None)
    if "status" in sent:
        new["status"] = sent["status"]
    fields = sent.get("metadata")
    if is_map(fields) and "managedFields" in fields:
        new["metadata"] = {**old["metadata"], "managedFields": fields["managedFields"]}
    return new


def _base(call: Call, old: Stored, given: Any) -> Managers:
    """Return the owners before an update, whose object may carry owners itself.

    An empty list, or one empty entry, resets them; from then on nobody is recorded.
    """
    if given is None or call.subresource or given == old.obj["metadata"].get("managedFields"):
        return old.managers
    if given in ([], [{}]):
        return {}
    return managed.read({"metadata": {"managedFields": given}}) or old.managers


def _same(left: Managers, right: Managers) -> bool:
    """Tell whether the owners are the same, whenever they wrote."""
    before, after = (
        {key: owned.fields for key, owned in managers.items()} for managers in (left, right)
    )
    return before == after


def check_version(call: Call, old: Object, new: Object) -> None:
    """Refuse a new version of an object that was made from another one than the stored.

    Raises:
        ApiError: 409.
    """
    version = new["metadata"].get("resourceVersion")
    if version and version != old["metadata"]["resourceVersion"]:
        raise errors.modified(call.resource.key, call.name)


def _check_identity(call: Call, old: Object, new: Object) -> None:
    resource, meta = call.resource, new["metadata"]
    check_version(call, old, new)
    uid = meta.get("uid")
    if uid and uid != old["metadata"]["uid"]:
        why = (
            f"Precondition failed: UID in precondition: {uid}, UID in object meta: "
            f"{old['metadata']['uid']}"
        )
        raise errors.conflict(resource.key, call.name, why)


_SERVER_SET = {
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generateName",
    "generation", "name", "namespace", "resourceVersion", "uid",
}  # fmt: skip


def _kept(old: Object, new: Object) -> Object:
    """Return new metadata with what clients may not change taken from the old."""
    out = {name: value for name, value in new.items() if name not in _SERVER_SET}
    return out | {name: value for name, value in old.items() if name in _SERVER_SET}


def _counts(resource: Resource, old: Object, new: Object) -> bool:
    """Tell whether a change is one that metadata.generation counts."""
    if not resource.generation:
        return False
    skipped = {"metadata", "apiVersion", "kind"}
    if "status" in resource.subresources or not resource.custom:
        skipped.add("status")
    keys = (set(old) | set(new)) - skipped
    before, after = ({key: obj.get(key) for key in keys} for obj in (old, new))
    return not fields.equal(resource.schema, before, after)
