# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Deletion: finalizers, preconditions, collections, namespaces, owners and dependents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Object, Server

MAPS = "/api/v1/namespaces/{ns}/configmaps"
CM = f"{MAPS}/c"
HOLD = "example.com/hold"


def made(server: Server, name: str = "c", **metadata: Any) -> Object:
    return server.create(MAPS, {"metadata": {"name": name, **metadata}}).ok()


def release(server: Server, path: str = CM) -> None:
    server.merge(path, {"metadata": {"finalizers": None}}).ok()


def test_what_is_deleted_is_gone(server: Server) -> None:
    uid = made(server)["metadata"]["uid"]
    answer = server.delete(CM).ok()
    assert answer["status"] == "Success"
    assert answer["details"] == {"name": "c", "kind": "configmaps", "uid": uid}
    assert server.gone(CM)
    assert server.delete(CM).reason == "NotFound"


def test_some_kinds_answer_with_what_was_deleted(server: Server) -> None:
    path = "/api/v1/namespaces/{ns}/serviceaccounts"
    server.create(path, {"metadata": {"name": "a"}}).ok()
    assert server.delete(f"{path}/a").ok()["kind"] == "ServiceAccount"


def test_finalizers_hold_an_object(server: Server) -> None:
    made(server, finalizers=[HOLD])
    answer = server.delete(CM).ok()
    assert answer["metadata"]["deletionTimestamp"]
    assert answer["metadata"]["deletionGracePeriodSeconds"] == 0
    assert server.delete(CM).ok()["metadata"]["finalizers"] == [HOLD]
    changed = server.merge(CM, {"data": {"a": "1"}}).ok()
    assert changed["data"] == {"a": "1"}
    release(server)
    assert server.gone(CM)


def test_no_finalizer_is_added_to_what_is_being_deleted(server: Server) -> None:
    made(server, finalizers=[HOLD])
    server.delete(CM).ok()
    answer = server.merge(CM, {"metadata": {"finalizers": [HOLD, "example.com/late"]}})
    assert (answer.status, set(answer.fields)) == (422, {"metadata.finalizers"})
    release(server)


def test_a_finalizer_is_dropped_by_its_applier(server: Server) -> None:
    obj: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    held = {**obj, "metadata": {"name": "c", "finalizers": [HOLD]}}
    server.apply(CM, held).ok()
    server.delete(CM).ok()
    server.apply(CM, obj).ok()
    assert server.gone(CM)


def test_the_generation_counts_the_deletion(server: Server) -> None:
    custom = server.define()
    server.create(custom.path, custom.thing()).ok()
    path = f"{custom.path}/x"
    server.merge(path, {"metadata": {"finalizers": [HOLD]}}).ok()
    assert server.delete(path).ok()["metadata"]["generation"] == 2
    release(server, path)


def test_preconditions_must_hold(server: Server) -> None:
    meta = made(server)["metadata"]
    for wrong in ({"uid": "another"}, {"resourceVersion": "1"}):
        answer = server.delete(CM, {"preconditions": wrong})
        assert (answer.status, answer.reason) == (409, "Conflict")
    right = {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}
    server.delete(CM, {"preconditions": right}).ok()
    assert server.gone(CM)


def test_an_unknown_policy_is_refused(server: Server) -> None:
    made(server)
    answer = server.delete(CM, propagationPolicy="Sideways")
    assert (answer.status, answer.fields) == (422, ["propagationPolicy"])


def test_a_collection_is_deleted_by_selector(server: Server) -> None:
    for name, label in (("a", "x"), ("b", "x"), ("c", "y")):
        made(server, name, labels={"l": label})
    answer = server.delete(MAPS, labelSelector="l=x").ok()
    assert answer["kind"] == "ConfigMapList"
    assert [item["metadata"]["name"] for item in answer["items"]] == ["a", "b"]
    left = server.get(MAPS, labelSelector="l").ok()["items"]
    assert [item["metadata"]["name"] for item in left] == ["c"]


def test_a_collection_over_all_namespaces_is_not_deleted(server: Server) -> None:
    answer = server.delete("/api/v1/configmaps")
    assert (answer.status, answer.reason) == (405, "MethodNotAllowed")


