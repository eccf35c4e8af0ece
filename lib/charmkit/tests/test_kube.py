# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Kubernetes API as charms use it: calls, and what becomes of errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import charmkit
import httpx2
import kubefake
import ops
import pytest
from charmkit import kube
from ops import testing

CONFIG_MAP = kube.Kind("v1", "ConfigMap", namespaced=True)
NAMESPACE = kube.Kind("v1", "Namespace", namespaced=False)
PROFILE = kube.Kind("kubeflow.org/v1", "Profile", namespaced=False)
WORKFLOW = kube.Kind("argoproj.io/v1alpha1", "Workflow", namespaced=True)


def config_map(name: str = "settings", **more: Any) -> kube.Object:
    metadata = {"name": name, "namespace": "ml", "labels": {"app": "x"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **more}


@pytest.fixture
def api(context: Any, cluster: kubefake.Cluster) -> Iterator[kube.Kube]:
    """The cluster as a charm in the model `ml` sees it."""
    ctx = context(lambda _: [])
    state = testing.State(model=testing.Model("ml"))
    with ctx(ctx.on.update_status(), state) as manager:
        yield kube.Kube(manager.charm)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        ("ConfigMap", "configmaps"),
        ("NetworkPolicy", "networkpolicies"),
        ("Gateway", "gateways"),
        ("Ingress", "ingresses"),
        ("StorageClass", "storageclasses"),
        ("PodDefault", "poddefaults"),
        ("Notebook", "notebooks"),
        ("InferenceService", "inferenceservices"),
        ("Batch", "batches"),
        ("Box", "boxes"),
    ],
)
def test_the_plural_stands_in_urls(name: str, plural: str) -> None:
    assert kube.Kind("v1", name, namespaced=True).plural == plural


def test_the_kind_of_an_object() -> None:
    assert kube.Kind.of(config_map()) == CONFIG_MAP
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ml"}}
    assert kube.Kind.of(obj) == NAMESPACE


def test_the_key_of_an_object_tells_groups_apart() -> None:
    service = {"kind": "Service", "metadata": {"name": "a", "namespace": "ml"}}
    core = kube.key({"apiVersion": "v1", **service})
    knative = kube.key({"apiVersion": "serving.knative.dev/v1", **service})
    newer = kube.key({"apiVersion": "serving.knative.dev/v2", **service})
    assert core != knative
    assert knative == newer


def test_what_is_not_there_is_none(api: kube.Kube) -> None:
    assert api.get(CONFIG_MAP, "settings") is None
    assert api.list(CONFIG_MAP, {"app": "x"}) == []


def test_what_is_applied_is_there(api: kube.Kube) -> None:
    api.apply(config_map(data={"a": "1"}))
    found = api.get(CONFIG_MAP, "settings")
    assert found is not None
    assert found["data"] == {"a": "1"}
    assert (found["apiVersion"], found["kind"]) == ("v1", "ConfigMap")


def test_the_model_is_the_default_namespace(api: kube.Kube) -> None:
    api.apply(config_map())
    assert api.get(CONFIG_MAP, "settings") == api.get(CONFIG_MAP, "settings", "ml")
    assert api.get(CONFIG_MAP, "settings", "default") is None


def test_a_list_reaches_over_all_namespaces_and_no_further_than_its_labels(
    api: kube.Kube,
) -> None:
    api.apply(config_map("here"))
    there = config_map("there")
    there["metadata"]["namespace"] = "default"
    api.apply(there)
    other = config_map("other")
    other["metadata"]["labels"] = {"app": "y"}
    api.apply(other)
    found = api.list(CONFIG_MAP, {"app": "x"})
    assert sorted(kube.key(obj) for obj in found) == sorted(
        [kube.key(config_map("here")), kube.key(there)]
    )
    assert {kube.Kind.of(obj) for obj in found} == {CONFIG_MAP}


def test_objects_of_the_cluster(api: kube.Kube) -> None:
    metadata = {"name": "user", "labels": {"app": "x"}}
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    assert [obj["metadata"]["name"] for obj in api.list(NAMESPACE, {"app": "x"})] == ["user"]
    api.merge(NAMESPACE, "user", {"metadata": {"labels": {"more": "y"}}})
    found = api.get(NAMESPACE, "user")
    assert found is not None
    assert found["metadata"]["labels"].items() >= {"app": "x", "more": "y"}.items()


