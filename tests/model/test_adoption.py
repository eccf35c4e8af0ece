# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Our charms in the places of the published ones, with all that those have left behind."""

from __future__ import annotations

import base64
import collections
import datetime
import functools
import json
import pathlib
import random
from collections.abc import Iterator
from typing import Any

import bcrypt
import jujusim
import kubefake
import pytest
import yaml
from charmkit import _manifests as manifests
from charmkit import x509 as certificates
from ckf import preview
from jujusim.faults import Faults
from jujusim.rights import account
from jujusim.testing import pem

from . import deployment
from .left_behind import published

MODEL = "kubeflow"
HOST = "kubeflow.example.com"
FILES = published.files()


@functools.cache
def variables() -> dict[str, str]:
    """A key, a request and a certificate, in the forms in which the files want them."""
    key = certificates.new_key()
    request = certificates.signing_request(key, HOST)
    certificate = self_signed(key)
    return {
        "key": key,
        "key_base64": base64.b64encode(key.encode()).decode(),
        "request_text": json.dumps(request),
        "certificate_text": json.dumps(certificate),
        "certificate_base64": base64.b64encode(certificate.encode()).decode(),
    }


def self_signed(key: str) -> str:
    now = datetime.datetime.now(datetime.timezone.utc)
    return pem.self_signed(key, HOST, now, now + datetime.timedelta(days=365))


def load(name: str) -> published.Left:
    return published.Left.load(name, MODEL, **variables())


# What is left behind of one charm is refreshed once, for all tests in one process.
GROUPED = [pytest.param(name, marks=pytest.mark.xdist_group(f"adopts {name}")) for name in FILES]


@pytest.fixture(params=GROUPED, scope="module")
def left(request: pytest.FixtureRequest) -> published.Left:
    return load(request.param)


class Adoption:
    """One model, before and after the refresh."""

    def __init__(self, left: published.Left, folder: pathlib.Path, *, seed: int = 0) -> None:
        self.left = left
        cluster = kubefake.Cluster(seed=seed, load_balancer=True, pods=True)
        self.model = jujusim.Model(MODEL, seed=seed, cluster=cluster)
        published.seeded(left, self.model, folder)
        self.model.settle()
        assert self.app_status == "active"
        self.relations = self._relations()
        self.before = self.objects()

    def refresh(self, *, faults: int = 0) -> None:
        self.model.faults = Faults(self.model, faults)
        self.model.refresh(self.left.app, published.ours(self.left.charm))
        self.model.settle()

    @property
    def app_status(self) -> str:
        return self.model.status().apps[self.left.app].status.name

    def objects(self) -> dict[str, Any]:
        return deployment.objects(self.model)

    def seeded(self) -> set[str]:
        """The names of what the published charm and its users have made."""
        every = [obj for group in self.left.objects for obj in group["objects"]]
        return published.names(every)

    @property
    def account(self) -> str:
        """The account of the application's pods, which Juju has made and also deletes."""
        return f"ServiceAccount/{MODEL}/{self.left.app}"

    def ours(self) -> dict[str, Any]:
        """What our charm has applied."""
        return {
            name: obj
            for name, obj in self.objects().items()
            if obj["metadata"].get("labels", {}).get(manifests.APP_LABEL) == self.left.app
        }

    def said(self, endpoint: str) -> Iterator[str]:
        """What the application says over an endpoint, and the secrets that it hands over there."""
        for relation in self.model.relations.values():
            if (
                relation.joins(self.left.app)
                and relation.side(self.left.app).endpoint.name == endpoint
            ):
                yield json.dumps(relation.apps[self.left.app].content)

    def _relations(self) -> set[str]:
        joined = [each for each in self.model.relations.values() if each.joins(self.left.app)]
        return {f"{each.id} {each}" for each in joined if not each.is_peer}


@pytest.fixture(scope="module")
def adopted(left: published.Left, tmp_path_factory: pytest.TempPathFactory) -> Adoption:
    """For tests that only look."""
    made = Adoption(left, tmp_path_factory.mktemp("adopted"))
    made.refresh()
    return made


@pytest.fixture
def adoption(left: published.Left, tmp_path: pathlib.Path) -> Adoption:
    made = Adoption(left, tmp_path)
    made.refresh()
    return made


def test_it_is_active_with_the_same_relations(adopted: Adoption):
    failed = [record for record in adopted.model.trace if record.failed]
    assert not failed, f"{failed[0]}\n{failed[0].traceback}"
    assert adopted.model.unit(f"{adopted.left.app}/0").status == jujusim.Status("active")
    assert adopted._relations() == adopted.relations


def test_credentials_keep_their_values(adopted: Adoption):
    where = adopted.left.credentials
    unit = adopted.model.unit(f"{adopted.left.app}/0")
    found = {
        "plans": lambda name: json.dumps(unit.containers[name].plan()),
        "files": lambda name: str(
            [text.decode() for text in unit.containers[name].files().values()]
        ),
        "databags": lambda name: str(list(adopted.said(name))),
        "objects": lambda name: json.dumps(adopted.objects()[name]),
    }
    assert set(where) <= set(found)
    for place, expected in where.items():
        for name, texts in expected.items():
            for text in texts:
                assert text in found[place](name), f"{place} {name}"


