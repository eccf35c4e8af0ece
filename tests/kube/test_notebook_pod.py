# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The model of a notebook's pod, against the controller's rules and a real StatefulSet."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from charmkit import _diff

from . import notebook_pod

if TYPE_CHECKING:
    from .conftest import Object, Server


def notebook(container: Object | None = None, **metadata: Any) -> Object:
    """The smallest Notebook of ann, and what is added to its container and its metadata."""
    image = {"name": "one", "image": "jupyter"}
    return {
        "apiVersion": "kubeflow.org/v1",
        "kind": "Notebook",
        "metadata": {"name": "one", "namespace": "ann", **metadata},
        "spec": {"template": {"spec": {"containers": [{**image, **(container or {})}]}}},
    }


def container_of(pod: Object) -> Object:
    return pod["spec"]["containers"][0]


def test_whole() -> None:
    container = {
        "name": "one",
        "image": "jupyter",
        "workingDir": "/home/jovyan",
        "ports": [{"containerPort": 8888, "name": "notebook-port", "protocol": "TCP"}],
        "env": [{"name": "NB_PREFIX", "value": "/notebook/ann/one"}],
    }
    assert notebook_pod.pod_of(notebook()) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "one-0",
            "namespace": "ann",
            "labels": {
                "statefulset": "one",
                "notebook-name": "one",
                "statefulset.kubernetes.io/pod-name": "one-0",
                "apps.kubernetes.io/pod-index": "0",
            },
            "annotations": {},
        },
        "spec": {
            "hostname": "one-0",
            "containers": [container],
            "securityContext": {"fsGroup": 100},
        },
    }


def test_the_notebook_stays_as_it_is() -> None:
    given = notebook({"env": []})
    before = copy.deepcopy(given)
    notebook_pod.pod_of(given)
    assert given == before


def test_labels_reach_the_pod_for_pod_defaults() -> None:
    labels = notebook_pod.pod_of(notebook(labels={"gpu": "true"}))["metadata"]["labels"]
    assert labels["gpu"] == "true"
    assert labels["notebook-name"] == "one"


def test_annotations_that_are_the_controllers_or_kubectls_stay_behind() -> None:
    annotations = {
        "sidecar.istio.io/inject": "false",
        "notebooks.kubeflow.org/last-activity": "2025-01-01T00:00:00Z",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
    }
    pod = notebook_pod.pod_of(notebook(annotations=annotations))
    assert pod["metadata"]["annotations"] == {"sidecar.istio.io/inject": "false"}


@pytest.mark.parametrize(
    "given",
    [
        {"workingDir": "/work"},
        {"ports": [{"containerPort": 8787}]},
        {"ports": []},
        {"env": [{"name": "NB_PREFIX", "value": "/mine"}]},
    ],
)
def test_what_is_given_is_kept(given: Object) -> None:
    container = container_of(notebook_pod.pod_of(notebook(given)))
    assert {name: container[name] for name in given} == given


def test_the_prefix_comes_last() -> None:
    given = {"env": [{"name": "A", "value": "a"}]}
    names = [item["name"] for item in container_of(notebook_pod.pod_of(notebook(given)))["env"]]
    assert names == ["A", "NB_PREFIX"]


def test_only_the_first_container_is_completed() -> None:
    given = notebook()
    sidecar = {"name": "two", "image": "sidecar"}
    given["spec"]["template"]["spec"]["containers"].append(sidecar)
    assert notebook_pod.pod_of(given)["spec"]["containers"][1] == sidecar


def test_group_of_files() -> None:
    assert "securityContext" not in notebook_pod.pod_of(notebook(), add_fs_group=False)["spec"]
    given = notebook()
    given["spec"]["template"]["spec"]["securityContext"] = {"runAsUser": 1000}
    assert notebook_pod.pod_of(given)["spec"]["securityContext"] == {"runAsUser": 1000}


def test_stopped() -> None:
    given = notebook(annotations={notebook_pod.STOPPED: "2025-01-01T00:00:00Z"})
    with pytest.raises(ValueError, match=notebook_pod.STOPPED):
        notebook_pod.pod_of(given)
    assert notebook_pod.stateful_set_of(given)["spec"]["replicas"] == 0


@pytest.mark.only_real("the StatefulSet controller makes the pod")
def test_a_real_stateful_set_has_this_pod(server: Server) -> None:
    given = notebook({"env": [{"name": "A", "value": "a"}]}, labels={"gpu": "true"})
    given["metadata"] |= {"name": server.me, "namespace": server.ns}
    # What is mounted for the account is not the controllers' doing.
    given["spec"]["template"]["spec"]["automountServiceAccountToken"] = False
    wanted = notebook_pod.pod_of(given)
    path = "/apis/apps/v1/namespaces/{ns}/statefulsets"
    server.create(path, notebook_pod.stateful_set_of(given)).ok()
    pod = f"/api/v1/namespaces/{{ns}}/pods/{wanted['metadata']['name']}"
    server.eventually(lambda: not server.gone(pod))
    assert _diff.is_subset(wanted, server.get(pod).ok())
