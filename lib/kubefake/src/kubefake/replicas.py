# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The pods of Deployments and StatefulSets, and what their owners say of them.

What kube-controller-manager does, as far as charms look at it: a Deployment's ReplicaSets and its
rolling update, which keeps the old pods until the new ones are ready; a StatefulSet's pods, one
after the other; conditions and numbers in the status of both.
"""

import hashlib

from . import kubelet
from .controller_writes import discard, install, rewrite
from .kubelet import condition
from .managed import Manager
from .state import State
from .store import Key, Stored, Table
from .values import Object, at, copy, dumps, list_at, map_at, maps_in

DEPLOYMENTS: Table = ("apps", "deployments")
REPLICASETS: Table = ("apps", "replicasets")
STATEFULSETS: Table = ("apps", "statefulsets")
PODS: Table = ("", "pods")
WATCHED = frozenset(
    {DEPLOYMENTS, STATEFULSETS, PODS}
    | {("", name) for name in ("configmaps", "secrets", "persistentvolumeclaims")}
    | {("", "serviceaccounts")}
)
"""What a namespace's pods depend on."""
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_CONTROLLER = Manager("kube-controller-manager", "Update", "apps/v1", "status")
_KUBELET = Manager("kubelet", "Update", "v1", "status")


def sync(cluster: State, namespace: str) -> None:
    """Bring the pods of a namespace, and what is said of them, to where they are to be."""
    for table, each in ((DEPLOYMENTS, _deployment), (STATEFULSETS, _stateful_set)):
        for key, stored in cluster.store.rows(table, namespace):
            if "deletionTimestamp" not in stored.obj["metadata"]:
                each(cluster, key, stored.obj)


def _deployment(cluster: State, key: Key, obj: Object) -> None:
    wanted = _replicas(obj)
    digest = _digest(obj["spec"]["template"])
    current = _replica_set(cluster, key, obj, digest)
    old = [row for row in _owned(cluster, obj, REPLICASETS) if row[0] != current]
    if at(obj, "spec", "strategy", "type") == "Recreate":
        _empty(cluster, old)
    refused = _missing_account(cluster, key[0], obj["spec"]["template"])
    owner = cluster.store.get(REPLICASETS, current)
    if owner is not None and not refused:
        _pods(cluster, owner.obj, obj["spec"]["template"], wanted, key[1])
    fresh = _owned_pods(cluster, current)
    if all(map(kubelet.is_ready, fresh)) and len(fresh) == wanted:
        _empty(cluster, old)
    stale = [pod for row in old for pod in _owned_pods(cluster, row[0])]
    for each in (current, *(row[0] for row in old)):
        _say_of_replica_set(cluster, each)
    _put(
        cluster, DEPLOYMENTS, key, _of_deployment(cluster, obj, current[1], fresh, stale, refused)
    )


def _replica_set(cluster: State, key: Key, obj: Object, digest: str) -> Key:
    """Return the key of the ReplicaSet of a Deployment's template; it is made if need be."""
    namespace, name = key[0], f"{key[1]}-{digest}"
    replicas = _replicas(obj)
    stored = cluster.store.get(REPLICASETS, (namespace, name))
    if stored is None:
        template = _hashed(obj["spec"]["template"], digest)
        labels = map_at(template, "metadata", "labels")
        selector = map_at(obj, "spec", "selector", "matchLabels")
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        spec = {
            "replicas": replicas,
            "selector": {"matchLabels": {**selector, "pod-template-hash": digest}},
            "template": template,
        }
        owned = {**metadata, "ownerReferences": [_owner("Deployment", obj)]}
        install(cluster, *REPLICASETS, {"metadata": owned, "spec": spec})
    elif at(stored.obj, "spec", "replicas") != replicas:
        spec = {**stored.obj["spec"], "replicas": replicas}
        rewrite(cluster, REPLICASETS, (namespace, name), {**stored.obj, "spec": spec})
    return namespace, name


def _hashed(template: Object, digest: str) -> Object:
    new = copy(template)
    labels = new.setdefault("metadata", {}).setdefault("labels", {})
    labels["pod-template-hash"] = digest
    return new


def _empty(cluster: State, old: list[tuple[Key, Stored]]) -> None:
    """Take the pods of former ReplicaSets away; the ReplicaSets stay, for a way back."""
    for key, stored in old:
        for pod in _owned_pods(cluster, key):
            _delete_pod(cluster, pod)
        if at(stored.obj, "spec", "replicas"):
            spec = {**stored.obj["spec"], "replicas": 0}
            rewrite(cluster, REPLICASETS, key, {**stored.obj, "spec": spec})


