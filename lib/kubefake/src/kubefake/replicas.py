# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The pods of Deployments and StatefulSets, and what their owners say of them.

What kube-controller-manager does, as far as charms look at it: a Deployment's ReplicaSets and its
rolling update, which keeps the old pods until the new ones are ready; a StatefulSet's pods, one
after the other; conditions and numbers in the status of both.
"""

import hashlib

from . import kubelet
from .controller_writes import discard, install, report, rewrite
from .state import LETTERS, State
from .store import Key, Stored, Table
from .values import Object, at, condition, copy, dumps, list_at, map_at, maps_in, replaced

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
_REVISION = "controller-revision-hash"


def sync(cluster: State, namespace: str) -> None:
    """Bring the pods of a namespace, and what is said of them, to where they are to be."""
    for table, each in ((DEPLOYMENTS, _deployment), (STATEFULSETS, _stateful_set)):
        for key, stored in cluster.store.rows(table, namespace):
            if not stored.ending:
                each(cluster, key, stored.obj)


def _deployment(cluster: State, key: Key, obj: Object) -> None:
    wanted, template = _replicas(obj), obj["spec"]["template"]
    current = _replica_set(cluster, key, obj, _digest(template))
    old = [owned for owned, _ in _owned(cluster, obj, REPLICASETS) if owned != current]
    if at(obj, "spec", "strategy", "type") == "Recreate":
        _empty(cluster, old)
    refused = _missing_account(cluster, key[0], template)
    if not refused:
        _pods(cluster, current, wanted, key[1])
    fresh = _owned_pods(cluster, current)
    done = all(map(kubelet.is_ready, fresh)) and len(fresh) == wanted
    if done:
        _empty(cluster, old)
    for each in (current, *old):
        _say_of_replica_set(cluster, each)
    pods = [*fresh, *(pod for each in old for pod in _owned_pods(cluster, each))]
    missing = max(wanted, len(pods)) - sum(map(kubelet.is_ready, pods))
    counted = _counted(obj, pods, updatedReplicas=len(fresh), unavailableReplicas=missing)
    conditions = _progress(cluster, obj, current[1], counted, done=done, refused=refused)
    report(cluster, DEPLOYMENTS, key, {**counted, "conditions": conditions})


def _replica_set(cluster: State, key: Key, obj: Object, digest: str) -> Key:
    """Return the key of the ReplicaSet of a Deployment's template; it is made if need be."""
    namespace, name = key[0], f"{key[1]}-{digest}"
    replicas = _replicas(obj)
    stored = cluster.store.get(REPLICASETS, (namespace, name))
    if stored is None:
        template = copy(obj["spec"]["template"])
        labels = template.setdefault("metadata", {}).setdefault("labels", {})
        labels["pod-template-hash"] = digest
        selector = map_at(obj, "spec", "selector", "matchLabels")
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        spec = {
            "replicas": replicas,
            "selector": {"matchLabels": {**selector, "pod-template-hash": digest}},
            "template": template,
        }
        owned = {**metadata, "ownerReferences": [_owner("Deployment", obj)]}
        install(cluster, *REPLICASETS, {"metadata": owned, "spec": spec})
    _scale(cluster, (namespace, name), replicas)
    return namespace, name


def _scale(cluster: State, key: Key, replicas: int) -> None:
    stored = cluster.store.get(REPLICASETS, key)
    if stored is not None and at(stored.obj, "spec", "replicas") != replicas:
        new = replaced(stored.obj, replicas, "spec", "replicas")
        rewrite(cluster, REPLICASETS, key, new)


def _empty(cluster: State, old: list[Key]) -> None:
    """Take the pods of former ReplicaSets away; the ReplicaSets stay, for a way back."""
    for key in old:
        for pod in _owned_pods(cluster, key):
            discard(cluster, PODS, _key(pod))
        _scale(cluster, key, 0)


