# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The controllers that charms depend on. They run to rest after every write.

What they do is taken from kube-controller-manager and apiextensions-apiserver: a namespace's
default objects and its end, garbage collection, aggregated cluster roles, and the life of custom
resource definitions.
"""

from collections.abc import Callable
from typing import Any

from . import crds, knative, replicas, selectors, services
from .access import NAMESPACES
from .controller_writes import discard, install, own, report, rewrite
from .defaults import RBAC
from .managed import Manager
from .state import State
from .store import Change, Key, Stored, Table
from .values import Object, at, list_at, map_at, maps_in, replaced

CLUSTER_ROLES = (RBAC, "clusterroles")
SERVICES = ("", "services")
CLAIMS = ("", "persistentvolumeclaims")
CRD_WRITER = Manager("kube-apiserver", "Update", "apiextensions.k8s.io/v1", "status")
_CA_DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal "
    "endpoints such as the internal service IP or kubernetes.default.svc. No other usage is "
    "guaranteed across distributions of Kubernetes clusters."
)


def settle(cluster: State, since: int) -> None:
    """Let every controller see the changes after a resourceVersion, and those they cause."""
    while True:
        news = cluster.store.since(since)
        if not news:
            return
        since = news[-1].revision
        for change in news:
            _see(cluster, change)


def _see(cluster: State, change: Change) -> None:
    """Let every controller see a change."""
    (group, plural), (namespace, _) = change.table, change.key
    if change.table in _BY_TABLE:
        _BY_TABLE[change.table](cluster, change)
    if cluster.pods and change.table in replicas.WATCHED:
        replicas.sync(cluster, namespace)
    _collect(cluster, change)
    if change.new is None:
        _tend_namespace(cluster, namespace)
        definition = ("", f"{plural}.{group}")
        stored = cluster.store.get(crds.TABLE, definition)
        if stored and stored.ending:
            _tend_definition(cluster, definition)


def _current(cluster: State, change: Change) -> Stored | None:
    """Return the object that changed, unless a later change is still to be seen."""
    stored = cluster.store.get(change.table, change.key)
    seen = stored and change.new and stored.revision == change.new.revision
    return stored if seen else None


def _namespace(cluster: State, change: Change) -> None:
    _tend_namespace(cluster, change.key[1])


def _tend_namespace(cluster: State, name: str) -> None:
    """Let a namespace have what every one has, or come to its end."""
    stored = cluster.store.get(NAMESPACES, ("", name))
    if stored is not None and stored.ending:
        _empty(cluster, name)
    elif stored is not None:
        _furnish(cluster, name)


def _furnish(cluster: State, name: str) -> None:
    """Create what every namespace has."""
    account: Object = {"metadata": {"name": "default"}}
    certificate: Object = {
        "metadata": {
            "name": "kube-root-ca.crt",
            "annotations": {"kubernetes.io/description": _CA_DESCRIPTION},
        },
        "data": {"ca.crt": cluster.ca},
    }
    for plural, obj in (("serviceaccounts", account), ("configmaps", certificate)):
        if cluster.store.get(("", plural), (name, obj["metadata"]["name"])) is None:
            install(cluster, "", plural, replaced(obj, name, "metadata", "namespace"))


def _empty(cluster: State, name: str) -> None:
    """Delete what is in a namespace; drop its finalizer once nothing is left."""
    for table, key, _ in list(cluster.store.everything()):
        if key[0] == name:
            discard(cluster, table, key)
    stored = cluster.store.get(NAMESPACES, ("", name))
    if stored is None or any(key[0] == name for _, key, _ in cluster.store.everything()):
        return
    new = replaced(stored.obj, [], "spec", "finalizers")
    if new["metadata"].get("finalizers"):
        rewrite(cluster, NAMESPACES, ("", name), new)
    else:
        cluster.store.remove(NAMESPACES, ("", name))


def _collect(cluster: State, change: Change) -> None:
    """Collect garbage: dependents of what is gone, and what came too late."""
    if change.new is None and change.old is not None:
        _free_owners(cluster, change.old.obj)
        for table, key, stored in cluster.store.owned_by(change.old.obj["metadata"]["uid"]):
            _release(cluster, table, key, stored)
        return
    stored = _current(cluster, change)
    if stored is None:
        return
    if stored.ending:
        _propagate(cluster, change.table, change.key, stored)
    elif stored.obj["metadata"].get("ownerReferences"):
        _release(cluster, change.table, change.key, stored)


def _place(cluster: State, owner: Object, namespace: str) -> tuple[Table, Key] | None:
    """Return where an owner lies; None for kinds that are not served, and out of a namespace."""
    group, _, _ = str(owner.get("apiVersion", "")).rpartition("/")
    resource = cluster.resource_of_kind(group, str(owner.get("kind", "")))
    if resource is None or (resource.namespaced and not namespace):
        return None
    return resource.key, (namespace if resource.namespaced else "", str(owner.get("name", "")))


def _free_owners(cluster: State, gone: Object) -> None:
    """Let owners go that were waiting for a dependent to be gone."""
    for owner in maps_in(gone["metadata"].get("ownerReferences")):
        place = _place(cluster, owner, gone["metadata"].get("namespace", ""))
        stored = cluster.store.get(*place) if place else None
        if place and stored and stored.ending:
            _propagate(cluster, *place, stored)


def _release(cluster: State, table: Table, key: Key, stored: Stored) -> None:
    """Delete a dependent that has no owner left; else drop references to owners that are gone."""
    owners = list(maps_in(stored.obj["metadata"].get("ownerReferences")))
    gone = [owner for owner in owners if not _exists(cluster, owner, key[0])]
    if gone == owners:
        discard(cluster, table, key)
    elif gone:
        _drop(cluster, table, key, "ownerReferences", gone)


def _exists(cluster: State, owner: Object, namespace: str) -> bool:
    """Tell whether an owner exists; of those whose place is not known nothing is."""
    place = _place(cluster, owner, namespace)
    found = cluster.store.get(*place) if place else None
    return not place or (found is not None and found.obj["metadata"]["uid"] == owner.get("uid"))


def _propagate(cluster: State, table: Table, key: Key, stored: Stored) -> None:
    """Do what the deletion's propagation policy says, then let the object go."""
    meta = stored.obj["metadata"]
    finalizers: list[str] = meta.get("finalizers") or []
    if "orphan" in finalizers:
        for dependent, place, each in cluster.store.owned_by(meta["uid"]):
            owners = each.obj["metadata"]["ownerReferences"]
            gone = [owner for owner in owners if owner["uid"] == meta["uid"]]
            _drop(cluster, dependent, place, "ownerReferences", gone)
        _drop(cluster, table, key, "finalizers", ["orphan"])
    elif "foregroundDeletion" in finalizers:
        for dependent, place, _ in cluster.store.owned_by(meta["uid"]):
            discard(cluster, dependent, place)
        if not cluster.store.owned_by(meta["uid"]):
            _drop(cluster, table, key, "finalizers", ["foregroundDeletion"])


