# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Small charms, and models to run them in."""

from __future__ import annotations

import pathlib
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import jujusim
import pytest

CHARMS = pathlib.Path(__file__).parent / "charms"


@pytest.fixture
def charm() -> Callable[[str], jujusim.CharmDir]:
    """Load one of the charms beside this file."""
    return lambda name: jujusim.CharmDir.load(CHARMS / name)


@pytest.fixture
def make_model() -> Iterator[Callable[..., jujusim.Model]]:
    """Make models, and remove their files afterwards."""
    models: list[jujusim.Model] = []

    def make(name: str = "kubeflow", **options: Any) -> jujusim.Model:
        models.append(jujusim.Model(name, **options))
        return models[-1]

    yield make
    for model in models:
        model.close()


@pytest.fixture
def model(make_model: Callable[..., jujusim.Model]) -> jujusim.Model:
    return make_model()


@pytest.fixture
def write_charm(tmp_path: pathlib.Path) -> Callable[..., pathlib.Path]:
    """Write a charm directory from the text of its files."""

    def write(name: str, files: dict[str, str]) -> pathlib.Path:
        for path, text in files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text))
        return tmp_path / name

    return write


@pytest.fixture
def pair(model: jujusim.Model, charm: Callable[[str], jujusim.CharmDir]) -> jujusim.Model:
    """A server and a client, related and settled."""
    model.deploy(charm("server"))
    model.deploy(charm("client"))
    model.integrate("server:api", "client:api")
    model.settle()
    return model