def test_apply_takes_fields_from_others_and_gives_up_its_own(api: kube.Kube) -> None:
    api.apply(config_map(data={"a": "1", "b": "1"}))
    api.merge(CONFIG_MAP, "settings", {"data": {"a": "2", "c": "2"}})
    api.apply(config_map(data={"a": "1"}))
    found = api.get(CONFIG_MAP, "settings")
    assert found is not None
    assert found["data"] == {"a": "1", "c": "2"}


def test_who_applies_goes_by_the_name_of_the_published_charms(
    api: kube.Kube, cluster: kubefake.Cluster
) -> None:
    applied = api.apply(config_map(data={"a": "1"}))
    managers = {entry["manager"] for entry in applied["metadata"]["managedFields"]}
    assert managers == {"lightkube"}


def test_merge_replaces_a_list_and_removes_null(api: kube.Kube) -> None:
    api.apply(config_map(data={"a": "1", "b": "2"}))
    api.merge(CONFIG_MAP, "settings", {"data": {"a": None}}, "ml")
    found = api.get(CONFIG_MAP, "settings")
    assert found is not None
    assert found["data"] == {"b": "2"}


def test_what_is_deleted_is_gone_and_may_be_gone_already(api: kube.Kube) -> None:
    api.apply(config_map())
    api.delete(CONFIG_MAP, "settings", "ml")
    api.delete(CONFIG_MAP, "settings", "ml")
    assert api.get(CONFIG_MAP, "settings") is None


@pytest.mark.parametrize(
    ("kind", "defined"), [(CONFIG_MAP, True), (NAMESPACE, True), (PROFILE, False)]
)
def test_whether_a_kind_is_defined(api: kube.Kube, kind: kube.Kind, *, defined: bool) -> None:
    assert api.is_defined(kind) is defined


@pytest.mark.parametrize("kind", [PROFILE, WORKFLOW])
def test_a_kind_that_is_not_defined(api: kube.Kube, kind: kube.Kind) -> None:
    assert api.list(kind, {"app": "x"}) == []
    assert api.get(kind, "a") is None
    api.delete(kind, "a")
    metadata = {"name": "a", **({"namespace": "ml"} if kind.namespaced else {})}
    with pytest.raises(charmkit.Waiting, match="waiting for Kubernetes"):
        api.apply({"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata})


def answer(code: int, message: str = "no", *, plain: bool = False) -> kubefake.Response:
    """What an API server answers; what is too busy to look at a request answers in plain text."""
    if plain:
        kind = ("content-type", "text/plain; charset=utf-8")
        return kubefake.Response(code, [kind], message.encode())
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}
    text = json.dumps({**body, "message": message, "reason": "Because"}).encode()
    return kubefake.Response(code, [("content-type", "application/json")], text)


CALLS: dict[str, Callable[[kube.Kube], Any]] = {
    "get": lambda api: api.get(CONFIG_MAP, "settings"),
    "list": lambda api: api.list(CONFIG_MAP, {"app": "x"}),
    "apply": lambda api: api.apply(config_map()),
    "merge": lambda api: api.merge(CONFIG_MAP, "settings", {"data": {}}),
    "delete": lambda api: api.delete(CONFIG_MAP, "settings"),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def fail(cluster: kubefake.Cluster, *answers: Any) -> None:
    """Give these answers to the next requests, and none of its own after that."""
    left = list(answers)
    cluster.faults = lambda _: left.pop(0) if left else None


def always(cluster: kubefake.Cluster, fault: Any) -> None:
    cluster.faults = lambda _: fault


TERMINATING = "unable to create new content in namespace ml because it is being terminated"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (
            answer(403, "User cannot get it"),
            charmkit.Blocked("Kubernetes denied a request, run: juju trust app --scope=cluster"),
        ),
        (answer(403, TERMINATING), charmkit.Waiting(f"waiting for Kubernetes: {TERMINATING}")),
        (answer(409, "changed"), charmkit.Waiting("waiting for the Kubernetes API: changed")),
        (
            answer(500, 'Internal error: failed calling webhook "a"'),
            charmkit.Waiting('waiting for a webhook: Internal error: failed calling webhook "a"'),
        ),
        (answer(429, "busy"), charmkit.Waiting("waiting for the Kubernetes API: busy")),
        (
            answer(429, "Too many requests, please try again later.\n", plain=True),
            charmkit.Waiting(
                "waiting for the Kubernetes API: Too many requests, please try again later."
            ),
        ),
        (answer(503, "bye", plain=True), charmkit.Waiting("waiting for the Kubernetes API: bye")),
        (answer(500, "x" * 500), charmkit.Waiting(f"waiting for the Kubernetes API: {'x' * 100}")),
    ],
)
@every_call
def test_an_error_is_a_reason_to_wait_or_to_act(
    api: kube.Kube,
    cluster: kubefake.Cluster,
    pauses: list[float],
    call: Callable[[kube.Kube], Any],
    response: kubefake.Response,
    reason: charmkit.NotReady,
) -> None:
    always(cluster, response)
    with pytest.raises(type(reason)) as caught:
        call(api)
    assert caught.value.message == reason.message


