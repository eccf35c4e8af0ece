# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Knative in a model: the way from release to release, and the end in any order."""

from __future__ import annotations

import dataclasses
import itertools
import json
import pathlib
from typing import Any

import jujusim
import kubefake
import pytest
import yaml
from charmkit import knative

from . import deployment
from .knative_operator import Operator
from .left_behind import published

COMPONENTS = {"knative-serving": "serving", "knative-eventing": "eventing"}
KNATIVE = ("knative-operator", *COMPONENTS)


LATE = "Waiting on deployments: activator"


def deployed(*others: str, **versions: str) -> Operator:
    """Knative as of these versions, with its operator."""
    model = deployment.deploy(only=(*KNATIVE, *others), **_options(versions))
    operator = Operator(model)
    operator.pass_by()
    operator.pass_by()
    return operator


def _options(versions: dict[str, str]) -> dict[str, Any]:
    return {"config": {f"knative-{name}": {"version": to} for name, to in versions.items()}}


def statuses(model: jujusim.Model) -> dict[str, tuple[str, str]]:
    units = {app: model.unit(f"{app}/0").status for app in COMPONENTS}
    return {app: (status.name, status.message) for app, status in units.items()}


def configure(operator: Operator, app: str, **options: str) -> None:
    operator.model.configure(app, options)
    operator.drain()


def resource(model: jujusim.Model, app: str) -> dict[str, Any]:
    kind = f"Knative{COMPONENTS[app].title()}"
    return deployment.objects(model)[f"{kind}/{app}/{app}"]


# Up and down.


def test_each_release_on_the_way_is_ready_before_the_next_is_asked_for():
    operator = deployed(serving="1.13.2", eventing="1.13.8")
    model = operator.model
    assert statuses(model) == dict.fromkeys(COMPONENTS, ("active", ""))
    operator.late = {*COMPONENTS.values()}
    for app in COMPONENTS:
        configure(operator, app, version="1.16.0")
    for release in ("1.14", "1.15"):
        for _ in range(3):
            operator.pass_by()
        for app, component in COMPONENTS.items():
            assert operator.asked[component][-1] == release
            message = f"upgrading {release} of 1.16: {app}: {LATE}"
            assert statuses(model)[app] == ("waiting", message)
        operator.late = set()
        operator.pass_by()
        operator.late = {*COMPONENTS.values()}
        model.update_status()
        operator.drain()
    operator.late = set()
    operator.pass_by()
    assert statuses(model) == dict.fromkeys(COMPONENTS, ("active", ""))
    assert operator.asked == {
        "serving": ["1.13.2", "1.14", "1.15", "1.16.0"],
        "eventing": ["1.13.8", "1.14", "1.15", "1.16.0"],
    }


def test_a_release_that_does_not_get_ready_may_be_gone_back_from():
    operator = deployed(serving="1.15.2")
    operator.late = {"serving"}
    configure(operator, "knative-serving", version="1.16.0")
    operator.pass_by()
    assert statuses(operator.model)["knative-serving"] == ("waiting", f"knative-serving: {LATE}")
    configure(operator, "knative-serving", version="1.15.2")
    operator.late = set()
    operator.pass_by()
    assert operator.asked["serving"] == ["1.15.2", "1.16.0", "1.15.2"]
    assert statuses(operator.model)["knative-serving"] == ("active", "")


def test_a_way_down_that_the_operator_refuses_is_not_asked_for():
    operator = deployed()
    before = {app: resource(operator.model, app)["spec"] for app in COMPONENTS}
    for app in COMPONENTS:
        configure(operator, app, version="1.14.1")
    operator.pass_by()
    reason = (
        "option version: 1.16 is installed and goes down by one release at a time, not to 1.14:"
        " set version to 1.15 first"
    )
    assert statuses(operator.model) == dict.fromkeys(COMPONENTS, ("blocked", reason))
    assert {app: resource(operator.model, app)["spec"] for app in COMPONENTS} == before
    for app in COMPONENTS:
        configure(operator, app, version="1.16.0")
    assert statuses(operator.model) == dict.fromkeys(COMPONENTS, ("active", ""))
    assert operator.asked == {"serving": ["1.16.0"], "eventing": ["1.16.0"]}


# Jobs.


def migration(operator: Operator, app: str) -> dict[str, Any]:
    """The job that migrates what is stored."""
    found = deployment.objects(operator.model)
    (job,) = (found[name] for name in found if name.startswith(f"Job/{app}/"))
    return job


def image_of(job: dict[str, Any]) -> str:
    return job["spec"]["template"]["spec"]["containers"][0]["image"]


