# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The status and scale subresources."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import Custom, Object, Server

DEPLOYMENT = "/apis/apps/v1/namespaces/{ns}/deployments/d"
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {"type": "object", "properties": {"a": {"type": "integer"},
                                                  "replicas": {"type": "integer"}}},
        "status": {"type": "object", "properties": {"ready": {"type": "boolean"},
                                                    "replicas": {"type": "integer"}}},
    },
}  # fmt: skip
SCALE = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}


def thing(server: Server, **fields: Any) -> tuple[Custom, str]:
    custom = server.define(SCHEMA, subresources={"status": {}, "scale": SCALE})
    server.create(custom.path, custom.thing(**fields)).ok()
    return custom, f"{custom.path}/x"


def test_status_is_not_written_through_the_object(server: Server) -> None:
    _, path = thing(server, spec={"a": 1}, status={"ready": True})
    assert "status" not in server.get(path).ok()
    after = server.merge(path, {"spec": {"a": 2}, "status": {"ready": True}}).ok()
    assert "status" not in after
    assert after["metadata"]["generation"] == 2


def test_the_status_subresource_writes_nothing_else(server: Server) -> None:
    _, path = thing(server, spec={"a": 1})
    patch = {"spec": {"a": 2}, "metadata": {"labels": {"x": "y"}}, "status": {"ready": True}}
    after = server.merge(f"{path}/status", patch).ok()
    assert after["spec"] == {"a": 1}
    assert after["status"] == {"ready": True}
    assert "labels" not in after["metadata"]
    assert after["metadata"]["generation"] == 1
    assert server.get(f"{path}/status").ok() == server.get(path).ok()


def test_the_status_is_validated(server: Server) -> None:
    _, path = thing(server, spec={"a": 1})
    answer = server.merge(f"{path}/status", {"status": {"ready": "yes"}})
    assert (answer.status, answer.fields) == (422, ["status.ready"])


def test_the_status_can_be_put(server: Server) -> None:
    _, path = thing(server, spec={"a": 1})
    whole = server.get(path).ok()
    after = server.put(f"{path}/status", {**whole, "status": {"replicas": 3}}).ok()
    assert after["status"] == {"replicas": 3}
    stale = server.put(f"{path}/status", {**whole, "status": {"replicas": 4}})
    assert stale.reason == "Conflict"


def test_the_status_has_owners_of_its_own(server: Server) -> None:
    custom, path = thing(server, spec={"a": 1})
    status = custom.thing(status={"ready": True})
    applied = server.apply(f"{path}/status", status).ok()
    entry = next(e for e in applied["metadata"]["managedFields"] if e["manager"] == "one")
    assert entry["subresource"] == "status"
    assert entry["fieldsV1"] == {"f:status": {"f:ready": {}}}
    kept = server.apply(path, custom.thing(spec={"a": 1})).ok()
    assert kept["status"] == {"ready": True}
    gone = server.apply(f"{path}/status", custom.thing()).ok()
    assert "ready" not in gone.get("status", {})


def test_status_given_in_an_apply_of_the_object_is_not_owned(server: Server) -> None:
    custom, path = thing(server, spec={"a": 1})
    applied = server.apply(path, custom.thing(spec={"a": 1}, status={"ready": True})).ok()
    entry = next(e for e in applied["metadata"]["managedFields"] if e["manager"] == "one")
    assert entry["fieldsV1"] == {"f:spec": {"f:a": {}}}
    assert "status" not in applied


def test_without_the_subresource_status_is_a_field_like_others(server: Server) -> None:
    custom = server.define()
    made = server.create(custom.path, custom.thing(status={"a": 1})).ok()
    assert made["status"] == {"a": 1}
    answer = server.merge(f"{custom.path}/x/status", {"status": {"a": 2}})
    assert (answer.status, answer.reason) == (404, "NotFound")


def deployment(server: Server) -> Object:
    pod = {"containers": [{"name": "c", "image": "example.com/x:1"}]}
    spec = {
        "replicas": 0,
        "paused": True,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod},
    }
    path = DEPLOYMENT.removesuffix("/d")
    return server.create(path, {"metadata": {"name": "d"}, "spec": spec}).ok()


def test_a_deployment_has_its_status_to_itself(server: Server) -> None:
    deployment(server)
    server.merge(f"{DEPLOYMENT}/status", {"status": {"collisionCount": 7}}).ok()
    assert server.get(DEPLOYMENT).ok()["status"]["collisionCount"] == 7
    server.merge(DEPLOYMENT, {"status": {"collisionCount": 8}}).ok()
    assert server.get(DEPLOYMENT).ok()["status"]["collisionCount"] == 7


def test_other_subresources_are_not_found(server: Server) -> None:
    deployment(server)
    answer = server.get(f"{DEPLOYMENT}/absent")
    assert (answer.status, answer.reason) == (404, "NotFound")
    assert answer.message == "the server could not find the requested resource"


def test_a_subresource_cannot_be_deleted(server: Server) -> None:
    deployment(server)
    answer = server.delete(f"{DEPLOYMENT}/status")
    assert (answer.status, answer.reason) == (405, "MethodNotAllowed")


def token_request(seconds: int) -> Object:
    return {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"audiences": ["pipelines.kubeflow.org"], "expirationSeconds": seconds},
    }


def test_token_of_a_service_account_ends_when_it_was_asked_to(server: Server) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "agent"}}
    server.create("/api/v1/namespaces/{ns}/serviceaccounts", account).ok()
    path = "/api/v1/namespaces/{ns}/serviceaccounts/agent/token"
    status = server.create(path, token_request(7200)).ok()["status"]
    payload = status["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["exp"] - claims["iat"] == 7200
    assert claims["aud"] == ["pipelines.kubeflow.org"]
    assert claims["sub"].endswith(":agent")


def test_token_for_too_short_a_time_is_refused(server: Server) -> None:
    path = "/api/v1/namespaces/{ns}/serviceaccounts/default/token"
    answer = server.create(path, token_request(599))
    assert (answer.status, answer.fields) == (422, ["spec.expirationSeconds"])


def test_token_of_no_service_account_is_refused(server: Server) -> None:
    path = "/api/v1/namespaces/{ns}/serviceaccounts/nobody/token"
    assert server.create(path, token_request(3600)).status == 404
