# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Resource Dispatcher: what reaches Metacontroller of what applications hand over."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

from jujusim.testing import Charm, Result
from ops import testing

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
NAME = "resource-dispatcher"
DATA = "/var/lib/pebble/default/manifests.json"
CONTROLLER = "DecoratorController//kubeflow-resource-dispatcher-controller"
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s3"}}


def secret(name: str = "keys", **text: str) -> dict[str, Any]:
    metadata = {"name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": text}


def related(endpoint: str, app: str, number: int, *manifests: Any, **bag: str) -> testing.Relation:
    listed = {"kubernetes_manifests": json.dumps(manifests)}
    return testing.Relation(
        endpoint,
        "kubernetes_manifest",
        id=number,
        remote_app_name=app,
        remote_app_data=listed | bag,
    )


def run(*relations: testing.Relation, before: Result | None = None, **details: Any) -> Result:
    state = before.state if before else CHARM.state(without=CHARM.optional())
    peers = [item for item in state.relations if isinstance(item, testing.PeerRelation)]
    state = dataclasses.replace(state, relations=[*peers, *relations], **details)
    return CHARM.run(state, "config_changed", cluster=before.cluster if before else None)


def data(result: Result) -> dict[str, Any]:
    return json.loads(result.files(NAME)[DATA])


def names(result: Result) -> list[str]:
    return [item["metadata"]["name"] for item in data(result)["manifests"]]


def controller(result: Result) -> dict[str, Any]:
    return result.seen["objects"][CONTROLLER]["spec"]


def url(result: Result) -> str:
    return controller(result)["hooks"]["sync"]["webhook"]["url"]


def test_objects_of_all_endpoints_are_dispatched():
    result = run(
        related("secrets", "mlflow", 7, secret(key="x")),
        related("service-accounts", "kserve", 8, ACCOUNT),
    )
    assert result.status == ("active", "")
    assert names(result) == ["keys", "s3"]


def test_objects_in_a_juju_secret_are_dispatched():
    kept = testing.Secret({"manifests": json.dumps([secret(key="x")])})
    bag = {"kubernetes_manifests": kept.id, "is_secret": "true"}
    result = run(related("secrets", "mlflow", 7, **bag), secrets=[kept])
    assert names(result) == ["keys"]


def test_url_names_the_revision_that_the_server_has():
    result = run(related("secrets", "mlflow", 7, secret(key="x")))
    assert url(result) == f"http://{NAME}.kubeflow/sync?rev={data(result)['revision']}"


def test_changed_object_has_another_revision_and_restarts_nothing():
    before = run(related("secrets", "mlflow", 7, secret(key="x")))
    after = run(related("secrets", "mlflow", 7, secret(key="y")), before=before)
    assert url(after) != url(before)
    assert data(after)["revision"] != data(before)["revision"]
    assert after.seen["plans"] == before.seen["plans"]


def test_revision_is_the_same_on_every_unit():
    first = CHARM.run(CHARM.state(units=2), "config_changed")
    second = CHARM.run(CHARM.as_unit(first.state, 1), unit=1, cluster=first.cluster)
    assert data(second) == data(first)


def test_withdrawn_relation_withdraws_its_objects():
    """Metacontroller deletes what is not in the answer, of the kinds that it looks at."""
    before = run(
        related("secrets", "mlflow", 7, secret(key="x")),
        related("service-accounts", "kserve", 8, ACCOUNT),
    )
    after = run(related("service-accounts", "kserve", 8, ACCOUNT), before=before)
    assert names(after) == ["s3"]
    assert url(after) != url(before)
    resources = [item["resource"] for item in controller(after)["attachments"]]
    assert "secrets" in resources


def test_same_object_of_two_applications_is_refused_by_name():
    result = run(
        related("secrets", "mlflow", 7, secret(key="first")),
        related("secrets", "kserve", 8, secret(key="second")),
    )
    message = "relation secrets with kserve: Secret keys is there from mlflow"
    assert result.status == ("blocked", message)
    assert names(result) == ["keys"]


def test_older_relation_keeps_its_object_whichever_endpoint_it_is_on():
    result = run(
        related("secrets", "kserve", 9, secret(key="second")),
        related("secrets", "mlflow", 7, secret(key="first")),
    )
    assert result.status[1].startswith("relation secrets with kserve:")


def test_manifest_of_another_kind_is_refused_by_name_and_the_others_go_on():
    result = run(related("secrets", "mlflow", 7, ACCOUNT, secret(key="x")))
    message = "relation secrets with mlflow: ServiceAccount s3 is not a Secret of v1"
    assert result.status == ("blocked", message)
    assert names(result) == ["keys"]


def test_role_that_metacontroller_may_not_make_is_named_until_it_may():
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "pods"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    }
    refused = run(related("roles", "app", 7, role))
    message = "relation roles with app: Role pods grants more than Metacontroller has"
    assert refused.status == ("blocked", message)
    assert names(refused) == []
    allowed = run(related("roles", "app", 7, role), config={"roles-escalation": True})
    assert allowed.status == ("active", "")
    assert names(allowed) == ["pods"]


def without(kind: str) -> Result:
    """What the charm does in a cluster in which a kind is not defined."""
    cluster = CHARM.cluster()
    for table, key, stored in list(cluster.store.everything()):
        if (
            stored.obj["kind"] == "CustomResourceDefinition"
            and kind in stored.obj["metadata"]["name"]
        ):
            cluster.store.remove(table, key)
    cluster.forget_resources()
    return CHARM.run(CHARM.state(), "config_changed", cluster=cluster)


def test_missing_pod_defaults_are_left_out_and_come_when_they_are_defined():
    before = without("poddefaults")
    assert before.status == ("active", "without PodDefault: not defined yet")
    assert "poddefaults" not in [item["resource"] for item in controller(before)["attachments"]]
    after = CHARM.run(before.state, "update_status", cluster=_with_pod_defaults(before))
    assert after.status == ("active", "")
    assert "poddefaults" in [item["resource"] for item in controller(after)["attachments"]]


def _with_pod_defaults(before: Result) -> Any:
    cluster = before.cluster.copy()
    for table, key, stored in CHARM.cluster().store.everything():
        if stored.obj["metadata"]["name"] == "poddefaults.kubeflow.org":
            cluster.store.put(table, key, stored.obj, stored.managers)
    cluster.forget_resources()
    return cluster


def test_waits_for_metacontroller_and_serves_meanwhile():
    result = without("decoratorcontrollers")
    assert result.status[0] == "waiting"
    assert result.seen["services"][NAME] == {NAME: "active"}
