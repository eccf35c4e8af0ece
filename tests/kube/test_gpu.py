# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The real scheduler gives notebooks to the nodes that the charms' options say.

A user's form becomes a Notebook by the spawner's configuration that jupyter-ui writes, the API
server keeps it by jupyter-controller's definition, and its pod is the notebook controller's,
merged with PodDefaults as admission-webhook's program does. These two and the spawner's server are
models of themselves; what they are given, and who decides about the pod, is real.
"""

from __future__ import annotations

import functools
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx2
import pytest
import yaml
from jujusim.testing import Charm
from lightkube import Client
from lightkube.models.core_v1 import Taint

from . import bundles, nodes, notebook_pod, pod_default, spawned_notebook

Object = dict[str, Any]
Value = TypeVar("Value")

ROOT = pathlib.Path(__file__).parents[2]
SPAWNER = Charm.at(ROOT / "charms/jupyter-ui")
DEFINERS = ("jupyter-controller", "admission-webhook")
OVERLAY: Object = yaml.safe_load((ROOT / "overlays/gpu.yaml").read_text())["applications"]
OPTIONS: dict[str, Any] = OVERLAY["jupyter-ui"]["options"]
VENDORS = [each["limitsKey"] for each in yaml.safe_load(OPTIONS["gpu-vendors"])]
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SECONDS = 20

# By node: what it has, whom its taint keeps off, and labels of NVIDIA's GPU feature discovery.
NODES: dict[str, tuple[dict[str, str], str, dict[str, str]]] = {
    "cpu": ({}, "", {}),
    "a100": (
        {"nvidia.com/gpu": "8"},
        "nvidia.com/gpu",
        {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB", "nvidia.com/gpu.memory": "40960"},
    ),
    "t4": (
        {"nvidia.com/gpu": "8"},
        "nvidia.com/gpu",
        {"nvidia.com/gpu.product": "Tesla-T4", "nvidia.com/gpu.memory": "15360"},
    ),
    "mig": ({"nvidia.com/mig-1g.5gb": "7"}, "nvidia.com/gpu", {}),
    "shared": ({"nvidia.com/gpu.shared": "4"}, "nvidia.com/gpu", {}),
    "amd": ({"amd.com/gpu": "2"}, "amd.com/gpu", {}),
    "gaudi": ({"habana.ai/gaudi": "8"}, "habana.ai/gaudi", {}),
}
NVIDIA = {"num": "1", "vendor": "nvidia.com/gpu"}
POD_DEFAULT = {
    "apiVersion": "kubeflow.org/v1alpha1",
    "kind": "PodDefault",
    "metadata": {"name": "gpu"},
    "spec": {
        "selector": {"matchLabels": {"gpu": "true"}},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "env": [{"name": "NVIDIA_DRIVER_CAPABILITIES", "value": "compute,utility"}],
    },
}


@functools.cache
def spawner(*without: str, **options: Any) -> Object:
    """The configuration that jupyter-ui writes for the overlay, without some of its options."""
    given = {name: value for name, value in OPTIONS.items() if name not in without}
    more = {name.replace("_", "-"): value for name, value in options.items()}
    result = SPAWNER.run(SPAWNER.state(config=given | more), "config_changed")
    assert result.status == ("active", "")
    return yaml.safe_load(result.files("jupyter-ui")["/etc/config/spawner_ui_config.yaml"])


class User:
    """A namespace with somebody in it who starts notebooks."""

    def __init__(self, http: httpx2.Client, namespace: str) -> None:
        self._http = http
        self.namespace = namespace
        self.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
        account = {"metadata": {"name": "default-editor"}}
        self.create("/api/v1/namespaces/{ns}/serviceaccounts", account)

    def create(self, path: str, obj: Object) -> Object:
        answer = self._http.post(path.format(ns=self.namespace), json=obj)
        assert answer.is_success, answer.text
        return answer.json()

    def start(self, config: Object, **chosen: Any) -> Place:
        """Send the form, and follow what comes of it until there is a pod."""
        form = spawned_notebook.form_of(config, "one", self.namespace, workspace=None, **chosen)
        notebook = spawned_notebook.notebook_of(config, form)
        kept = self.create("/apis/kubeflow.org/v1beta1/namespaces/{ns}/notebooks", notebook)
        path = f"/apis/kubeflow.org/v1alpha1/namespaces/{self.namespace}/poddefaults"
        found = self._http.get(path).raise_for_status().json()["items"]
        pod = pod_default.merged(notebook_pod.pod_of(kept), found)
        self.create("/api/v1/namespaces/{ns}/pods", pod)
        return Place(self._http, f"/api/v1/namespaces/{self.namespace}/pods/one-0")


class Place:
    """What the scheduler says of a pod."""

    def __init__(self, http: httpx2.Client, path: str) -> None:
        self._http = http
        self._path = path

    @property
    def pod(self) -> Object:
        return self._http.get(self._path).raise_for_status().json()

    @property
    def node(self) -> str:
        """Where the pod is bound to; it fails with the reason why it is bound nowhere."""

        def bound() -> str | None:
            return self.pod["spec"].get("nodeName")

        return _soon(bound, lambda: self._reason() or "no word from the scheduler")

    @property
    def reason(self) -> str:
        """Why the pod is bound nowhere."""
        reason = _soon(self._reason, lambda: f"bound to {self.pod['spec'].get('nodeName')}")
        assert "nodeName" not in self.pod["spec"]
        return reason

    def _reason(self) -> str | None:
        conditions = self.pod["status"].get("conditions", ())
        found = [each["message"] for each in conditions if each.get("reason") == "Unschedulable"]
        return found[0] if found else None


def _soon(ask: Callable[[], Value | None], otherwise: Callable[[], str]) -> Value:
    deadline = time.monotonic() + SECONDS
    while (answer := ask()) is None:
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.05)
    return answer


@pytest.fixture(scope="module")
def http(request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    """A control plane with the charms' definitions and the nodes."""
    with bundles.started(request) as cluster:
        with Client(cluster.plane.lightkube_config(), field_manager="test") as client:
            for name, (room, taint, labels) in NODES.items():
                taints = [Taint(key=taint, value="present", effect="NoSchedule")] if taint else []
                nodes.add(client, name, room=room, labels=labels, taints=taints)
        for name in DEFINERS:
            _define(cluster.http, Charm.at(ROOT / "charms" / name))
        yield cluster.http


