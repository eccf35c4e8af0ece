# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The published side: what its charms declare and write."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

import pytest
import yaml
from charmkit import wire
from jujusim.testing import Charm, Result, Side

HERE = pathlib.Path(__file__).parent
CHARMS = HERE.parents[1] / "charms"


@functools.cache
def _contract() -> dict[str, Any]:
    return yaml.safe_load((HERE / "contract.yaml").read_text())


@functools.cache
def _charms() -> list[Charm]:
    return [Charm.at(CHARMS / name) for name in _contract()["charms"]]


def _sides(kind: str) -> list[tuple[Charm, Side]]:
    """The endpoints that speak an interface in one way; k8s-service is spoken in both."""
    interfaces, sdi = _contract()[kind], kind == "sdi_interfaces"
    return [
        (charm, side)
        for charm in _charms()
        for side in charm.parts.sides.values()
        if side.interface.name in interfaces and not side.apart
        if isinstance(side.interface.codec, wire.Sdi) is sdi
    ]


def _written() -> list[tuple[Charm, Side]]:
    """The endpoints whose other side is known byte by byte."""
    return [
        (charm, charm.parts.sides[name])
        for charm in _charms()
        for name in _contract()["written"].get(charm.name, {})
    ]


CASES: dict[tuple[str, ...], Any] = {
    ("published_charm",): lambda: [(charm,) for charm in _charms()],
    ("published_charm", "sdi_side"): lambda: _sides("sdi_interfaces"),
    ("published_charm", "plain_side"): lambda: _sides("plain_interfaces"),
    ("published_charm", "written_side"): _written,
    ("published_charm", "payload_side"): lambda: [
        (charm, side)
        for charm, side in _written()
        if isinstance(side.interface.codec, wire.Sdi)
        if "data" in _contract()["written"][charm.name][side.name]["app"]
    ],
    ("sdi_interface",): lambda: [(name,) for name in _contract()["sdi_interfaces"]],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    known = {name for names in CASES for name in names}
    asked = known & set(metafunc.fixturenames)
    for names, cases in CASES.items():
        if asked == set(names):
            rows = cases()
            ids = ["-".join(getattr(item, "name", item) for item in row) for row in rows]
            metafunc.parametrize(names, rows, ids=ids)


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    return _contract()


@functools.cache
def _all_related(charm: Charm) -> Result:
    written = _contract()["written"].get(charm.name, {})
    bags = {name: dict(item["app"]) for name, item in written.items()}
    return charm.run(charm.state(bags=bags), "config_changed")


@pytest.fixture
def complete(published_charm: Charm) -> Result:
    """What config-changed leaves where all published neighbours have written all they do."""
    return _all_related(published_charm)
