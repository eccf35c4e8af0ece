# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The packages of one charm, as the workspace's lock pins them, for another machine's Python.

The lock is the workspace's; what is installed is only what the charm's own project asks for.
Packages come as wheels for the target, checked against the lock's hashes. Libraries of the
workspace are built from their folders.
"""

import os
import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass

from .target import Target
from .workspace import PackError, Workspace

# What an installer notes about itself and this machine, and what runs nowhere in a charm.
_NOTES = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json"}
_SKIPPED = {"__pycache__", "bin"}


@dataclass(frozen=True)
class Requirements:
    """Requirements of a charm's project, with those that they have in turn.

    Attributes:
        pinned: Published packages: a requirements file with versions, markers and hashes.
        local: The folders of the workspace's own libraries.
    """

    pinned: str
    local: tuple[pathlib.Path, ...]


def requirements(workspace: Workspace, charm: pathlib.Path) -> Requirements:
    """Return what the charm in a folder needs, from the lock.

    Raises:
        PackError: The lock does not know the charm, or is not up to date with it.
    """
    options = ["--no-dev", "--frozen", "--no-editable", "--no-header", "--no-annotate"]
    lines = _uv("export", "--quiet", "--project", str(charm), *options).splitlines(keepends=True)
    local = [line.strip() for line in lines if line.startswith("./")]
    pinned = "".join(line for line in lines if not line.startswith("./"))
    return Requirements(pinned, tuple(workspace.root / folder for folder in local))


def install(wanted: Requirements, target: Target, folder: pathlib.Path) -> None:
    """Install packages into a folder, in the layout of `site-packages`.

    Raises:
        PackError: A package has no wheel for the target, or one with another hash.
    """
    options = ["--quiet", "--no-deps", "--target", str(folder)]
    options += ["--python-version", target.python, "--python-platform", target.tag]
    pinned = folder.parent / "requirements.txt"
    pinned.write_text(wanted.pinned)
    _uv("pip", "install", *options, "--only-binary=:all:", "--require-hashes", "-r", str(pinned))
    # Built from a copy: what else is in the workspace has no part in it. Without the cache, which
    # takes a library as unchanged whose pyproject.toml is.
    for library in wanted.local:
        copy = folder.parent / library.name
        shutil.copytree(library, copy)
        _uv("pip", "install", *options, "--no-cache", str(copy))


def files(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """Return the installed files that a charm takes, by their path in `site-packages`."""
    found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {str(name): path for name, path in found.items() if _wanted(name)}


def _wanted(path: pathlib.Path) -> bool:
    noted = path.parent.suffix == ".dist-info" and path.name in _NOTES
    return not noted and not _SKIPPED & {path.parts[0], path.parent.name} and path.name != ".lock"


def _uv(*arguments: str) -> str:
    # A virtual environment that happens to be active has no say in what a charm gets.
    environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    # The uv of the environment that ckf runs in comes before any other.
    path = os.pathsep.join([str(pathlib.Path(sys.executable).parent), environ.get("PATH", "")])
    tool = shutil.which("uv", path=path)
    if not tool:
        raise PackError("there is no uv; install it with: pip install uv")
    command = [tool, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    if done.returncode:
        raise PackError(f"uv {arguments[0]}: {done.stderr.strip()}")
    return done.stdout
