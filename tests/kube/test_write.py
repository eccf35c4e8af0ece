# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Create and update: versions, generations, names, labels, unknown fields, dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Object, Server

MAPS = "/api/v1/namespaces/{ns}/configmaps"
CM = f"{MAPS}/c"
DEPLOYMENT = "/apis/apps/v1/namespaces/{ns}/deployments/d"


def config(data: Any = None, **metadata: Any) -> Object:
    return {"metadata": {"name": "c", **metadata}, "data": data}


def test_a_new_object_gets_what_only_the_server_gives(server: Server) -> None:
    made = server.create(MAPS, config({"a": "1"}, uid="mine")).ok()
    meta = made["metadata"]
    assert (made["kind"], made["apiVersion"]) == ("ConfigMap", "v1")
    assert meta["namespace"] == server.ns
    assert len(meta["uid"]) == 36
    assert meta["creationTimestamp"].endswith("Z")
    assert int(meta["resourceVersion"]) > 0
    assert "generation" not in meta


def test_a_resource_version_is_refused_on_create(server: Server) -> None:
    answer = server.create(MAPS, config(resourceVersion="7"))
    assert answer.status == 500
    assert answer.message == "resourceVersion should not be set on objects to be created"


def test_a_second_create_meets_the_first(server: Server) -> None:
    server.create(MAPS, config()).ok()
    answer = server.create(MAPS, config())
    assert (answer.status, answer.reason) == (409, "AlreadyExists")
    assert answer.message == 'configmaps "c" already exists'
    assert answer.body["details"] == {"name": "c", "kind": "configmaps"}


def test_names_can_be_generated(server: Server) -> None:
    made = [server.create(MAPS, {"metadata": {"generateName": "c-"}}).ok() for _ in range(2)]
    names = {obj["metadata"]["name"] for obj in made}
    assert len(names) == 2
    assert all(name.startswith("c-") and len(name) == 7 for name in names)


def test_nothing_is_created_without_its_namespace(server: Server) -> None:
    answer = server.create("/api/v1/namespaces/{me}-absent/configmaps", config())
    assert (answer.status, answer.reason) == (404, "NotFound")
    assert answer.message == f'namespaces "{server.me}-absent" not found'


def test_every_change_has_a_higher_resource_version(server: Server) -> None:
    versions = [server.create(MAPS, config({"a": "0"})).ok()["metadata"]["resourceVersion"]]
    for value in ("1", "2"):
        changed = server.merge(CM, {"data": {"a": value}}).ok()
        versions.append(changed["metadata"]["resourceVersion"])
    assert versions == sorted(set(versions), key=int)
    same = server.merge(CM, {"data": {"a": "2"}}).ok()
    assert same["metadata"]["resourceVersion"] == versions[-1]


def test_a_put_replaces(server: Server) -> None:
    server.create(MAPS, config({"a": "1"}, labels={"x": "y"})).ok()
    replaced = server.put(CM, config({"b": "2"})).ok()
    assert replaced["data"] == {"b": "2"}
    assert "labels" not in replaced["metadata"]


def test_a_put_with_an_old_version_is_a_conflict(server: Server) -> None:
    made = server.create(MAPS, config({"a": "1"})).ok()
    server.merge(CM, {"data": {"a": "2"}}).ok()
    answer = server.put(CM, {**made, "data": {"a": "3"}})
    assert (answer.status, answer.reason) == (409, "Conflict")
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "c": the object has been modified; please '
        "apply your changes to the latest version and try again"
    )


def test_a_put_of_another_object_of_that_name_is_a_conflict(server: Server) -> None:
    server.create(MAPS, config()).ok()
    answer = server.put(CM, config(uid="another"))
    assert (answer.status, answer.reason) == (409, "Conflict")


def test_a_put_needs_the_object(server: Server) -> None:
    assert server.put(CM, config()).reason == "NotFound"