def _pods(cluster: State, replica_set: Key, wanted: int, workload: str) -> None:
    """Make and delete a ReplicaSet's pods, and let the kubelet say how they are."""
    owner = cluster.store.get(REPLICASETS, replica_set)
    found = _owned_pods(cluster, replica_set)
    if owner is None:
        return
    for _ in range(wanted - len(found)):
        name = f"{replica_set[1]}-{cluster.suffix()}"
        _make_pod(cluster, name, owner.obj["spec"]["template"], "ReplicaSet", owner.obj)
    for pod in found[wanted:]:
        discard(cluster, PODS, _key(pod))
    for pod in _owned_pods(cluster, replica_set):
        _run(cluster, _key(pod), workload)


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
            discard(cluster, PODS, _key(pod))
    pods = _owned_pods(cluster, key, STATEFULSETS)
    counted = _counted(obj, pods, currentReplicas=len(pods), updatedReplicas=len(pods))
    revisions = {"currentRevision": revision, "updateRevision": revision}
    report(cluster, STATEFULSETS, key, {**counted, **revisions, "replicas": len(pods)})


def _ordinal(cluster: State, key: Key, obj: Object, index: int, revision: str) -> bool:
    """Let one pod of a StatefulSet be there in its newest form; tell whether it is ready."""
    pod = (key[0], f"{key[1]}-{index}")
    stored = cluster.store.get(PODS, pod)
    if stored is None or at(stored.obj, "metadata", "labels", _REVISION) != revision:
        discard(cluster, PODS, pod)
        template = _claimed(cluster, key, obj, index)
        template["metadata"].setdefault("labels", {}).update({
            "apps.kubernetes.io/pod-index": str(index),
            _REVISION: revision,
            "statefulset.kubernetes.io/pod-name": pod[1],
        })  # fmt: skip
        _make_pod(cluster, pod[1], template, "StatefulSet", obj)
    _run(cluster, pod, key[1])
    now = cluster.store.get(PODS, pod)
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


def _run(cluster: State, key: Key, workload: str) -> None:
    """Let the kubelet say how a pod is."""

    def find(plural: str, name: str) -> Object | None:
        stored = cluster.store.get(("", plural), (key[0], name))
        return stored.obj if stored else None

    pod = find("pods", key[1])
    if pod is not None:
        failure = cluster.failing.get((key[0], workload))
        status = kubelet.status(pod, find, failure, cluster.now())
        report(cluster, PODS, key, status, "kubelet")


def _progress(
    cluster: State, obj: Object, replica_set: str, counted: Object, *, done: bool, refused: str
) -> list[Object]:
    """Return a Deployment's conditions."""
    now, wanted = cluster.now(), _replicas(obj)
    enough = counted.get("availableReplicas", 0) >= wanted - _may_lack(obj, wanted)
    availability = {
        "reason": f"MinimumReplicas{'Available' if enough else 'Unavailable'}",
        "message": f"Deployment {'has' if enough else 'does not have'} minimum availability.",
    }
    progress = {
        "reason": "NewReplicaSetAvailable" if done else "ReplicaSetUpdated",
        "message": f'ReplicaSet "{replica_set}" '
        + ("has successfully progressed." if done else "is progressing."),
    }
    found = [
        condition(obj, "Available", str(enough), now, **availability),
        condition(obj, "Progressing", "True", now, **progress),
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
        counted = _counted(stored.obj, pods, fullyLabeledReplicas=len(pods))
        report(cluster, REPLICASETS, key, {**counted, "replicas": len(pods)})


def _counted(obj: Object, pods: list[Object], **more: int) -> Object:
    """Return the numbers of a status without zeros, which are left out of an object."""
    ready = sum(map(kubelet.is_ready, pods))
    numbers = {
        "observedGeneration": obj["metadata"].get("generation", 1),
        "replicas": len(pods),
        "readyReplicas": ready,
        "availableReplicas": ready,
        **more,
    }
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


def _key(obj: Object) -> Key:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


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
    return "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(10))