def test_nothing_is_made_anew(adopted: Adoption):
    """What there was is either the same object or, where nobody needs it, gone."""
    now, gone = adopted.objects(), set(adopted.left.gone)
    assert gone <= adopted.seeded()
    for name in adopted.seeded():
        if name in gone:
            assert name not in now
        else:
            assert now[name]["metadata"]["uid"] == adopted.before[name]["metadata"]["uid"], name


def test_a_load_balancer_keeps_its_address(adopted: Adoption):
    for name, obj in adopted.before.items():
        if obj["kind"] == "Service" and obj["spec"].get("type") == "LoadBalancer":
            there = adopted.objects()[name]
            assert there["status"] == obj["status"]
            assert there["spec"]["clusterIP"] == obj["spec"]["clusterIP"]


def test_what_it_takes_over_is_wholly_its_own(adopted: Adoption):
    """No manager of the published charm is left, and no label of it."""
    groups = [group for group in adopted.left.objects if not group.get("workload")]
    theirs = {group["manager"] for group in groups} - {"lightkube"}
    ours = adopted.ours()
    taken = set(ours) & adopted.seeded()
    others = {*adopted.left.gone, *adopted.left.stays, adopted.account}
    expected = adopted.seeded() - others
    assert taken >= expected
    for name in taken:
        metadata = ours[name]["metadata"]
        assert not theirs & {entry["manager"] for entry in metadata["managedFields"]}, name
        assert "kubernetes-resource-handler-scope" not in metadata["labels"], name
        assert not [key for key in metadata["labels"] if key.startswith("operator.istio.io")], name


def test_the_next_update_status_writes_nothing_and_reads_each_kind_once(adopted: Adoption):
    model, cluster = adopted.model, deployment.cluster(adopted.model)
    bags = {number: str(relation) for number, relation in model.relations.items()}
    before, since = len(cluster.journal), len(model.trace)
    model.update_status()
    model.settle()
    user = account(MODEL, adopted.left.app)
    asked = [entry for entry in cluster.journal[before:] if entry.user == user]
    assert {entry.verb for entry in asked} <= {"get", "list"}
    reads = collections.Counter((entry.verb, entry.group, entry.resource) for entry in asked)
    hooks = [record for record in model.trace[since:] if record.unit == f"{adopted.left.app}/0"]
    assert len(hooks) == 1
    # Those with the charm's own labels, and those that Juju has labelled.
    twice = {("list", "apiextensions.k8s.io", "customresourcedefinitions")}
    assert {question for question, times in reads.items() if times > 1} <= twice
    assert bags == {number: str(relation) for number, relation in model.relations.items()}


def test_removal_leaves_what_is_the_users(adoption: Adoption):
    adoption.model.remove_application(adoption.left.app)
    adoption.model.settle()
    left = adoption.objects()
    assert adoption.seeded() & set(left) == set(adoption.left.stays)
    users = ("CustomResourceDefinition/", "Namespace/")
    kept = {name for name in adoption.ours() if not name.startswith(users)}
    assert kept == set()


def test_the_way_back_is_open(adoption: Adoption, tmp_path: pathlib.Path):
    """What the published charm applies meets no conflict, and all is where it was."""
    left, model = adoption.left, adoption.model
    model.refresh(left.app, left.charm_dir(tmp_path / "back"))
    model.settle()
    assert adoption.app_status == "active"
    assert adoption._relations() == adoption.relations
    cluster = deployment.cluster(model)
    for group in left.objects:
        # istioctl and Knative's charms, which are of the model's name, force; the others need not.
        forces = group["manager"] in ("istio-operator", MODEL)
        by = "apply" if forces else "apply without force"
        for obj in group["objects"] if group.get("by", "apply") == "apply" else ():
            published.write(cluster, obj, group["manager"], by)
    now, gone = adoption.objects(), set(left.gone)
    assert adoption.seeded() <= set(now)
    for name in adoption.seeded() - gone:
        assert now[name]["metadata"]["uid"] == adoption.before[name]["metadata"]["uid"], name


# Without the files.


def test_dex_lets_the_same_users_in(tmp_path: pathlib.Path):
    """The published charm makes a new hash, with a new salt, in each pod."""
    adoption = Adoption(load("dex-auth"), tmp_path)
    adoption.refresh()
    files = adoption.model.unit("dex-auth/0").containers["dex"].files()
    config = yaml.safe_load(files["/etc/dex/config.docker.yaml"])
    (user,) = config["staticPasswords"]
    assert bcrypt.checkpw(b"a-word-of-mine", user["hash"].encode())
    assert [client["id"] for client in config["staticClients"]] == ["authservice-oidc"]