def test_a_put_creates_roles(server: Server) -> None:
    path = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles/r"
    assert server.put(path, {"metadata": {"name": "r"}}).status == 201
    assert server.get(path).status == 200


def test_some_kinds_need_the_version_on_update(server: Server) -> None:
    path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
    server.create(path, {"metadata": {"name": server.me}}).ok()
    server.cleanup(path + "/{me}")
    answer = server.put(path + "/{me}", {"metadata": {"name": server.me}})
    assert (answer.status, answer.fields) == (422, ["metadata.resourceVersion"])


def test_metadata_that_the_server_owns_cannot_be_changed(server: Server) -> None:
    made = server.create(MAPS, config()).ok()
    changes = {"creationTimestamp": "2001-01-01T00:00:00Z", "selfLink": "x", "generation": 5}
    after = server.merge(CM, {"metadata": changes}).ok()
    assert after["metadata"]["creationTimestamp"] == made["metadata"]["creationTimestamp"]
    assert "generation" not in after["metadata"]
    answer = server.merge(CM, {"metadata": {"uid": "another"}})
    assert (answer.status, set(answer.fields)) == (422, {"metadata.uid"})


def deployment(**spec: Any) -> Object:
    pod = {"containers": [{"name": "c", "image": "example.com/x:1"}]}
    return {
        "metadata": {"name": "d"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod},
            **spec,
        },
    }


def test_generation_counts_changes_of_the_spec_only(server: Server) -> None:
    path = DEPLOYMENT.removesuffix("/d")
    assert server.create(path, deployment()).ok()["metadata"]["generation"] == 1
    labelled = server.merge(DEPLOYMENT, {"metadata": {"labels": {"x": "y"}}}).ok()
    assert labelled["metadata"]["generation"] == 1
    paused = server.merge(DEPLOYMENT, {"spec": {"paused": True}}).ok()
    assert paused["metadata"]["generation"] == 2
    same = server.merge(DEPLOYMENT, {"spec": {"paused": True}}).ok()
    assert same["metadata"]["generation"] == 2


@pytest.mark.parametrize("how", ["create", "apply", "merge", "delete"])
def test_a_dry_run_answers_and_stores_nothing(server: Server, how: str) -> None:
    if how == "create":
        made = server.create(MAPS, config({"a": "1"}), dryRun="All")
        assert made.status == 201
        assert made.body["metadata"]["uid"]
        assert server.gone(CM)
        return
    before = server.create(MAPS, config({"a": "1"})).ok()
    if how == "delete":
        server.delete(CM, dryRun="All").ok()
    elif how == "merge":
        assert server.merge(CM, {"data": {"a": "2"}}, dryRun="All").ok()["data"] == {"a": "2"}
    else:
        whole = {"apiVersion": "v1", "kind": "ConfigMap", **config({"b": "2"})}
        assert server.apply(CM, whole, dryRun="All").ok()["data"] == {"a": "1", "b": "2"}
    assert server.get(CM).body == before


def test_an_unknown_dry_run_is_refused(server: Server) -> None:
    answer = server.create(MAPS, config(), dryRun="Some")
    assert (answer.status, answer.fields) == (422, ["dryRun"])
    assert server.gone(CM)


def test_an_unknown_field_is_dropped_with_a_warning(server: Server) -> None:
    answer = server.create(MAPS, {**config({"a": "b"}), "extra": 1})
    assert answer.warnings == ['299 - "unknown field \\"extra\\""']
    assert "extra" not in answer.ok()


def test_an_unknown_field_is_refused_where_that_is_asked(server: Server) -> None:
    answer = server.create(MAPS, {**config(), "extra": 1}, fieldValidation="Strict")
    assert (answer.status, answer.reason) == (400, "BadRequest")
    assert 'strict decoding error: unknown field "extra"' in answer.message
    quiet = server.create(MAPS, {**config(), "extra": 1}, fieldValidation="Ignore")
    assert (quiet.status, quiet.warnings) == (201, [])


