# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""lightkube inside and outside of the context that connects it to a cluster."""

from __future__ import annotations

from pathlib import Path

import httpx2
import lightkube
import pytest
from kubefake import Cluster
from kubefake.transport import connected
from lightkube.config.kubeconfig import KubeConfig
from lightkube.core.exceptions import ConfigError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Pod
from lightkube.types import OnErrorAction, OnErrorResult


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide whatever cluster this machine may know."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))


def config(name: str = "c") -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name), data={"a": "1"})


def test_clients_inside_talk_to_the_cluster() -> None:
    cluster = Cluster()
    with connected(cluster, "jane", "default"):
        client = lightkube.Client(field_manager="charm")
        client.apply(config())
    assert cluster.object("ConfigMap", "c", "default")["data"] == {"a": "1"}
    (entry,) = cluster.journal
    assert (entry.user, entry.verb, entry.status) == ("jane", "patch", 201)


def test_clients_outside_find_no_cluster() -> None:
    with connected(Cluster()):
        lightkube.Client()
    with pytest.raises(ConfigError):
        lightkube.Client()


def test_clients_outside_find_no_cluster_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), connected(Cluster()):
        raise ZeroDivisionError
    with pytest.raises(ConfigError):
        lightkube.Client()


def test_a_client_may_be_made_with_any_arguments() -> None:
    cluster = Cluster()
    elsewhere = KubeConfig.from_server("https://elsewhere.invalid")
    with connected(cluster, namespace="default"):
        for client in (
            lightkube.Client(elsewhere),
            lightkube.Client(elsewhere.get(), namespace="kube-system"),
            lightkube.Client(trust_env=False),
            lightkube.Client(timeout=httpx2.Timeout(1), lazy=False),
        ):
            assert not list(client.list(Pod, namespace="*"))
        assert lightkube.Client().namespace == "default"
        assert lightkube.Client(namespace="kube-system").namespace == "kube-system"
    assert len(cluster.journal) == 4


def test_clusters_can_be_nested() -> None:
    outer, inner = Cluster(), Cluster()
    with connected(outer):
        with connected(inner):
            lightkube.Client().create(config("inner"))
        lightkube.Client().create(config("outer"))
    assert inner.object("ConfigMap", "inner")
    assert outer.object("ConfigMap", "outer")
    assert len(inner.journal) == len(outer.journal) == 1


def test_a_watch_that_could_only_wait_is_an_error() -> None:
    with connected(Cluster()):
        events = lightkube.Client().watch(ConfigMap)
        assert next(events)[0] == "ADDED"
        with pytest.raises(httpx2.ReadTimeout):
            next(events)


@pytest.mark.parametrize("seconds", [None, 5])
def test_a_watch_ends_where_its_reader_says(seconds: int | None) -> None:
    def stop(_: Exception, __: int) -> OnErrorResult:
        return OnErrorResult(OnErrorAction.STOP)

    with connected(Cluster()):
        events = lightkube.Client().watch(ConfigMap, server_timeout=seconds, on_error=stop)
        assert [kind for kind, _ in events] == ["ADDED"]


def test_waiting_for_what_does_not_come_is_an_error() -> None:
    with connected(Cluster()):
        client = lightkube.Client()
        spec = {"containers": [{"name": "c", "image": "x"}]}
        pod = Pod.from_dict({"metadata": {"name": "p"}, "spec": spec})
        assert isinstance(pod, Pod)
        client.create(pod)
        with pytest.raises(httpx2.ReadTimeout):
            client.wait(Pod, "p", for_conditions=["Ready"])


def test_a_fault_reaches_the_client() -> None:
    cluster = Cluster()
    cluster.faults = lambda _: httpx2.ConnectTimeout("no answer")
    with connected(cluster), pytest.raises(httpx2.ConnectTimeout):
        lightkube.Client().get(ConfigMap, "c")