@pytest.mark.parametrize("stuck", [False, True], ids=["finished", "without its image"])
def test_another_image_of_a_job_is_no_dead_end(stuck: bool):
    operator = deployed()
    operator.stuck = {*COMPONENTS.values()} if stuck else set()
    for image in ("example.com/migrate:mistyped", "example.com/migrate:1"):
        for app in COMPONENTS:
            configure(operator, app, custom_images=f"migrate: {image}")
        operator.pass_by()
        operator.pass_by()
        assert {image_of(migration(operator, app)) for app in COMPONENTS} == {image}
        assert statuses(operator.model) == dict.fromkeys(COMPONENTS, ("active", ""))


def test_a_job_that_runs_is_let_end_before_its_image_changes():
    operator = deployed()
    operator.working = {"serving"}
    operator.work()
    before = migration(operator, "knative-serving")
    configure(operator, "knative-serving", custom_images="migrate: example.com/migrate:1")
    operator.pass_by()
    status, message = statuses(operator.model)["knative-serving"]
    assert (status, "field is immutable" in message) == ("waiting", True)
    after = migration(operator, "knative-serving")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    operator.working = set()
    path = published.path_of(operator.cluster, after, named=True)
    merge(operator.cluster, f"{path}/status", {"status": {"ready": None}})
    operator.pass_by()
    operator.pass_by()
    assert image_of(migration(operator, "knative-serving")) == "example.com/migrate:1"
    assert statuses(operator.model)["knative-serving"] == ("active", "")


# In the place of the published charms.


class Adoption:
    """The published charms of Knative, at a version, and then ours."""

    def __init__(self, installed: str, asked: str, folder: pathlib.Path) -> None:
        cluster = kubefake.Cluster(load_balancer=True, pods=True)
        self.model = jujusim.Model("kubeflow", cluster=cluster)
        self.operator = Operator(self.model, runs=lambda: True)
        lefts = [published.Left.load(name) for name in KNATIVE]
        for left in lefts:
            _as_of(left, installed).make(self.operator.cluster)
            self.model.deploy(left.charm_dir(folder), trust=True)
        self.operator.drain()
        for left in lefts:
            _as_of(left, asked).make(self.operator.cluster)
        self.operator.drain()

    def refresh(self) -> None:
        """In the order of docs/how-to/adopt.md."""
        for app in [app for app in published.order() if app in KNATIVE]:
            self.model.refresh(app, published.ours(app))
            self.operator.drain()


def _as_of(left: published.Left, version: str) -> published.Left:
    """What a published charm has left behind, of another version."""
    text = json.dumps(left.objects).replace('"version": "1.16.0"', f'"version": "{version}"')
    return dataclasses.replace(left, objects=json.loads(text))


@pytest.mark.parametrize(
    ("installed", "asked", "way"),
    [
        ("1.14.1", "1.14.1", ["1.14.1", "1.15", "1.16.0"]),
        ("1.12.4", "1.16.0", ["1.12.4", "1.16.0", "1.13", "1.14", "1.15", "1.16.0"]),
        ("1.16.0", "1.16.0", ["1.16.0"]),
    ],
    ids=["as it was wanted", "as it was left when the operator refused", "the same"],
)
def test_what_published_charms_have_installed_goes_up_by_steps(
    installed: str, asked: str, way: list[str], tmp_path: pathlib.Path
):
    """The published charm asks for its own version, whatever is installed, and may be refused."""
    adoption = Adoption(installed, asked, tmp_path)
    adoption.refresh()
    for _ in range(5):
        adoption.operator.pass_by()
    assert statuses(adoption.model) == dict.fromkeys(COMPONENTS, ("active", ""))
    assert adoption.operator.asked == dict.fromkeys(COMPONENTS.values(), way)


def test_what_published_charms_have_installed_may_be_too_old(tmp_path: pathlib.Path):
    adoption = Adoption("1.10.2", "1.16.0", tmp_path)
    adoption.refresh()
    adoption.operator.pass_by()
    reason = (
        "option version: 1.10 is installed and goes up by one release at a time: refresh to the"
        " charm of 1.11 first"
    )
    assert statuses(adoption.model) == dict.fromkeys(COMPONENTS, ("blocked", reason))
    for app in COMPONENTS:
        assert resource(adoption.model, app)["status"]["version"] == "1.10.2"


# The end.

OF_USERS = """
apiVersion: v1
kind: Namespace
metadata: {name: alice}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris, namespace: alice}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/iris
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hello, namespace: alice}
spec: {template: {spec: {containers: [{image: hello}]}}}
---
apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: {name: ping, namespace: alice}
spec: {schedule: "* * * * *"}
"""
ORDERS = [*itertools.permutations(KNATIVE)]


class Waits:
    """How often charms wait for the operator, which works meanwhile, if it can.

    Attributes:
        longest: The most waits of one hook.
    """

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.by_hook: dict[int, int] = {}

    def sleep(self, seconds: float) -> None:
        assert seconds == knative.INTERVAL
        hook = len(self.operator.model.trace)
        self.by_hook[hook] = self.by_hook.get(hook, 0) + 1
        self.operator.work()

    @property
    def longest(self) -> int:
        return max(self.by_hook.values(), default=0)