def test_a_value_of_the_wrong_type_cannot_be_read(server: Server) -> None:
    answer = server.create(MAPS, config({"a": 1}))
    assert (answer.status, answer.reason) == (400, "BadRequest")
    assert "cannot be handled as a ConfigMap" in answer.message
    assert "data" in answer.message


def test_nulls_and_empty_maps_are_not_kept(server: Server) -> None:
    made = server.create(MAPS, config({}, labels={}, annotations=None, finalizers=[])).ok()
    assert "data" not in made
    assert not {"labels", "annotations", "finalizers"} & set(made["metadata"])


@pytest.mark.parametrize("name", ["Upper", "under_score", "-start", "end-", "a..b", "x" * 254])
def test_names_have_rules(server: Server, name: str) -> None:
    answer = server.create(MAPS, {"metadata": {"name": name}})
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert answer.fields == ["metadata.name"]


@pytest.mark.parametrize("name", ["a", "1", "a.b-c.d", "x" * 253])
def test_names_within_the_rules(server: Server, name: str) -> None:
    server.create(MAPS, {"metadata": {"name": name}}).ok()


def test_a_name_is_required(server: Server) -> None:
    answer = server.create(MAPS, {"metadata": {}})
    assert (answer.status, answer.fields) == (422, ["metadata.name"])
    assert "name or generateName is required" in answer.message


def test_some_names_have_rules_of_their_own(server: Server) -> None:
    roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles"
    server.create(roles, {"metadata": {"name": "With:Colon"}}).ok()
    services = "/api/v1/namespaces/{ns}/services"
    spec = {"ports": [{"port": 80}]}
    answer = server.create(services, {"metadata": {"name": "a.b"}, "spec": spec})
    assert answer.fields == ["metadata.name"]
    answer = server.create("/api/v1/namespaces", {"metadata": {"name": "a.b"}})
    assert answer.fields == ["metadata.name"]


@pytest.mark.parametrize(
    "labels",
    [
        {"a b": "c"}, {"": "c"}, {"/a": "c"}, {"UPPER.com/a": "c"}, {"a/b/c": "d"},
        {"x" * 64: "c"}, {"a": "b c"}, {"a": "-b"}, {"a": "b/c"}, {"a": "x" * 64},
    ],
)  # fmt: skip
def test_labels_have_rules(server: Server, labels: dict[str, str]) -> None:
    answer = server.create(MAPS, config(labels=labels))
    assert (answer.status, answer.reason) == (422, "Invalid")
    assert set(answer.fields) == {"metadata.labels"}


@pytest.mark.parametrize("labels", [{"a": ""}, {"example.com/A_b.c": "D-e_f.0"}, {"a": "x" * 63}])
def test_labels_within_the_rules(server: Server, labels: dict[str, str]) -> None:
    made = server.create(MAPS, config(labels=labels)).ok()
    assert made["metadata"]["labels"] == labels


def test_annotations_have_rules_for_keys_and_for_size(server: Server) -> None:
    server.create(MAPS, config(annotations={"Example.com/a": "any text: ä\n"})).ok()
    answer = server.merge(CM, {"metadata": {"annotations": {"a b": "c"}}})
    assert (answer.status, set(answer.fields)) == (422, {"metadata.annotations"})
    large = server.merge(CM, {"metadata": {"annotations": {"a": "x" * 300_000}}})
    assert (large.status, set(large.fields)) == (422, {"metadata.annotations"})
    assert "Too long" in large.message


def test_finalizers_have_rules(server: Server) -> None:
    answer = server.create(MAPS, config(finalizers=["plain"]))
    assert (answer.status, answer.fields) == (422, ["metadata.finalizers[0]"])


def test_owner_references_have_rules(server: Server) -> None:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": ""}
    answer = server.create(MAPS, config(ownerReferences=[owner]))
    assert (answer.status, answer.fields) == (422, ["metadata.ownerReferences.uid"])
