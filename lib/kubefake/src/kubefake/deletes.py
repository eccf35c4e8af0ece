# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Deleting objects and collections."""

from . import crds, errors, reads, selectors
from .state import State
from .store import Stored
from .values import Object, map_at
from .wire import Call, Response, respond

RETURNED = {
    *(("", name) for name in ("pods", "services", "serviceaccounts", "persistentvolumeclaims",
                              "persistentvolumes", "resourcequotas", "podtemplates")),
    ("storage.k8s.io", "storageclasses"),
}  # fmt: skip
"""Resources whose deletion is answered with the object instead of a Status."""
_KEPT = {"default", "kube-system", "kube-public"}


def delete(cluster: State, call: Call) -> Response:
    """Answer a delete."""
    old = reads.live(cluster, call)
    options = call.options()
    if call.resource.key == ("", "namespaces") and call.name in _KEPT:
        why = "this namespace may not be deleted"
        raise errors.forbidden(("", "namespaces"), call.name, why)
    _check_preconditions(call, old.obj, options)
    if call.dry_run:
        return _answer(call, old, gone=True)
    new = mark(cluster, call, old, propagation(call, options))
    return _answer(call, new or old, gone=new is None)


def _check_preconditions(call: Call, obj: Object, options: Object) -> None:
    wanted = map_at(options, "preconditions")
    meta = obj["metadata"]
    for name, title, guess in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        if wanted.get(name) not in {None, meta[name]}:
            why = (
                f"the {title} in the precondition ({wanted[name]}) does not match the {title} in "
                f"record ({meta[name]}). The object might have been {guess}"
            )
            raise errors.conflict((call.resource.group, call.resource.kind), call.name, why)


def propagation(call: Call, options: Object) -> str:
    """Return the propagation policy. Raises ApiError 422 for one that does not exist."""
    given = call.request.query.get("propagationPolicy") or options.get("propagationPolicy")
    if options.get("orphanDependents") is not None and not given:
        return "Orphan" if options["orphanDependents"] else "Background"
    if given not in {None, "Background", "Foreground", "Orphan"}:
        cause = errors.unsupported(
            "propagationPolicy", given, ["Foreground", "Background", "Orphan", "nil"]
        )
        raise errors.invalid(("meta.k8s.io", "DeleteOptions"), "", [cause])
    return given or "Background"


_HOLDS = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}


def mark(cluster: State, call: Call, old: Stored, policy: str) -> Stored | None:
    """Remove an object, or mark it for deletion while finalizers hold it.

    Returns:
        The object as it waits for its finalizers; None when it is gone.
    """
    resource, meta = call.resource, dict(old.obj["metadata"])
    finalizers = [name for name in meta.get("finalizers") or () if name not in _HOLDS.values()]
    if policy in _HOLDS:
        finalizers.append(_HOLDS[policy])
    if not finalizers and resource.key not in {("", "namespaces"), crds.TABLE}:
        cluster.store.remove(resource.key, call.key)
        return None
    if "deletionTimestamp" in meta and finalizers == (meta.get("finalizers") or []):
        return old
    if "deletionTimestamp" not in meta:
        meta["deletionTimestamp"] = cluster.now()
        if resource.key not in {("", "namespaces"), crds.TABLE}:
            meta["deletionGracePeriodSeconds"] = 0
            if meta.get("generation"):
                meta["generation"] += 1
    if finalizers:
        meta["finalizers"] = finalizers
    new: Object = {**old.obj, "metadata": meta}
    if resource.key == ("", "namespaces"):
        new["status"] = {**new.get("status", {}), "phase": "Terminating"}
    elif resource.key == crds.TABLE:
        new = crds.terminate(new, cluster.now())
    return cluster.store.put(resource.key, call.key, new, old.managers)


def _answer(call: Call, stored: Stored, *, gone: bool) -> Response:
    resource = call.resource
    if not gone or resource.key in RETURNED:
        return reads.answer(call, stored)
    details = {
        "name": stored.obj["metadata"]["name"],
        "group": resource.group,
        "kind": resource.plural,
        "uid": stored.obj["metadata"]["uid"],
    }
    status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return respond({**status, "details": {key: part for key, part in details.items() if part}})


def delete_collection(cluster: State, call: Call) -> Response:
    """Answer a deletecollection with the list of what was deleted."""
    query, resource = call.request.query, call.resource
    policy = propagation(call, call.options())
    label = selectors.labels(query.get("labelSelector", ""))
    field = selectors.fields(query.get("fieldSelector", ""), resource)
    rows = cluster.store.rows(resource.key, call.namespace)
    found = [(key, stored) for key, stored in rows if label(stored.obj) and field(stored.obj)]
    for key, stored in found if not call.dry_run else ():
        mark(cluster, Call(call.request, resource, "delete", *key, ""), stored, policy)
    metadata: Object = {"resourceVersion": str(cluster.store.revision)}
    if resource.custom:
        metadata["continue"] = ""
    return reads.listing(resource, metadata, [stored for _, stored in found])
