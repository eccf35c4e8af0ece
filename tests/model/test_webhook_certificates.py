# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""After each hook the cluster trusts what every unit of a webhook serves, whatever goes wrong."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import functools
import json
import pathlib
import random
from collections.abc import Iterator
from typing import Any

import jujusim
import kubefake
import pytest
import yaml
from charmkit import _manifests as manifests
from charmkit import x509 as certificates
from cryptography import x509
from cryptography.x509 import verification

from . import deployment
from .left_behind import published

GROUP = "admissionregistration.k8s.io"
CHARMS = {
    "admission-webhook": "/etc/webhook/certs/cert.pem",
    "pvcviewer-operator": "/tmp/k8s-webhook-server/serving-certs/tls.crt",
}
"""Where each charm with a webhook puts its certificate, in the container of its own name."""

SEEDS = 12
CERTIFICATE_DAYS = 365
AUTHORITY_DAYS = 500
"""Short, so that the second renewal needs a new authority."""

PUBLISHED = """
import json
import ops

class PublishedCharm(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        for event in (self.on.config_changed, self.on.update_status):
            framework.observe(event, self._on_any_event)
        framework.observe(self.on[self.meta.name].pebble_ready, self._on_any_event)

    def _on_any_event(self, _):
        container = self.unit.get_container(self.meta.name)
        if self.unit.is_leader() and container.can_connect():
            for path, text in json.loads((self.charm_dir / "files.json").read_text()).items():
                container.push(path, text, make_dirs=True)
        self.unit.status = ops.ActiveStatus()
"""
"""What a published charm does with its certificate: only its leader serves."""


@pytest.fixture(autouse=True)
def _short_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "CERTIFICATE_DAYS", CERTIFICATE_DAYS)
    monkeypatch.setattr(certificates, "CA_DAYS", AUTHORITY_DAYS)


class World:
    """A model with the charms that have webhooks, watched hook by hook.

    Attributes:
        model: The model.
        checked: How many certificates of units were looked at.
    """

    def __init__(self, seed: int, *, faults: int) -> None:
        self.model = jujusim.Model(seed=seed, cluster=kubefake.Cluster(seed=seed), faults=faults)
        self.random = random.Random(f"webhooks {seed}")  # noqa: S311
        self.checked = 0
        self._faults = self.model.faults.left

    def deploy(self) -> None:
        for name in CHARMS:
            self.model.deploy(published.ours(name), trust=True)

    def settle(self) -> None:
        """Run all hooks that are due, with as many faults as at the beginning."""
        self.model.faults.left = self._faults
        self.model.faults.begin()
        self._drain()
        while self.model.faults.end():
            self.model.update_status()
            self._drain()

    def assert_well(self) -> None:
        """All is as it should be once things have come to rest."""
        for name, app in self.model.status().apps.items():
            for unit in app.units.values():
                assert unit.status.name == "active", f"{unit.name}: {unit.status}\n{self.log}"
            for unit, served in self.served(name):
                assert served == self.secret(name)["certificate"], f"{unit} serves another"
            assert self.bundles(name) == {self.secret(name)["ca-bundle"]}
        failed = [each for each in self.model.trace if each.failed and not each.injected]
        assert not failed, f"{failed[0]}\n{failed[0].traceback}"

    def pass_time(self) -> None:
        """Let time pass until certificates are due, and for some days more, and nothing else."""
        ends = [datetime.datetime.fromisoformat(self.secret(name)["not-after"]) for name in CHARMS]
        renewal = min(ends) - datetime.timedelta(days=certificates.RENEWAL_DAYS)
        left = (renewal - self.model.now) / datetime.timedelta(days=1)
        self.model.advance(days=left + self.random.uniform(0.1, certificates.RENEWAL_DAYS - 1))
        self.model.update_status()

    def disturb(self) -> None:
        """Replace a pod, change a leader or a number of units: what happens in any year."""
        name = self.random.choice(list(CHARMS))
        unit = self.random.choice(list(self.model.app(name).units.values()))
        change = self.random.choice(("churn", "elect", "scale"))
        if change == "churn":
            self.model.churn(unit.name, graceful=self.random.random() < 0.5)
        elif change == "elect":
            self.model.elect(name, unit.name)
        else:
            self.model.scale(name, self.random.randint(1, 3))

    def secret(self, name: str) -> dict[str, str]:
        """What the secret of an application holds."""
        (found,) = (each for each in self.model.secrets.secrets.values() if each.owner == name)
        return found.revisions[found.latest]

    def authorities(self) -> set[str]:
        return {self.secret(name)["ca-certificate"] for name in CHARMS}

    def served(self, name: str) -> Iterator[tuple[str, str]]:
        """The certificate in the container of each unit that has one."""
        for unit in self.model.app(name).units.values():
            pebble = unit.containers[name]
            content = pebble.files().get(CHARMS[name]) if pebble.connected else None
            if content is not None:
                yield unit.name, content.decode()

    def bundles(self, name: str) -> set[str]:
        """By what the cluster trusts the webhooks of an application."""
        return {
            base64.b64decode(hook["clientConfig"].get("caBundle", "")).decode()
            for obj in deployment.objects(self.model).values()
            for hook in obj.get("webhooks", [])
            if hook["clientConfig"]["service"]["name"] == name
        }

    @property
    def log(self) -> str:
        return f"seed {self.model.seed}, faults: {self.model.faults.log}"

    def _drain(self) -> None:
        while record := self.model.step():
            assert len(self.model.trace) < 3000, self.log
            for name in self.model.apps:
                self._check(name, record)

    def _check(self, name: str, record: jujusim.Record) -> None:
        bundles = self.bundles(name)
        for unit, served in self.served(name):
            self.checked += 1
            for bundle in bundles:
                host = f"{name}.{self.model.name}.svc"
                trusted = verified(served, bundle, host, self.model.now.date().toordinal())
                assert trusted, f"after {record} the cluster does not trust {unit}\n{self.log}"