@pytest.mark.parametrize("code", [400, 401, 405, 415, 422])
@every_call
def test_any_other_error_is_a_bug(
    api: kube.Kube,
    cluster: kubefake.Cluster,
    pauses: list[float],
    call: Callable[[kube.Kube], Any],
    code: int,
) -> None:
    always(cluster, answer(code, "invalid"))
    with pytest.raises(httpx2.HTTPStatusError, match="invalid"):
        call(api)
    assert pauses == []


@pytest.mark.parametrize(
    "fault",
    [
        answer(429),
        answer(429, plain=True),
        answer(500),
        answer(502, plain=True),
        answer(503),
        answer(504),
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("timed out"),
        httpx2.RemoteProtocolError("disconnected"),
    ],
    ids=str,
)
@every_call
def test_what_passes_soon_is_not_noticed(
    api: kube.Kube,
    cluster: kubefake.Cluster,
    pauses: list[float],
    call: Callable[[kube.Kube], Any],
    fault: Any,
) -> None:
    api.apply(config_map())
    fail(cluster, fault, fault)
    call(api)
    assert pauses == list(kube.RETRY_DELAYS)


@every_call
def test_no_answer_is_a_reason_to_wait(
    api: kube.Kube,
    cluster: kubefake.Cluster,
    pauses: list[float],
    call: Callable[[kube.Kube], Any],
) -> None:
    always(cluster, httpx2.ConnectError("refused"))
    with pytest.raises(charmkit.Waiting, match=r"^Kubernetes API does not answer: refused$"):
        call(api)
    assert pauses == list(kube.RETRY_DELAYS)


@pytest.mark.parametrize("code", [403, 409])
def test_what_does_not_pass_is_not_tried_again(
    api: kube.Kube, cluster: kubefake.Cluster, pauses: list[float], code: int
) -> None:
    always(cluster, answer(code))
    with pytest.raises(charmkit.NotReady):
        api.get(CONFIG_MAP, "settings")
    assert pauses == []


@pytest.mark.parametrize("name", ["apply", "merge"])
def test_a_thing_that_is_not_there_yet_is_a_reason_to_wait(
    api: kube.Kube, cluster: kubefake.Cluster, name: str
) -> None:
    always(cluster, answer(404, 'namespaces "ml" not found'))
    with pytest.raises(charmkit.Waiting, match="namespaces"):
        CALLS[name](api)


def test_an_exception_of_the_charm_surfaces(api: kube.Kube, cluster: kubefake.Cluster) -> None:
    always(cluster, RuntimeError("bug"))
    with pytest.raises(RuntimeError, match="bug"):
        api.get(CONFIG_MAP, "settings")


class Reader(charmkit.Component):
    """Reads one object."""

    def reconcile(self) -> None:
        kube.Kube(self.charm).get(CONFIG_MAP, "settings")


def test_requests_leave_no_line_in_the_log(context: Any, cluster: kubefake.Cluster) -> None:
    ctx = context(lambda charm: [Reader(charm)])
    state = ctx.run(ctx.on.update_status(), testing.State(model=testing.Model("ml")))
    assert state.unit_status == ops.ActiveStatus()
    assert [entry.verb for entry in cluster.journal] == ["get"]
    assert ctx.juju_log == []