def _pods(cluster: State, owner: Object, template: Object, wanted: int, workload: str) -> None:
    """Make and delete a ReplicaSet's pods, and let the kubelet say how they are."""
    namespace, name = owner["metadata"]["namespace"], owner["metadata"]["name"]
    labelled = _hashed(template, owner["metadata"]["name"].rpartition("-")[2])
    found = _owned_pods(cluster, (namespace, name))
    for _ in range(wanted - len(found)):
        suffix = "".join(cluster.random.choices(_ALPHABET, k=5))
        _make_pod(cluster, f"{name}-{suffix}", labelled, "ReplicaSet", owner)
    for pod in found[wanted:]:
        _delete_pod(cluster, pod)
    for pod in _owned_pods(cluster, (namespace, name)):
        _run(cluster, pod, workload)


def _stateful_set(cluster: State, key: Key, obj: Object) -> None:
    namespace, name = key
    wanted, template = _replicas(obj), obj["spec"]["template"]
    revision = f"{name}-{_digest(template)}"
    parallel = at(obj, "spec", "podManagementPolicy") == "Parallel"
    if not _missing_account(cluster, namespace, template):
        for index in range(wanted):
            ready = _ordinal(cluster, key, obj, index, revision)
            if not (ready or parallel):
                break
    for pod in _owned_pods(cluster, key, STATEFULSETS):
        if int(pod["metadata"]["name"].rpartition("-")[2]) >= wanted:
            _delete_pod(cluster, pod)
    pods = _owned_pods(cluster, key, STATEFULSETS)
    status = {**_numbers(obj, pods), "currentReplicas": len(pods), "updatedReplicas": len(pods)}
    revisions = {"currentRevision": revision, "updateRevision": revision}
    _put(cluster, STATEFULSETS, key, {**_counted(status), **revisions, "replicas": len(pods)})


def _ordinal(cluster: State, key: Key, obj: Object, index: int, revision: str) -> bool:
    """Let one pod of a StatefulSet be there in its newest form; tell whether it is ready."""
    namespace, name = key[0], f"{key[1]}-{index}"
    pod = cluster.store.get(PODS, (namespace, name))
    known = at(pod.obj, "metadata", "labels", "controller-revision-hash") if pod else None
    if pod is not None and known != revision:
        _delete_pod(cluster, pod.obj)
    if known != revision:
        template = _claimed(cluster, key, obj, index)
        labels = template["metadata"].setdefault("labels", {})
        labels |= {
            "apps.kubernetes.io/pod-index": str(index),
            "controller-revision-hash": revision,
            "statefulset.kubernetes.io/pod-name": name,
        }
        _make_pod(cluster, name, template, "StatefulSet", obj)
    stored = cluster.store.get(PODS, (namespace, name))
    if stored is not None:
        _run(cluster, stored.obj, key[1])
    now = cluster.store.get(PODS, (namespace, name))
    return now is not None and kubelet.is_ready(now.obj)


def _claimed(cluster: State, key: Key, obj: Object, index: int) -> Object:
    """Return a pod's template with the claims of its number, which are made if need be."""
    template = copy(obj["spec"]["template"])
    template.setdefault("metadata", {})
    volumes = list_at(template, "spec", "volumes")
    for each in maps_in(at(obj, "spec", "volumeClaimTemplates")):
        volume = each["metadata"]["name"]
        claim = f"{volume}-{key[1]}-{index}"
        if cluster.store.get(("", "persistentvolumeclaims"), (key[0], claim)) is None:
            metadata = {**each["metadata"], "name": claim, "namespace": key[0]}
            new = {"metadata": metadata, "spec": each["spec"]}
            install(cluster, "", "persistentvolumeclaims", new)
        source = {"persistentVolumeClaim": {"claimName": claim}}
        volumes = [*volumes, {"name": volume, **source}]
    template["spec"]["volumes"] = volumes
    return template


def _make_pod(cluster: State, name: str, template: Object, kind: str, owner: Object) -> None:
    metadata = {
        **map_at(template, "metadata"),
        "name": name,
        "namespace": owner["metadata"]["namespace"],
        "ownerReferences": [_owner(kind, owner)],
    }
    install(cluster, *PODS, {"metadata": metadata, "spec": copy(template["spec"])})


def _run(cluster: State, pod: Object, workload: str) -> None:
    namespace = pod["metadata"]["namespace"]

    def find(plural: str, name: str) -> Object | None:
        stored = cluster.store.get(("", plural), (namespace, name))
        return stored.obj if stored else None

    failure = cluster.failing.get((namespace, workload))
    status = kubelet.status(pod, find, failure, cluster.now())
    key = (namespace, pod["metadata"]["name"])
    _put(cluster, PODS, key, status, _KUBELET)


def _put(
    cluster: State, table: Table, key: Key, status: Object, writer: Manager = _CONTROLLER
) -> None:
    """Write a status, if it differs."""
    stored = cluster.store.get(table, key)
    if stored is not None and stored.obj.get("status") != status:
        rewrite(cluster, table, key, {**stored.obj, "status": status}, writer)