@functools.lru_cache(maxsize=5000)
def verified(certificate: str, bundle: str, host: str, day: int) -> bool:
    """Whether a client that trusts a bundle takes a certificate for a host, as a day ends."""
    moment = datetime.datetime.fromordinal(day + 1)
    store = verification.Store(x509.load_pem_x509_certificates(bundle.encode()))
    builder = verification.PolicyBuilder().store(store).time(moment)
    verifier = builder.build_server_verifier(x509.DNSName(host))
    try:
        verifier.verify(x509.load_pem_x509_certificate(certificate.encode()), [])
    except verification.VerificationError:
        return False
    return True


@pytest.mark.seeds(SEEDS)
def test_the_cluster_trusts_what_is_served(seed: int):
    """Through deployment, three units, years of renewals and whatever else happens."""
    world = World(seed, faults=seed % 4)
    world.deploy()
    world.settle()
    world.assert_well()
    first = world.authorities()
    for name in CHARMS:
        world.model.scale(name, 3)
    world.settle()
    world.assert_well()
    for _ in range(3):
        world.pass_time()
        for _ in range(world.random.randint(0, 3)):
            world.disturb()
        world.settle()
        world.assert_well()
    assert not first & world.authorities(), "no authority was renewed"
    assert world.checked > 50


@pytest.mark.seeds(4)
def test_renewal_needs_no_more_than_update_status(seed: int):
    world = World(seed, faults=0)
    world.deploy()
    world.settle()
    for authority_changes in (False, True):
        before = {name: world.secret(name) for name in CHARMS}
        world.pass_time()
        world.settle()
        world.assert_well()
        for name, old in before.items():
            new = world.secret(name)
            assert new["certificate"] != old["certificate"]
            assert (new["ca-certificate"] != old["ca-certificate"]) is authority_changes