def test_the_door_is_never_without_a_gateway(tmp_path: pathlib.Path):
    adoption = Adoption(load("istio-pilot"), tmp_path)
    adoption.model.refresh("istio-pilot", published.ours("istio-pilot"))
    while adoption.model.step():
        assert f"Gateway/{MODEL}/kubeflow-gateway" in adoption.objects()


def test_a_door_that_must_be_closed_is_closed_to_the_published_gateway_too(tmp_path: pathlib.Path):
    adoption = Adoption(load("istio-pilot"), tmp_path)
    adoption.model.refresh("istio-pilot", published.ours("istio-pilot"))
    adoption.model.configure("istio-pilot", {"authentication": "always"})
    adoption.model.remove_relation("istio-pilot:ingress-auth", "ingress-auth-neighbour")
    adoption.model.settle()
    assert f"Gateway/{MODEL}/kubeflow-gateway" not in adoption.objects()


ROUGH = ("istio-pilot-tls", "istio-gateway", "minio", "kubeflow-roles")


@pytest.mark.seeds(2)
@pytest.mark.parametrize("name", ROUGH)
def test_it_ends_alike_whatever_goes_wrong(name: str, seed: int, tmp_path: pathlib.Path):
    rough = Adoption(load(name), tmp_path / "rough", seed=seed)
    rough.refresh(faults=2)
    _assert_ends_alike(rough, tmp_path, seed)
    test_nothing_is_made_anew(rough)


@pytest.mark.seeds(2)
@pytest.mark.parametrize("name", ROUGH)
def test_it_ends_alike_when_relations_go_and_come_back(
    name: str, seed: int, tmp_path: pathlib.Path
):
    """Meanwhile a route or a certificate may go and be made anew; a password may not."""
    rough = Adoption(load(name), tmp_path / "rough", seed=seed)
    rough.refresh(faults=3)
    _assert_ends_alike(rough, tmp_path, seed)


def _assert_ends_alike(rough: Adoption, folder: pathlib.Path, seed: int) -> None:
    calm = Adoption(rough.left, folder / "calm", seed=seed)
    calm.refresh()
    rough.model.update_status()
    rough.model.settle()
    log = f"faults: {rough.model.faults.log}"
    failed = [record for record in rough.model.trace if record.failed and not record.injected]
    assert not failed, f"{failed[0]}\n{failed[0].traceback}\n{log}"
    assert rough.app_status == "active", log
    ends = [deployment.end_state(adoption.model) for adoption in (rough, calm)]
    assert not deployment.difference(*ends), log
    test_what_it_takes_over_is_wholly_its_own(rough)
    test_credentials_keep_their_values(rough)


# The whole deployment.


@pytest.fixture
def whole() -> published.Whole:
    return published.Whole.load(MODEL, **variables())


def test_every_published_charm_of_the_bundle_is_adopted_by_the_guide(whole: published.Whole):
    assert set(whole.left) == set(whole.bundle.applications) & set(published.order())
    ours = {name for name, app in whole.bundle.applications.items() if app.is_local}
    assert set(whole.left) == ours


@pytest.mark.parametrize("seed", [None, 0])
def test_all_of_them_one_after_another_end_as_a_new_deployment(
    whole: published.Whole, seed: int | None, tmp_path: pathlib.Path
):
    """In the order of docs/how-to/adopt.md, and in any other."""
    apps = [app for app in published.order() if app in whole.left]
    if seed is not None:
        random.Random(seed).shuffle(apps)  # noqa: S311
    cluster = kubefake.Cluster(load_balancer=True, pods=True)
    model = jujusim.Model(MODEL, cluster=cluster, seed=seed or 0)
    whole.deploy(model, tmp_path)
    model.configure("dex-auth", {"static-password": None})  # Its hash has a salt.
    model.settle()
    for app in apps:
        model.refresh(app, whole.charm(app))
        model.settle()
        assert not model.status().inactive, app
    whole.integrate(model)
    for app in apps:
        options = whole.bundle.applications[app].options
        model.configure(app, {**options, **whole.config().get(app, {})})
    model.configure("dex-auth", {"static-password": None})
    model.settle()
    model.update_status()  # Nothing tells of kinds that another application has defined.
    model.settle()
    assert not [record for record in model.trace if record.failed]
    fresh = preview.deploy("bundle.yaml", config=whole.config(), seed=seed or 0)
    fresh.configure("dex-auth", {"static-password": None})
    fresh.settle()
    differing = deployment.difference(*map(deployment.end_state, (model, fresh)))
    # Only the adopted model has a user, whose namespace lets the culler in, and a certificate that
    # the published training operator has made for itself. A default of our definition is not put
    # into an object that was written under the published one; a real server does that on reading.
    kept = (
        "culling",
        "Secret/kubeflow/training-operator-webhook-cert",
        "DecoratorController//kubeflow-resource-dispatcher-controller",
    )
    assert [name for name in differing if not any(part in name for part in kept)] == []