@pytest.fixture
def operator() -> Operator:
    """Knative and KServe, and what a user has made."""
    operator = deployed("kserve-controller")
    for obj in yaml.safe_load_all(OF_USERS):
        published.write(operator.cluster, obj, "alice", "create")
    operator.drain()
    return operator


@pytest.fixture
def waits(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> Waits:
    waits = Waits(operator)
    monkeypatch.setattr(knative, "time", waits)
    return waits


def of_users(operator: Operator) -> dict[str, str]:
    """The uids of what users have made and of every definition."""
    found = deployment.objects(operator.model).items()
    return {
        name: obj["metadata"]["uid"]
        for name, obj in found
        if "alice" in name or name.startswith("CustomResourceDefinition/")
    }


def assert_gone(operator: Operator, users: dict[str, str]) -> None:
    """Nothing of ours is left that would stop users, and all that is theirs is there."""
    failed = [record for record in operator.model.trace if record.failed]
    assert not failed, failed[0].traceback
    assert not operator.model.apps
    found = deployment.objects(operator.model)
    assert of_users(operator) == users
    assert not [name for name in found if "WebhookConfiguration/" in name]
    assert not [*operator.resources()]
    going = [name for name, obj in found.items() if "deletionTimestamp" in obj["metadata"]]
    assert not going
    for name in users:
        conversion = found[name].get("spec", {}).get("conversion", {})
        assert conversion.get("strategy", "None") == "None", name


def order_with_kserve(order: tuple[str, ...]) -> list[str]:
    """The order, with kserve-controller at another place each time."""
    number = ORDERS.index(order)
    return [*order[: number % 4], "kserve-controller", *order[number % 4 :]]


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
def test_applications_go_in_any_order(
    operator: Operator, waits: Waits, order: tuple[str, ...], at_once: bool
):
    users = of_users(operator)
    for app in order_with_kserve(order):
        operator.model.remove_application(app)
        if not at_once:
            operator.drain()
    operator.drain()
    assert_gone(operator, users)
    assert waits.longest <= 2


@pytest.mark.parametrize("order", ORDERS[:: len(ORDERS) - 1], ids=" ".join)
def test_applications_go_when_the_operator_has_stopped_working(
    operator: Operator, waits: Waits, order: tuple[str, ...]
):
    """Two minutes for each component, then its resource goes without the operator."""
    users = of_users(operator)
    operator.runs = lambda: False
    for app in order_with_kserve(order):
        operator.model.remove_application(app)
        operator.drain()
    assert_gone(operator, users)
    components = len(COMPONENTS) if order[0] == "knative-operator" else 1
    assert waits.longest == components * knative.ATTEMPTS


def test_a_destroyed_model_takes_knative_with_it_where_its_charms_have_a_last_hook(
    operator: Operator, waits: Waits
):
    users = of_users(operator)
    operator.model.destroy(graceful=[f"{app}/0" for app in KNATIVE])
    operator.drain()
    assert_gone(operator, users)
    assert waits.longest <= 2


def test_a_model_destroyed_without_last_hooks_leaves_a_knative_that_can_be_cleared_away(
    operator: Operator, waits: Waits
):
    """By hand, as docs/reference/serving.md says; until then it goes on without its operator."""
    users = of_users(operator)
    operator.model.destroy(graceful=())
    operator.drain()
    assert not waits.by_hook
    assert of_users(operator) == users
    left = [obj["metadata"]["name"] for obj in operator.resources()]
    assert sorted(left) == sorted(COMPONENTS)
    clear_away(operator)
    assert_gone(operator, users)


def clear_away(operator: Operator) -> None:
    """What is told to be done by hand."""
    for obj in [*operator.resources()]:
        path = published.path_of(operator.cluster, obj, named=True)
        merge(operator.cluster, path, {"metadata": {"finalizers": None}})
    for name, obj in deployment.objects(operator.model).items():
        if name in {f"Namespace//{app}" for app in COMPONENTS}:
            path = published.path_of(operator.cluster, obj, named=True)
            assert operator.cluster.request(kubefake.Request("DELETE", path)).status == 200
        if name.startswith("CustomResourceDefinition/") and "conversion" in obj["spec"]:
            path = published.path_of(operator.cluster, obj, named=True)
            change = {"conversion": {"strategy": "None", "webhook": None}}
            merge(operator.cluster, path, {"spec": change})


def merge(cluster: kubefake.Cluster, path: str, change: dict[str, Any]) -> None:
    headers = {"content-type": "application/merge-patch+json"}
    answer = cluster.request(kubefake.Request("PATCH", path, headers=headers, body=change))
    assert answer.status == 200, answer.body