def _drop(cluster: State, table: Table, key: Key, field: str, gone: list[Any]) -> None:
    """Drop entries of a list in an object's metadata."""
    stored = cluster.store.get(table, key)
    if stored is not None:
        left = [each for each in stored.obj["metadata"].get(field) or () if each not in gone]
        rewrite(cluster, table, key, replaced(stored.obj, left or None, "metadata", field))


def _roles(cluster: State, change: Change) -> None:
    """Fill in the rules of aggregated cluster roles that a change concerns."""
    rows = cluster.store.rows(CLUSTER_ROLES)
    for key, stored in rows:
        rule = stored.obj.get("aggregationRule")
        if not rule or (key != change.key and not _is_gathered(rule, change)):
            continue
        rules = _gathered(rule, [each.obj for other, each in rows if other != key])
        if (stored.obj.get("rules") or []) != rules:
            writer = "clusterrole-aggregation-controller"
            own(cluster, CLUSTER_ROLES, key, {"rules": rules or None}, writer)


def _service(cluster: State, change: Change) -> None:
    """Give a Service an address from outside the cluster, where there is who does."""
    stored = _current(cluster, change)
    if stored is None or not cluster.load_balancer:
        return
    balanced = at(stored.obj, "spec", "type") == "LoadBalancer"
    if balanced and not services.has_address(stored.obj):
        status = services.balanced(row.obj for _, row in cluster.store.rows(SERVICES))
        report(cluster, SERVICES, change.key, status, services.BALANCER)


