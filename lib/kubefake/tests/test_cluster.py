# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The hooks by which the simulator drives a cluster; what it answers is in tests/kube."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from kubefake import ApiError, Attributes, Cluster, Request, Response, rbac

MAPS = "/api/v1/namespaces/default/configmaps"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
APPLY = {"content-type": "application/apply-patch+yaml"}


def config(name: str = "c", **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": data,
    }


def apply(cluster: Cluster, obj: dict[str, Any], user: str = "admin") -> Response:
    path = f"{MAPS}/{obj['metadata']['name']}"
    body = json.dumps(obj).encode()
    return cluster.request(Request("PATCH", path, {"fieldManager": "m"}, APPLY, body, user))


def get(cluster: Cluster, path: str, **query: str) -> Response:
    return cluster.request(Request("GET", path, query))


def definition(plural: str = "things") -> dict[str, Any]:
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object"}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Cluster",
            "names": {"plural": plural, "kind": "Thing"},
            "versions": [version],
        },
    }


def course(seed: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what a cluster holds after some events, and the names that it drew."""
    cluster = Cluster(seed=seed)
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml"}})
    service = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    path = "/api/v1/namespaces/ml/services"
    cluster.request(Request("POST", path, body=service))
    generated = {"metadata": {"generateName": "c-"}}
    names = [
        cluster.request(Request("POST", MAPS, body=generated)).json()["metadata"]["name"]
        for _ in range(3)
    ]
    return cluster.objects(), names


def test_one_seed_gives_one_course_of_events() -> None:
    assert course(7) == course(7)
    assert course(7)[1] != course(8)[1]


def test_a_copy_goes_its_own_way() -> None:
    cluster = Cluster()
    cluster.authorize = rbac.Authorizer(cluster)
    cluster.create(config("shared"))
    other = cluster.copy()
    assert other.objects() == cluster.objects()
    first, second = cluster.create(config("mine")), other.create(config("theirs"))
    assert first["metadata"]["uid"] == second["metadata"]["uid"]
    assert get(cluster, f"{MAPS}/theirs").status == 404
    assert get(other, f"{MAPS}/mine").status == 404
    assert len(cluster.journal) == len(other.journal)
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "b"},
        "roleRef": {"kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "User", "name": "jane"}],
    }
    other.create(binding)
    ask = Request("GET", MAPS, user="jane")
    assert (cluster.request(ask).status, other.request(ask).status) == (403, 200)


def test_what_is_read_can_be_changed_without_harm() -> None:
    cluster = Cluster()
    cluster.create(config(a="1"))
    cluster.object("ConfigMap", "c", "default")["data"]["a"] = "2"
    assert cluster.object("ConfigMap", "c", "default")["data"] == {"a": "1"}
    sent = config("d", a="1")
    cluster.request(Request("POST", MAPS, body=sent))
    sent["data"]["a"] = "2"
    assert cluster.object("ConfigMap", "d", "default")["data"] == {"a": "1"}


def test_objects_are_found_by_kind_namespace_and_group() -> None:
    cluster = Cluster()
    cluster.create(config())
    assert [obj["metadata"]["name"] for obj in cluster.objects("ConfigMap", "default")] == [
        "c", "kube-root-ca.crt",
    ]  # fmt: skip
    assert cluster.objects("ConfigMap", group="apps") == []
    with pytest.raises(LookupError):
        cluster.object("ConfigMap", "absent")


def test_a_create_that_is_refused_raises() -> None:
    cluster = Cluster()
    with pytest.raises(ApiError) as caught:
        cluster.create(config("Bad"))
    assert (caught.value.code, caught.value.reason) == (422, "Invalid")
    with pytest.raises(ApiError):
        cluster.create({"apiVersion": "v9", "kind": "Other", "metadata": {"name": "x"}})


def test_the_journal_tells_who_did_what() -> None:
    cluster = Cluster()
    apply(cluster, config(a="1"), "one")
    apply(cluster, config(a="1"), "one")
    get(cluster, MAPS)
    get(cluster, f"{MAPS}/absent")
    get(cluster, "/version")
    cluster.request(Request("GET", "/apis/apps/v1/namespaces/default/deployments/d/scale"))
    get(cluster, "/apis/example.com/v1/namespaces/default/things")
    told = [
        (e.user, e.verb, e.group, e.resource, e.namespace, e.name, e.status, e.changed)
        for e in cluster.journal
    ]
    assert told == [
        ("one", "patch", "", "configmaps", "default", "c", 201, True),
        ("one", "patch", "", "configmaps", "default", "c", 200, False),
        ("admin", "list", "", "configmaps", "default", "", 200, False),
        ("admin", "get", "", "configmaps", "default", "absent", 404, False),
        ("admin", "get", "", "", "", "", 200, False),
        ("admin", "get", "apps", "deployments/scale", "default", "d", 404, False),
        ("admin", "list", "example.com", "things", "default", "", 404, False),
    ]


def test_a_dry_run_changes_nothing() -> None:
    cluster = Cluster()
    before = cluster.store.revision
    cluster.request(Request("POST", MAPS, {"dryRun": "All"}, body=config()))
    assert cluster.store.revision == before
    assert not cluster.journal[-1].changed


def test_everybody_may_everything_until_somebody_decides() -> None:
    cluster = Cluster()
    asked: list[tuple[str, Attributes]] = []

    def decide(user: str, attributes: Attributes) -> bool:
        asked.append((user, attributes))
        return attributes.verb != "create"

    assert apply(cluster, config("a"), "jane").status == 201
    cluster.authorize = decide
    answer = apply(cluster, config("b"), "jane")
    assert (answer.status, answer.json()["reason"]) == (403, "Forbidden")
    assert [(user, a.verb, a.resource, a.namespace, a.name) for user, a in asked] == [
        ("jane", "patch", "configmaps", "default", "b"),
        ("jane", "create", "configmaps", "default", ""),
    ]


def test_an_answer_can_be_forced() -> None:
    cluster = Cluster()
    cluster.faults = lambda request: Response(500) if request.method == "PATCH" else None
    assert apply(cluster, config()).status == 500
    assert get(cluster, f"{MAPS}/c").status == 404
    assert (cluster.journal[0].status, cluster.journal[0].changed) == (500, False)


def test_an_exception_can_be_forced() -> None:
    cluster = Cluster()
    cluster.faults = lambda _: TimeoutError("too slow")
    with pytest.raises(TimeoutError):
        apply(cluster, config())
    cluster.faults = None
    assert get(cluster, f"{MAPS}/c").status == 404
    assert cluster.journal[0].status == 0


def test_an_api_error_can_be_forced() -> None:
    cluster = Cluster()
    busy = ApiError(429, "TooManyRequests", "wait", {"retryAfterSeconds": 1}, {"Retry-After": "1"})
    cluster.faults = lambda _: busy
    answer = apply(cluster, config())
    assert answer.status == 429
    assert ("retry-after", "1") in answer.headers
    assert answer.json()["reason"] == "TooManyRequests"


def test_definitions_can_be_slow() -> None:
    cluster = Cluster(crd_delay=3)
    cluster.create(definition())
    path = "/apis/example.com/v1/things"
    assert [get(cluster, path).status for _ in range(4)] == [404, 404, 200, 200]


def test_a_watch_waits_for_a_slow_definition() -> None:
    cluster = Cluster(crd_delay=5)
    cluster.create(definition())
    answer = get(cluster, CRDS, watch="true")
    assert answer.stream is not None
    events = [json.loads(line) for line in answer.stream]
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED"]
    conditions = events[-1]["object"]["status"]["conditions"]
    assert {each["type"]: each["status"] for each in conditions} == {
        "NamesAccepted": "True", "Established": "True",
    }  # fmt: skip


def test_the_clock_can_be_given() -> None:
    time = datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    cluster = Cluster(clock=lambda: time)
    assert cluster.create(config())["metadata"]["creationTimestamp"] == "2030-01-02T03:04:05Z"


def test_time_passes_with_every_change() -> None:
    cluster = Cluster()
    times = [cluster.create(config(name))["metadata"]["creationTimestamp"] for name in ("a", "b")]
    assert times[0] < times[1]


@pytest.fixture
def forgetful() -> Cluster:
    """Return a cluster that has forgotten its first changes."""
    cluster = Cluster()
    cluster.store.keep = 3
    for index in range(12):
        cluster.create(config(f"c{index}"))
    return cluster


def test_a_watch_from_before_the_history_is_refused(forgetful: Cluster) -> None:
    answer = get(forgetful, MAPS, watch="true", resourceVersion="1")
    assert answer.stream is not None
    (event,) = [json.loads(line) for line in answer.stream]
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    assert event["object"]["reason"] == "Expired"


def test_pages_from_before_the_history_are_refused(forgetful: Cluster) -> None:
    first = get(forgetful, MAPS, limit="2").json()
    for index in range(8):
        forgetful.create(config(f"d{index}"))
    token = first["metadata"]["continue"]
    answer = get(forgetful, MAPS, limit="2", **{"continue": token})
    assert (answer.status, answer.json()["reason"]) == (410, "Expired")


def test_a_reader_that_writes_sees_his_writes() -> None:
    cluster = Cluster()
    version = get(cluster, MAPS).json()["metadata"]["resourceVersion"]
    cluster.create(config("a"))
    answer = get(cluster, MAPS, watch="true", resourceVersion=version)
    assert answer.stream is not None
    seen: list[str] = []
    for line in answer.stream:
        name = json.loads(line)["object"]["metadata"]["name"]
        seen.append(name)
        if name == "a":
            cluster.create(config("b"))
    assert seen == ["a", "b"]


def test_another_release_has_other_schemas() -> None:
    assert get(Cluster(release="1.36"), "/version").json()["minor"] == "36"
    with pytest.raises(LookupError):
        Cluster(release="1.2")