def _of_deployment(
    cluster: State,
    obj: Object,
    replica_set: str,
    fresh: list[Object],
    stale: list[Object],
    refused: str,
) -> Object:
    numbers = _numbers(obj, [*fresh, *stale])
    wanted, available = _replicas(obj), numbers.get("availableReplicas", 0)
    unavailable = max(wanted - available, len(fresh) + len(stale) - available, 0)
    counted = {**numbers, "updatedReplicas": len(fresh), "unavailableReplicas": unavailable}
    conditions = _progress(cluster, obj, replica_set, fresh, available, refused)
    return {**_counted(counted), "conditions": conditions}


def _progress(
    cluster: State,
    obj: Object,
    replica_set: str,
    fresh: list[Object],
    available: int,
    refused: str,
) -> list[Object]:
    now, wanted = cluster.now(), _replicas(obj)
    enough = available >= wanted - _may_lack(obj, wanted)
    done = len(fresh) == wanted and all(map(kubelet.is_ready, fresh))
    says, reason, has = (
        ("True", "MinimumReplicasAvailable", "has")
        if enough
        else ("False", "MinimumReplicasUnavailable", "does not have")
    )
    message = f"Deployment {has} minimum availability."
    progressing = (
        {"reason": "NewReplicaSetAvailable",
         "message": f'ReplicaSet "{replica_set}" has successfully progressed.'}
        if done
        else {"reason": "ReplicaSetUpdated",
              "message": f'ReplicaSet "{replica_set}" is progressing.'}
    )  # fmt: skip
    found = [
        condition(obj, "Available", says, now, reason=reason, message=message),
        condition(obj, "Progressing", "True", now, **progressing),
    ]
    if refused:
        why = {"reason": "FailedCreate", "message": refused}
        found.append(condition(obj, "ReplicaFailure", "True", now, **why))
    return found


def _may_lack(obj: Object, wanted: int) -> int:
    """Return how many replicas may be missing: maxUnavailable, a part of all rounded down."""
    given = at(obj, "spec", "strategy", "rollingUpdate", "maxUnavailable")
    if isinstance(given, int):
        return given
    part = str(given or "25%").rstrip("%")
    return wanted * int(part) // 100


def _say_of_replica_set(cluster: State, key: Key) -> None:
    stored = cluster.store.get(REPLICASETS, key)
    if stored is not None:
        pods = _owned_pods(cluster, key)
        status = {**_numbers(stored.obj, pods), "fullyLabeledReplicas": len(pods)}
        _put(cluster, REPLICASETS, key, {**_counted(status), "replicas": len(pods)})


def _numbers(obj: Object, pods: list[Object]) -> dict[str, int]:
    ready = sum(map(kubelet.is_ready, pods))
    return {
        "observedGeneration": obj["metadata"].get("generation", 1),
        "replicas": len(pods),
        "readyReplicas": ready,
        "availableReplicas": ready,
    }


def _counted(numbers: dict[str, int]) -> Object:
    """Return the numbers without zeros, which are left out of an object."""
    return {name: number for name, number in numbers.items() if number}


def _missing_account(cluster: State, namespace: str, template: Object) -> str:
    """Return why no pod can be made, or ''."""
    name = str(at(template, "spec", "serviceAccountName") or "default")
    if cluster.store.get(("", "serviceaccounts"), (namespace, name)) is not None:
        return ""
    return (
        f"pods is forbidden: error looking up service account {namespace}/{name}: "
        f'serviceaccount "{name}" not found'
    )


def _delete_pod(cluster: State, pod: Object) -> None:
    key = (pod["metadata"]["namespace"], pod["metadata"]["name"])
    stored = cluster.store.get(PODS, key)
    if stored is not None:
        discard(cluster, PODS, key, stored)


def _owned_pods(cluster: State, key: Key, table: Table = REPLICASETS) -> list[Object]:
    owner = cluster.store.get(table, key)
    return [stored.obj for _, stored in _owned(cluster, owner.obj, PODS)] if owner else []


def _owned(cluster: State, owner: Object, table: Table) -> list[tuple[Key, Stored]]:
    owned = cluster.store.owned_by(owner["metadata"]["uid"])
    return [(key, stored) for found, key, stored in owned if found == table]


def _owner(kind: str, obj: Object) -> Object:
    meta = obj["metadata"]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _replicas(obj: Object) -> int:
    given = at(obj, "spec", "replicas")
    return 1 if given is None else int(given)


def _digest(template: Object) -> str:
    """Return ten letters that differ with the template."""
    number = int.from_bytes(hashlib.sha256(dumps(template).encode()).digest()[:8], "big")
    letters: list[str] = []
    for _ in range(10):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(letters)