def _component(cluster: State, change: Change) -> None:
    """Report a component of Knative as ready, where there is who installs it."""
    stored = _current(cluster, change)
    if stored and cluster.knative_operator and not knative.is_reported(stored.obj):
        report(cluster, change.table, change.key, knative.status(stored.obj), knative.MANAGER)


def _is_gathered(rule: Object, change: Change) -> bool:
    """Tell whether what has changed is, or was, among the roles that a rule gathers."""
    labels = [map_at(each.obj, "metadata", "labels") for each in (change.old, change.new) if each]
    chosen = rule.get("clusterRoleSelectors") or ()
    return any(selectors.matches(selector, each) for selector in chosen for each in labels)


def _gathered(rule: Object, roles: list[Object]) -> list[Object]:
    found: list[Object] = []
    for selector in rule.get("clusterRoleSelectors") or ():
        for role in roles:
            if selectors.matches(selector, map_at(role, "metadata", "labels")):
                found += [each for each in role.get("rules") or () if each not in found]
    return found


def _crd(cluster: State, change: Change) -> None:
    cluster.forget_resources()
    if _current(cluster, change) is not None:
        _tend_definition(cluster, change.key)


def _tend_definition(cluster: State, key: Key) -> None:
    """Accept names, establish, and clean up a custom resource definition."""
    stored = cluster.store.get(crds.TABLE, key)
    if stored is None:
        return
    if stored.ending:
        new = crds.clean_up(stored.obj, cluster.now())
    else:
        others = [each.obj for other, each in cluster.store.rows(crds.TABLE) if other != key]
        new = crds.accept(stored.obj, others, cluster.now())
        if not crds.established(new) and cluster.crd_delay:
            cluster.waiting.setdefault(key, cluster.crd_delay)
        elif not crds.established(new):
            new = crds.establish(new, cluster.now())
    if new != stored.obj:
        rewrite(cluster, crds.TABLE, key, new, CRD_WRITER)
    elif stored.ending:
        _end_of_crd(cluster, key, stored.obj["spec"])


def establish(cluster: State, key: Key) -> None:
    """Establish a definition that has waited for it."""
    stored = cluster.store.get(crds.TABLE, key)
    if stored is not None:
        before = cluster.store.revision
        rewrite(cluster, crds.TABLE, key, crds.establish(stored.obj, cluster.now()), CRD_WRITER)
        settle(cluster, before)


def _end_of_crd(cluster: State, key: Key, spec: Object) -> None:
    table = (spec["group"], spec["names"]["plural"])
    for instance, _ in cluster.store.rows(table):
        discard(cluster, table, instance)
    if not cluster.store.rows(table):
        _drop(cluster, crds.TABLE, key, "finalizers", [crds.FINALIZER])


def _protected(cluster: State, change: Change) -> None:
    """Let claims go that are to be deleted and that no pod uses."""
    stored = _current(cluster, change)
    if stored is None or not stored.ending:
        return
    used = any(
        at(volume, "persistentVolumeClaim", "claimName") == change.key[1]
        for _, pod in cluster.store.rows(("", "pods"), change.key[0])
        for volume in maps_in(at(pod.obj, "spec", "volumes"))
    )
    name = "kubernetes.io/pvc-protection"
    if name in list_at(stored.obj, "metadata", "finalizers") and not used:
        _drop(cluster, change.table, change.key, "finalizers", [name])


def _pod(cluster: State, change: Change) -> None:
    """Let claims go that a pod was the last to use."""
    if change.new is None:
        for key, claim in cluster.store.rows(CLAIMS, change.key[0]):
            _protected(cluster, Change(claim.revision, CLAIMS, key, None, claim))


Controller = Callable[[State, Change], None]
_BY_TABLE: dict[Table, Controller] = {
    NAMESPACES: _namespace,
    CLUSTER_ROLES: _roles,
    crds.TABLE: _crd,
    CLAIMS: _protected,
    ("", "pods"): _pod,
    SERVICES: _service,
    **{(knative.GROUP, plural): _component for plural in knative.PLURALS},
}