def owned(server: Server, owner: Object, name: str = "child", **reference: Any) -> str:
    ref = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        **reference,
    }
    made(server, name, ownerReferences=[ref])
    return f"{MAPS}/{name}"


def test_dependents_follow_their_owner(server: Server) -> None:
    child = owned(server, made(server))
    server.delete(CM).ok()
    server.eventually(lambda: server.gone(child))


def test_dependents_of_dependents_follow(server: Server) -> None:
    child = server.get(owned(server, made(server))).ok()
    grandchild = owned(server, child, "grandchild")
    server.delete(CM).ok()
    server.eventually(lambda: server.gone(grandchild))


def test_a_dependent_with_another_owner_stays(server: Server) -> None:
    refs = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": name,
         "uid": made(server, name)["metadata"]["uid"]}
        for name in ("c", "d")
    ]  # fmt: skip
    made(server, "child", ownerReferences=refs)
    server.delete(CM).ok()
    child = f"{MAPS}/child"
    server.eventually(lambda: server.get(child).ok()["metadata"]["ownerReferences"] == refs[1:])


def test_a_dependent_of_nothing_is_collected(server: Server) -> None:
    owner = made(server)
    child = owned(server, owner, uid="00000000-0000-4000-8000-000000000000")
    server.eventually(lambda: server.gone(child))
    assert not server.gone(CM)


def test_an_owner_in_another_namespace_does_not_count(server: Server) -> None:
    owner = server.get("/api/v1/namespaces/default/configmaps/kube-root-ca.crt").ok()
    child = owned(server, owner)
    server.eventually(lambda: server.gone(child))


def test_a_cluster_scoped_owner_counts(server: Server) -> None:
    custom = server.define(scope="Cluster")
    owner = server.create(f"/apis/{custom.group}/v1/things", custom.thing()).ok()
    child = owned(server, owner)
    server.delete(f"/apis/{custom.group}/v1/things/x").ok()
    server.eventually(lambda: server.gone(child))


def test_orphans_stay(server: Server) -> None:
    child = owned(server, made(server))
    server.delete(CM, propagationPolicy="Orphan").ok()
    server.eventually(lambda: server.gone(CM))
    assert "ownerReferences" not in server.get(child).ok()["metadata"]


def test_in_the_foreground_dependents_go_first(server: Server) -> None:
    child = owned(server, made(server), blockOwnerDeletion=True)
    server.merge(child, {"metadata": {"finalizers": [HOLD]}}).ok()
    answer = server.delete(CM, propagationPolicy="Foreground").ok()
    assert "foregroundDeletion" in answer["metadata"]["finalizers"]
    server.eventually(lambda: "deletionTimestamp" in server.get(child).ok()["metadata"])
    assert not server.gone(CM)
    release(server, child)
    server.eventually(lambda: server.gone(CM))


NAMESPACE = "/api/v1/namespaces/{me}-more"


@pytest.fixture
def more(server: Server) -> str:
    """Return the path of the ConfigMaps of another namespace."""
    server.create("/api/v1/namespaces", {"metadata": {"name": f"{server.me}-more"}}).ok()
    server.cleanup(NAMESPACE)
    return f"{NAMESPACE}/configmaps"


def test_a_namespace_is_furnished(server: Server, more: str) -> None:
    namespace = server.get(NAMESPACE).ok()
    assert namespace["status"] == {"phase": "Active"}
    assert namespace["spec"] == {"finalizers": ["kubernetes"]}
    assert namespace["metadata"]["labels"] == {"kubernetes.io/metadata.name": f"{server.me}-more"}
    server.eventually(lambda: not server.gone(f"{NAMESPACE}/serviceaccounts/default"))
    server.eventually(lambda: not server.gone(f"{more}/kube-root-ca.crt"))


def test_the_default_service_account_comes_back(server: Server) -> None:
    path = "/api/v1/namespaces/{ns}/serviceaccounts/default"
    before = server.get(path).ok()["metadata"]["uid"]
    server.delete(path).ok()
    server.eventually(
        lambda: (
            (found := server.get(path)).status == 200 and found.body["metadata"]["uid"] != before
        )
    )