def _define(http: httpx2.Client, charm: Charm) -> None:
    for obj in charm.complete.seen["objects"].values():
        if obj["kind"] != "CustomResourceDefinition":
            continue
        crd = {key: obj[key] for key in ("apiVersion", "kind", "spec")}
        crd["metadata"] = {"name": obj["metadata"]["name"]}
        assert http.post(CRDS, json=crd).status_code == 201
        spec = obj["spec"]
        path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"

        def served(path: str = path) -> bool | None:
            return http.get(path).is_success or None

        _soon(served, lambda path=path: f"{path} is not served")


@pytest.fixture
def user(http: httpx2.Client, request: pytest.FixtureRequest) -> User:
    name = "".join(c if c.isalnum() else "-" for c in request.node.name.lower())
    return User(http, name[-60:].strip("-"))


@pytest.mark.parametrize(
    ("vendor", "group", "expected"),
    [
        ("nvidia.com/gpu", "nvidia", {"a100", "t4"}),
        ("nvidia.com/mig-1g.5gb", "nvidia", {"mig"}),
        ("nvidia.com/gpu.shared", "nvidia", {"shared"}),
        ("amd.com/gpu", "amd", {"amd"}),
        ("habana.ai/gaudi", "gaudi", {"gaudi"}),
    ],
)
def test_a_gpu_leads_to_a_node_that_has_it(
    user: User, vendor: str, group: str, expected: set[str]
) -> None:
    chosen = {"gpus": {"num": "1", "vendor": vendor}, "tolerationGroup": group}
    assert user.start(spawner(), **chosen).node in expected


@pytest.mark.parametrize("vendor", VENDORS)
def test_without_the_tolerations_it_stays_pending(user: User, vendor: str) -> None:
    """With the option removed there is no group; whoever names one all the same gets nothing."""
    group = vendor.partition(".")[0].replace("habana", "gaudi")
    config = spawner("tolerations-options")
    place = user.start(config, gpus={"num": "1", "vendor": vendor}, tolerationGroup=group)
    assert "untolerated taint" in place.reason
    assert f"Insufficient {vendor}" in place.reason


@pytest.mark.parametrize("group", ["none", "nvidia"])
def test_without_a_gpu_no_gpu_is_held(user: User, group: str) -> None:
    place = user.start(spawner(), tolerationGroup=group)
    assert place.node == "cpu" if group == "none" else place.node in NODES
    (container,) = place.pod["spec"]["containers"]
    assert not [name for name in container["resources"]["limits"] if "/" in name]


@pytest.mark.parametrize("affinity", ["a100", "large-memory"])
def test_an_affinity_chooses_among_nodes(user: User, affinity: str) -> None:
    chosen = {"gpus": NVIDIA, "tolerationGroup": "nvidia", "affinityConfig": affinity}
    assert user.start(spawner(), **chosen).node == "a100"


def test_an_affinity_to_nothing_stays_pending(user: User) -> None:
    h100 = OPTIONS["affinity-options"].replace("A100-SXM4-40GB", "H100-80GB-HBM3")
    chosen = {"gpus": NVIDIA, "tolerationGroup": "nvidia", "affinityConfig": "a100"}
    place = user.start(spawner(affinity_options=h100), **chosen)
    assert "didn't match Pod's node affinity/selector" in place.reason


def test_more_than_there_is_stays_pending(user: User) -> None:
    chosen = {"gpus": {"num": "8", "vendor": "amd.com/gpu"}, "tolerationGroup": "amd"}
    assert "Insufficient amd.com/gpu" in user.start(spawner(), **chosen).reason


def test_defaults_need_no_choice(user: User) -> None:
    config = spawner(
        gpu_number_default=1,
        gpu_vendors_default="nvidia.com/mig-1g.5gb",
        tolerations_options_default="nvidia",
    )
    assert user.start(config).node == "mig"


PATH = "/apis/kubeflow.org/v1alpha1/namespaces/{ns}/poddefaults"


def test_a_pod_default_brings_the_tolerations(user: User) -> None:
    user.create(PATH, POD_DEFAULT)
    config = spawner("tolerations-options", default_poddefaults="[gpu]")
    place = user.start(config, gpus=NVIDIA)
    assert place.node in {"a100", "t4"}
    (container,) = place.pod["spec"]["containers"]
    assert POD_DEFAULT["spec"]["env"][0] in container["env"]


def test_without_its_label_a_pod_default_does_nothing(user: User) -> None:
    user.create(PATH, POD_DEFAULT)
    config = spawner("tolerations-options", default_poddefaults="[]")
    assert "untolerated taint" in user.start(config, gpus=NVIDIA).reason
