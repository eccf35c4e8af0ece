# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Logs of every charm go to Loki by real Pebble, with the plans that the charms make.

The programs only print: Pebble's forwarding is judged, and what the charms ask of it. All
containers run at once, in one network, with one Loki.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import pathlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jujusim
import pytest
import yaml
from ckf import preview

from ..kube.bundles import eventually
from . import cluster, loki, stand_in
from .cluster import MODEL, ROOT, USER
from .container import Pebble, lay_out
from .loki import Loki
from .network import Namespace

HOST = f"loki-0.loki-endpoints.{MODEL}.svc.cluster.local"
SILENT = "oidc-gatekeeper"
"""Its program prints its settings at start, with the client secret; so it is not forwarded."""

QUIET = 3.0
"""Longer than Pebble holds lines back (1 s) and than a stand-in waits (0.5 s)."""

Place = tuple[str, str]
"""A unit and its container."""


def logging_charms() -> set[str]:
    """The charms with the endpoint."""
    metadata = [yaml.safe_load(path.read_text()) for path in ROOT.glob("charms/*/charmcraft.yaml")]
    return {
        each["name"]
        for each in metadata
        if "loki_push_api" in {end["interface"] for end in each.get("requires", {}).values()}
    }


def bundle() -> dict[str, Any]:
    """The bundle with Loki alone from the overlay."""
    overlay = yaml.safe_load((ROOT / "overlays/cos.yaml").read_text())
    relations = [ends for ends in overlay["relations"] if ends[1] == "loki:logging"]
    return {"applications": {"loki": overlay["applications"]["loki"]}, "relations": relations}


@dataclass
class Forwarding:
    """Containers under Pebble, and what arrives of them."""

    model: jujusim.Model
    loki: Loki
    pebbles: dict[Place, Pebble]

    def plan(self, place: Place) -> dict[str, Any]:
        unit, container = place
        return self.model.units[unit].containers[container].plan()

    def replan(self, place: Place) -> None:
        """Start the services of a container, without checks."""
        eventually(self.pebbles[place].answers)
        self.pebbles[place].replan({**self.plan(place), "checks": {}})

    def update(self) -> None:
        """Settle, and let Pebble have the log targets; nothing is replanned, as in the charms."""
        self.model.settle()
        for place, pebble in self.pebbles.items():
            pebble.set_log_targets(self.plan(place)["log-targets"])

    def wait_for(self, units: set[str]) -> None:
        """Wait for a line of each unit that has been printed from now on."""
        before = {unit: len(self.loki.of(unit)) for unit in units}
        eventually(lambda: all(len(self.loki.of(unit)) > before[unit] for unit in units))

    def charm(self, unit: str) -> str:
        app = self.model.app(unit.partition("/")[0])
        return app.charm.name


@pytest.fixture(scope="module")
def forwarding() -> Iterator[Forwarding]:
    """The model with Loki in it, and every container that its logs come from."""
    pebble = cluster.program("pebble")
    with contextlib.ExitStack() as stack:
        network = cluster.network()
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        (folder / "loki.yaml").write_text(yaml.safe_dump(bundle()))
        bundles = {"bundle": ROOT / "bundle.yaml", "overlays": [folder / "loki.yaml"]}
        model = preview.deploy(**bundles, model=MODEL)
        made = Forwarding(model, stack.enter_context(loki.listening(network)), {})
        for place in places(model):
            container = started(folder, network, pebble, made.plan(place), place[0])
            stack.callback(container.stop)
            made.pebbles[place] = container
        with concurrent.futures.ThreadPoolExecutor(len(made.pebbles)) as pool:
            # Each waits for a second whether its services stay up.
            list(pool.map(made.replan, made.pebbles))
        yield made


def places(model: jujusim.Model) -> list[Place]:
    """Each container of the charms with the endpoint."""
    return [
        (unit.name, container)
        for app in model.apps.values()
        if app.charm.name in logging_charms()
        for unit in app.units.values()
        for container in unit.containers
    ]


def started(
    folder: pathlib.Path, network: Namespace, pebble: pathlib.Path, plan: dict[str, Any], unit: str
) -> Pebble:
    root = pathlib.Path(tempfile.mkdtemp(dir=folder))
    root.chmod(0o755)
    lay_out(root, {"/charm/bin/pebble": pebble}, {HOST: "127.0.0.1"})
    stand_in.give_interpreter(root)
    is_silent = unit.startswith(SILENT)
    printing = stand_in.ENVIRONMENT if is_silent else stand_in.ARGUMENTS
    stand_in.place(root, plan, printing=printing)
    return Pebble(root, network, USER, {})


