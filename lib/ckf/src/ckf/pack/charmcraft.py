# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Pack with charmcraft itself, in its build container.

A part whose source is the repository, two folders up, needs charmcraft 4.5: since then it mounts
the whole git working tree, if it is asked to, and copies `src` from `source-subdir`.
"""

import os
import pathlib
import re
import shutil
import subprocess

from . import metadata
from .target import Target
from .workspace import PackError

MINIMUM = (4, 5)


def pack(charm: pathlib.Path, target: Target, output: pathlib.Path) -> pathlib.Path:
    """Pack the charm in a folder as `output/<name>.charm`.

    charmcraft's own output goes to the terminal.

    Raises:
        PackError: There is no charmcraft, it is older than 4.5, or it fails.
    """
    _supported()
    name = metadata.read(charm)["name"]
    environ = {**os.environ, "CHARMCRAFT_EXPERIMENTAL_MONOREPO": "1"}
    arguments = ["--project-dir", str(charm), "--platform", target.arch, "--output", str(output)]
    output.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["charmcraft", "pack", *arguments], env=environ, check=False).returncode:
        raise PackError(f"charmcraft cannot pack {name}")
    made = output / f"{name}_{target.arch}.charm"
    if not made.is_file():
        raise PackError(f"charmcraft has not written {made}")
    return made.replace(output / f"{name}.charm")


def require() -> None:
    """Raise PackError where there is no charmcraft."""
    if not shutil.which("charmcraft"):
        raise PackError("there is no charmcraft; install it with: snap install charmcraft")


def _supported() -> None:
    require()
    said = subprocess.run(
        ["charmcraft", "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"(\d+)\.(\d+)", said)
    if not version or tuple(map(int, version.groups())) < MINIMUM:
        raise PackError(f"charmcraft 4.5 or later is needed, this is {said.strip() or 'unknown'}")
