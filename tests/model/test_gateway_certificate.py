# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The certificate that an authority gives the gateway: asked for, served, and renewed in time."""

from __future__ import annotations

import base64
import json
import pathlib

import jujusim
import kubefake
import pytest
from charmkit import x509 as certificates
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from . import certificate_authority, deployment
from .left_behind import published

HOST = "kubeflow.example.com"
GATEWAY = ("kubeflow", "istio-gateway-gateway-secret")
APP = "istio-pilot"
OPTIONS = {"csr-domain-name": HOST, "authentication": "while-related"}


class World:
    """istio-pilot with two units, and an authority.

    Attributes:
        model: The model.
    """

    def __init__(
        self, folder: pathlib.Path, *, days: int = 90, seed: int = 0, faults: int = 0
    ) -> None:
        cluster = kubefake.Cluster(seed=seed, load_balancer=True, pods=True)
        self.model = jujusim.Model(seed=seed, cluster=cluster, faults=faults)
        self.model.deploy(published.ours(APP), units=2, config=OPTIONS, trust=True)
        authority = certificate_authority.charm(folder / "authority")
        self.model.deploy(authority, config={"days": days})
        self.model.integrate(f"{APP}:certificates", certificate_authority.NAME)
        self.model.settle()

    def let(self, what: str) -> None:
        """Let the authority do something else."""
        self.model.configure(certificate_authority.NAME, {"does": what})
        self.model.settle()

    def pass_days(self, days: float) -> None:
        self.model.advance(days=days)
        self.model.update_status()
        self.model.settle()

    def requests(self) -> dict[str, list[str]]:
        """What each unit asks for."""
        relation = self.model.relation(f"{APP}:certificates", certificate_authority.NAME)
        bags = {name: bag.content for name, bag in relation.units.items() if APP in name}
        return {
            name: [
                item["certificate_signing_request"]
                for item in json.loads(content["certificate_signing_requests"])
            ]
            for name, content in bags.items()
        }

    def asked(self) -> list[str]:
        """What every unit asks for."""
        first, second = self.requests().values()
        assert first == second
        return first

    def served(self) -> str:
        """The certificate that the gateway serves; it fits the key."""
        stored = deployment.cluster(self.model).store.get(("", "secrets"), GATEWAY)
        assert stored
        data = stored.obj["data"]
        pair = [base64.b64decode(data[name]) for name in ("tls.crt", "tls.key")]
        private = serialization.load_pem_private_key(
            pair[1], password=None, unsafe_skip_rsa_key_validation=True
        )
        served = x509.load_pem_x509_certificates(pair[0])[0]
        assert served.public_key() == private.public_key()
        return pair[0].decode()

    def statuses(self) -> set[tuple[str, str]]:
        units = self.model.app(APP).units.values()
        return {(unit.status.name, unit.status.message) for unit in units}


def test_a_certificate_is_renewed_when_two_thirds_of_its_life_are_over(tmp_path: pathlib.Path):
    world = World(tmp_path)
    first, (request,) = world.served(), world.asked()
    world.pass_days(59)
    assert (world.served(), world.asked()) == (first, [request])
    world.pass_days(2)
    second, (following,) = world.served(), world.asked()
    assert second != first
    assert following != request
    one, other = (x509.load_pem_x509_csr(text.encode()) for text in (request, following))
    assert one.public_key() != other.public_key()
    assert world.statuses() == {("active", "")}


def test_until_a_renewal_is_there_the_one_before_is_served(tmp_path: pathlib.Path):
    world = World(tmp_path, days=365)
    first, (request,) = world.served(), world.asked()
    world.let("wait")
    world.pass_days(244)
    _, following = both = world.asked()
    assert both == [request, following]
    assert (world.served(), world.statuses()) == (first, {("active", "")})
    world.pass_days(100)
    told = f"relation certificates: the certificate ends on {certificates.not_after(first)[:10]}"
    assert (world.served(), world.statuses()) == (first, {("active", told)})
    world.pass_days(30)
    ((status, message),) = world.statuses()
    assert (status, "the certificate has expired" in message) == ("blocked", True)
    assert (world.asked(), world.served()) == (both, first)
    world.let("sign")
    assert world.asked() == [following]
    assert world.served() != first
    assert world.statuses() == {("active", "")}


def test_the_end_of_an_authority_that_renews_for_no_longer_is_told(tmp_path: pathlib.Path):
    world = World(tmp_path, days=60)
    world.model.configure(certificate_authority.NAME, {"days": 21})
    world.pass_days(41)
    (request,) = world.asked()
    assert world.statuses() == {("active", "")}
    world.pass_days(15)
    end = certificates.not_after(world.served())[:10]
    told = f"relation certificates: the certificate ends on {end}"
    assert world.asked() == [request]
    assert world.statuses() == {("active", told)}


def test_a_renewal_that_the_authority_revokes_is_not_served_and_not_asked_for_again(
    tmp_path: pathlib.Path,
):
    world = World(tmp_path)
    first = world.served()
    world.let("refuse")
    world.pass_days(61)
    both = world.asked()
    world.pass_days(1)
    assert (world.asked(), world.served()) == (both, first)


@pytest.mark.seeds(2)
def test_whatever_happens_meanwhile_the_gateway_serves_a_pair(seed: int, tmp_path: pathlib.Path):
    """Leaders and pods change while a renewal is asked for, and while it is on its way."""
    world = World(tmp_path, seed=seed, faults=seed % 3)
    model = world.model
    seen = [world.served()]
    for _ in range(2):
        world.let("wait")
        model.advance(days=61)
        disturb(world)
        assert len(world.asked()) == 2
        model.configure(certificate_authority.NAME, {"does": "sign"})
        disturb(world)
        assert len(world.asked()) == 1
        seen.append(world.served())
        assert world.statuses() == {("active", "")}
    assert len({*seen}) == len(seen)
    failed = [record for record in model.trace if record.failed and not record.injected]
    assert not failed, failed[0].traceback


def disturb(world: World) -> None:
    """Change the leader and replace a pod, and see after each hook that a pair is served."""
    model = world.model
    model.update_status()
    for _ in range(model.random.randint(0, 3)):
        model.step()
    model.elect(APP, model.random.choice([f"{APP}/0", f"{APP}/1"]))
    model.churn(model.random.choice([f"{APP}/0", f"{APP}/1"]))
    while model.step():
        world.served()
    model.update_status()
    while model.step():
        world.served()
