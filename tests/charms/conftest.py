# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the tests of every charm are derived from: its metadata and its components."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Iterable, Iterator
from typing import Any

import bcrypt
import pytest
from charmkit import kube
from jujusim.testing import Charm, examples, options

CHARMS = pathlib.Path(__file__).parents[2] / "charms"


@functools.cache
def charms() -> list[Charm]:
    return [Charm.at(path.parent) for path in sorted(CHARMS.glob("*/charmcraft.yaml"))]


@functools.cache
def charm_options() -> list[tuple[Charm, options.Option]]:
    return [(charm, option) for charm in charms() for option in options.of(charm)]


def _sides() -> list[tuple[Charm, Any]]:
    every = [(charm, side) for charm in charms() for side in charm.parts.sides.values()]
    return [(charm, side) for charm, side in every if not side.apart]


def _malformed() -> Iterable[tuple[Charm, Any, str, dict[str, str]]]:
    for charm, side in _sides():
        for what, bag in examples.malformed(side.interface, side.received):
            yield charm, side, what, bag


CASES: dict[tuple[str, ...], Any] = {
    ("charm",): lambda: [(charm,) for charm in charms()],
    ("charm", "container"): lambda: [
        (charm, name) for charm in charms() for name in charm.directory.containers
    ],
    ("charm", "action"): lambda: [
        (charm, name) for charm in charms() for name in charm.directory.actions
    ],
    ("charm", "side"): _sides,
    ("charm", "required_side"): lambda: [item for item in _sides() if item[1].required],
    ("charm", "side", "what", "bag"): _malformed,
    ("charm", "option"): lambda: [
        (charm, option) for charm, option in charm_options() if not option.elsewhere
    ],
    ("charm", "refusing_option"): lambda: [
        (charm, option)
        for charm, option in charm_options()
        if option.parser.invalid_example is not None
    ],
    ("charm", "pem_option"): lambda: [
        (charm, option) for charm, option in charm_options() if "PEM" in option.parser.accepts
    ],
    ("charm", "certificate_option"): lambda: [
        (charm, option) for charm, option in charm_options() if option.parser.notice
    ],
    ("charm", "text_option"): lambda: [
        (charm, option) for charm, option in charm_options() if _takes_text(option)
    ],
    ("charm", "port_option"): lambda: [
        (charm, option) for charm, option in charm_options() if option.is_port
    ],
}
"""The fixtures by which a test asks to be run for each of something."""


def _takes_text(option: options.Option) -> bool:
    """Whether it takes a text that looks like a number."""
    try:
        return isinstance(option.default, str) and option.parser.parse("1e3") == "1e3"
    except ValueError:
        return False


_NAMES = {name for names in CASES for name in names}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked = _NAMES & set(metafunc.fixturenames)
    for names, cases in CASES.items():
        if asked == set(names):
            rows = list(cases())
            ids = ["-".join(filter(None, map(_id, row))) for row in rows]
            metafunc.parametrize(names, rows, ids=ids)


def _id(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "name", "")


@pytest.fixture(autouse=True, scope="session")
def _in_no_time() -> Iterator[None]:
    """No pause before a retry, and hashes that are quickly made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kube, "RETRY_DELAYS", (0.0, 0.0))
        patch.setattr(bcrypt, "gensalt", functools.partial(bcrypt.gensalt, rounds=4))
        yield
