# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Charms of other repositories, and interpreters to run them."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jujusim
import kubefake
import pytest

CHARMS = pathlib.Path(__file__).parent / "charms"
OLD_OPS = "ops==2.23.*"


@pytest.fixture(scope="session")
def old_ops(tmp_path_factory) -> pathlib.Path:
    """An interpreter that has ops 2, installed as a developer would."""
    venv = tmp_path_factory.mktemp("ops2") / "venv"
    uv = [sys.executable, "-m", "uv"]
    python = venv / "bin" / "python"
    for words in (
        ["venv", "--python", sys.executable, str(venv)],
        ["pip", "install", "--python", str(python), OLD_OPS],
    ):
        done = subprocess.run([*uv, *words], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"{OLD_OPS} cannot be installed: {done.stderr.strip()[-300:]}")
    return python


@pytest.fixture
def make_model() -> Iterator[Callable[..., jujusim.Model]]:
    """Make a model on a cluster of its own, with hook tools that are let go at the end."""
    made: list[jujusim.Model] = []

    def make(**options: Any) -> jujusim.Model:
        made.append(jujusim.Model("m", cluster=kubefake.Cluster(), **options))
        return made[-1]

    yield make
    for model in made:
        model.close()