def test_the_name_label_of_a_namespace_cannot_be_changed(server: Server) -> None:
    label = {"kubernetes.io/metadata.name": "other"}
    after = server.merge("/api/v1/namespaces/{ns}", {"metadata": {"labels": label}}).ok()
    assert after["metadata"]["labels"]["kubernetes.io/metadata.name"] == server.ns


def test_a_namespace_takes_everything_along(server: Server, more: str) -> None:
    server.create(more, {"metadata": {"name": "c"}}).ok()
    answer = server.delete(NAMESPACE).ok()
    assert answer["status"]["phase"] == "Terminating"
    assert answer["metadata"]["deletionTimestamp"]
    server.eventually(lambda: server.gone(NAMESPACE))
    assert server.gone(f"{more}/c")


@pytest.mark.parametrize(
    ("path", "obj"),
    [
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles", {"rules": []}),
        ("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {}),
    ],
    ids=["a ClusterRole", "a webhook configuration"],
)
def test_what_a_namespace_owns_in_the_whole_cluster_goes_with_it(
    server: Server, more: str, path: str, obj: Object
) -> None:
    uid = server.get(NAMESPACE).ok()["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": f"{server.me}-more", "uid": uid}
    for name, owners in (("owned", [owner]), ("unowned", [])):
        server.cleanup(f"{path}/{{me}}-{name}")
        metadata = {"name": f"{server.me}-{name}", "ownerReferences": owners}
        server.create(path, {"metadata": metadata, **obj}).ok()
    server.delete(NAMESPACE)
    server.eventually(lambda: server.gone(f"{path}/{{me}}-owned"))
    assert not server.gone(f"{path}/{{me}}-unowned")


def test_a_namespace_waits_for_finalizers(server: Server, more: str) -> None:
    server.create(more, {"metadata": {"name": "c", "finalizers": [HOLD]}}).ok()
    server.delete(NAMESPACE).ok()
    server.eventually(lambda: "deletionTimestamp" in server.get(f"{more}/c").ok()["metadata"])
    assert server.get(NAMESPACE).ok()["status"]["phase"] == "Terminating"
    answer = server.create(more, {"metadata": {"name": "late"}})
    assert (answer.status, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        f'configmaps "late" is forbidden: unable to create new content in namespace '
        f"{server.me}-more because it is being terminated"
    )
    assert answer.body["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    release(server, f"{more}/c")
    server.eventually(lambda: server.gone(NAMESPACE))


def test_a_deleted_namespace_can_be_made_again(server: Server, more: str) -> None:
    server.create(more, {"metadata": {"name": "c"}}).ok()
    server.delete(NAMESPACE).ok()
    server.eventually(lambda: server.gone(NAMESPACE))
    server.create("/api/v1/namespaces", {"metadata": {"name": f"{server.me}-more"}}).ok()
    assert server.gone(f"{more}/c")


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_some_namespaces_cannot_be_deleted(server: Server, name: str) -> None:
    answer = server.delete(f"/api/v1/namespaces/{name}", dryRun="All")
    assert (answer.status, answer.reason) == (403, "Forbidden")


def test_a_claim_is_protected_while_it_is_used(server: Server) -> None:
    claims = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = server.create(claims, {"metadata": {"name": "p"}, "spec": spec}).ok()
    assert claim["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "p"}}
    pod = {"containers": [{"name": "c", "image": "example.com/x:1"}], "volumes": [volume],
           "nodeName": "absent"}  # fmt: skip
    server.create("/api/v1/namespaces/{ns}/pods", {"metadata": {"name": "u"}, "spec": pod}).ok()
    server.delete(f"{claims}/p").ok()
    assert "deletionTimestamp" in server.get(f"{claims}/p").ok()["metadata"]
    server.delete("/api/v1/namespaces/{ns}/pods/u", {"gracePeriodSeconds": 0}).ok()
    server.eventually(lambda: server.gone(f"{claims}/p"))
