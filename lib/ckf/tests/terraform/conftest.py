# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Terraform, where it is installed."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
from collections.abc import Callable

import pytest

MODULE = pathlib.Path(__file__).parents[4] / "terraform"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def terraform(tmp_path: pathlib.Path) -> Run:
    """Run terraform in a copy of the module's files, with no configuration of this machine."""
    tool = shutil.which("terraform")
    if not tool:
        pytest.skip("there is no terraform; install it with: snap install terraform --classic")
    configuration = tmp_path / "terraformrc"
    configuration.touch()
    settings = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    environ = {"TF_CLI_CONFIG_FILE": str(configuration), **os.environ, **settings}
    if not pathlib.Path(environ["TF_CLI_CONFIG_FILE"]).is_file():
        environ["TF_CLI_CONFIG_FILE"] = str(configuration)

    def run(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [tool, *arguments],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def copy(tmp_path: pathlib.Path) -> Callable[..., None]:
    """Copy files of the module to where `terraform` runs."""

    def copy(*patterns: str) -> None:
        for pattern in patterns:
            for path in MODULE.glob(pattern):
                shutil.copy(path, tmp_path)

    return copy
