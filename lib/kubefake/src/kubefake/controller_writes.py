# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Writes of controllers: without a request, and as their own field managers."""

from . import deletes, managed, rbac, resources, writes
from .managed import Manager, Managers, Write
from .state import State
from .store import Key, Stored, Table
from .values import Object, at, copy
from .wire import Call, Request

CONTROLLER = "kube-controller-manager"


def install(cluster: State, group: str, plural: str, obj: Object) -> Stored:
    """Store a new object of a built-in resource as a controller would.

    Raises:
        ApiError: 422 when it is invalid.
    """
    resource = resources.builtin(cluster.release)[group, plural]
    meta = obj["metadata"]
    request = Request("POST", "", user="system:kube-controller-manager")
    namespace, groups = meta.get("namespace", ""), (rbac.MASTERS,)
    call = Call(request, resource, "create", namespace, meta["name"], "", request.user, groups)
    new = writes.decode(call, copy(obj), strict=False)
    writer = Manager(CONTROLLER, "Update", resource.api_version, "")
    owners = managed.update(Write(resource.schema, {}, writer, cluster.now()), {}, new)
    return writes.insert(cluster, call, new, owners)


def rewrite(
    cluster: State, table: Table, key: Key, obj: Object, writer: Manager | None = None
) -> None:
    """Store a new version of an object as a controller would; the last finalizer frees it."""
    old = cluster.store.get(table, key)
    resource = cluster.resource_of_kind(table[0], obj["kind"])
    if old is None or resource is None:
        return
    writer = writer or Manager(CONTROLLER, "Update", obj["apiVersion"], "")
    new, write = writes.bare(obj), Write(resource.schema, old.managers, writer, cluster.now())
    _put(cluster, table, key, new, managed.update(write, writes.bare(old.obj), new))
    held = new["metadata"].get("finalizers") or at(obj, "spec", "finalizers")
    if "deletionTimestamp" in new["metadata"] and not held:
        cluster.store.remove(table, key)


def report(cluster: State, table: Table, key: Key, status: Object, name: str = CONTROLLER) -> None:
    """Write a status, if it differs, as a controller of a name would."""
    stored = cluster.store.get(table, key)
    if stored is not None and stored.obj.get("status") != status:
        writer = Manager(name, "Update", stored.obj["apiVersion"], "status")
        rewrite(cluster, table, key, {**stored.obj, "status": status}, writer)


def own(cluster: State, table: Table, key: Key, fields: Object, manager: str) -> None:
    """Apply top-level fields as a controller would: by force, and as their only owner."""
    old = cluster.store.get(table, key)
    resource = old and cluster.resource_of_kind(table[0], old.obj["kind"])
    if old is not None and resource is not None:
        writer = Manager(manager, "Apply", old.obj["apiVersion"], "")
        write = Write(resource.schema, old.managers, writer, cluster.now())
        applied, owners = managed.apply(write, writes.bare(old.obj), fields, force=True)
        _put(cluster, table, key, applied, owners)


def _put(cluster: State, table: Table, key: Key, obj: Object, owners: Managers) -> None:
    metadata = {**obj["metadata"], "managedFields": managed.write(owners)}
    cluster.store.put(table, key, {**obj, "metadata": metadata}, owners)


def discard(cluster: State, table: Table, key: Key) -> None:
    """Delete an object, if it is there, as a controller would: finalizers are honoured."""
    stored = cluster.store.get(table, key)
    if stored is None:
        return
    resource = cluster.resource_of_kind(table[0], stored.obj["kind"])
    if resource is None:
        cluster.store.remove(table, key)
        return
    request = Request("DELETE", "", user="system:kube-controller-manager")
    call = Call(request, resource, "delete", *key, "")
    deletes.mark(cluster, call, stored, "Background")