def test_the_check_has_teeth(monkeypatch: pytest.MonkeyPatch):
    world = World(0, faults=0)
    world.deploy()
    world.settle()
    monkeypatch.setattr(World, "bundles", lambda *_: {certificates.new_ca("x").certificate})
    world.model.update_status()
    with pytest.raises(AssertionError, match="does not trust"):
        world.settle()


# In the place of a published charm.


@dataclasses.dataclass(frozen=True)
class Published:
    """A published charm that serves, and what it has made in the cluster.

    Attributes:
        charm: It.
        authority: What the cluster trusts it by.
        objects: What it has applied, as `lightkube` and without labels of ours.
        gone: Names of those that nobody needs any more.
    """

    charm: jujusim.CharmDir
    authority: str
    objects: list[dict[str, Any]]
    gone: set[str]


def left_by(name: str, folder: pathlib.Path) -> Published:
    """The published charm of a name, with all that matters of its objects."""
    authority = certificates.new_ca("published")
    host = f"{name}.kubeflow.svc"
    certificate = certificates.new_certificate(authority, [host]).certificate
    (folder / "src").mkdir(parents=True)
    meta = yaml.safe_load((published.ROOT / f"charms/{name}/charmcraft.yaml").read_text())
    del meta["peers"]
    (folder / "charmcraft.yaml").write_text(yaml.safe_dump(meta))
    (folder / "files.json").write_text(json.dumps({CHARMS[name]: certificate}))
    (folder / "src/charm.py").write_text(PUBLISHED)
    bundle = base64.b64encode(authority.certificate.encode()).decode()
    text = pathlib.Path(__file__).with_name("webhooks_left_behind.yaml").read_text()
    described = yaml.safe_load(text.replace("$bundle", bundle))[name]
    return Published(
        jujusim.CharmDir.load(folder),
        authority.certificate,
        described["objects"],
        set(described["gone"]),
    )


@pytest.mark.seeds(4)
@pytest.mark.parametrize("name", CHARMS)
def test_in_the_place_of_a_published_charm(
    name: str, seed: int, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    """Its units serve until theirs is the turn to be replaced; its objects become ours."""
    world = World(seed, faults=seed % 4)
    # The published charm made its certificates in the model's time too.
    monkeypatch.setattr(certificates, "now", lambda: world.model.now)
    left = left_by(name, tmp_path / "published")
    cluster = deployment.cluster(world.model)
    uids: dict[str, str] = {}
    for obj in left.objects:
        written = published.write(cluster, obj, "lightkube", "apply")
        (known,) = published.names([written])
        uids[known] = written["metadata"]["uid"]
    world.model.deploy(left.charm, name, units=3, trust=True)
    world.settle()
    assert dict(world.served(name))
    world.model.refresh(name, published.ours(name))
    world.settle()
    world.model.update_status()
    world.settle()
    world.assert_well()
    assert len(dict(world.served(name))) == 3
    assert left.authority in world.secret(name)["ca-bundle"]
    objects = deployment.objects(world.model)
    assert left.gone <= set(uids)
    assert not left.gone & set(objects)
    for known in set(uids) - left.gone:
        assert_taken_over(objects[known], uids[known])


def assert_taken_over(obj: dict[str, Any], uid: str) -> None:
    """The same object, wholly ours: nothing is left of what only the published charm has set."""
    metadata = obj["metadata"]
    assert metadata["uid"] == uid
    assert manifests.APP_LABEL in metadata["labels"]
    theirs = {"app", "kustomize.component", "kubernetes-resource-handler-scope"}
    assert not theirs & set(metadata["labels"])
    assert "cert-manager.io/inject-ca-from" not in metadata["annotations"]
    appliers = {
        entry["manager"] for entry in metadata["managedFields"] if entry["operation"] == "Apply"
    }
    assert appliers - {"clusterrole-aggregation-controller"} == {"lightkube"}
    assert obj.get("spec", {}).get("conversion", {"strategy": "None"}) == {"strategy": "None"}
    for webhook in obj.get("webhooks", []):
        assert webhook["clientConfig"]["service"]["port"]