@pytest.fixture
def forwarded(forwarding: Forwarding) -> set[str]:
    """The units whose logs go to Loki."""
    return {unit for unit, _ in forwarding.pebbles if not unit.startswith(SILENT)}


def test_every_service_of_every_charm_arrives_with_the_labels_of_its_unit_and_no_others(
    forwarding: Forwarding, forwarded: set[str]
) -> None:
    forwarding.wait_for(forwarded)
    wanted = {
        frozenset(
            {
                "product": "Juju",
                "charm": forwarding.charm(unit),
                "juju_model": MODEL,
                "juju_model_uuid": forwarding.model.uuid,
                "juju_application": unit.partition("/")[0],
                "juju_unit": unit,
                "pebble_service": service,
            }.items()
        )
        for unit, container in forwarding.pebbles
        if unit in forwarded
        for service in forwarding.plan((unit, container))["services"]
    }
    eventually(lambda: len(forwarding.loki.streams()) >= len(wanted))
    assert forwarding.loki.streams() == wanted
    assert {forwarding.charm(unit) for unit in forwarded} == logging_charms() - {SILENT}
    assert not forwarding.loki.refused


def test_no_secret_is_among_what_programs_are_started_with_and_print(
    forwarding: Forwarding, forwarded: set[str]
) -> None:
    """Command lines are printed by every stand-in, settings by the one that is not forwarded."""
    for unit in forwarded:
        assert any(line.startswith("started: ") for line in forwarding.loki.of(unit)), unit
    assert not found(forwarding)


def found(forwarding: Forwarding) -> set[str]:
    """The secrets of the model in what has arrived."""
    secrets = {value for value in forwarding.model.secret_values() if len(value) > 20}
    text = "\n".join(line for _, line in forwarding.loki.lines)
    return {value for value in secrets if value in text}


def test_a_program_that_prints_its_secret_is_forwarded_only_if_somebody_asks_for_it(
    forwarding: Forwarding,
) -> None:
    (place,) = [each for each in forwarding.pebbles if each[0].startswith(SILENT)]
    (service,) = forwarding.plan(place)["services"].values()
    secret = service["environment"]["CLIENT_SECRET"]
    eventually(lambda: secret in forwarding.pebbles[place].log())
    assert not forwarding.loki.of(place[0])
    forwarding.model.configure(SILENT, {"forward-logs": True})
    forwarding.update()
    eventually(lambda: found(forwarding) == {secret})
    forwarding.model.configure(SILENT, {"forward-logs": False})
    forwarding.update()
    assert_still(forwarding, {place[0]})


def assert_still(forwarding: Forwarding, units: set[str]) -> None:
    """What was on its way comes, and then nothing more although the programs print on."""
    pebbles = [pebble for (unit, _), pebble in forwarding.pebbles.items() if unit in units]

    def still() -> bool:
        before = {unit: len(forwarding.loki.of(unit)) for unit in units}
        printed = [len(pebble.log()) for pebble in pebbles]
        time.sleep(QUIET)
        eventually(
            lambda: all(len(each.log()) > one for each, one in zip(pebbles, printed, strict=True))
        )
        return {unit: len(forwarding.loki.of(unit)) for unit in units} == before

    eventually(still)


def test_without_the_relation_nothing_is_forwarded_and_with_it_all_is_again(
    forwarding: Forwarding, forwarded: set[str]
) -> None:
    some = {"dex-auth/0", "kfp-api/0", "knative-operator/0"}
    assert some < forwarded
    apps = {unit.partition("/")[0] for unit in some}
    for app in apps:
        forwarding.model.remove_relation(f"{app}:logging", "loki:logging")
    forwarding.update()
    assert_still(forwarding, some)
    forwarding.wait_for(forwarded - some)
    for app in apps:
        forwarding.model.integrate(f"{app}:logging", "loki:logging")
    forwarding.update()
    forwarding.wait_for(some)


def test_without_loki_nothing_is_forwarded(forwarding: Forwarding, forwarded: set[str]) -> None:
    forwarding.model.remove_application("loki")
    forwarding.update()
    assert_still(forwarding, forwarded)
