# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The modules with the requirements of each program, and what is built from them.

A Go module holds `go.mod` and `go.sum` alone, a Python environment `requirements.txt`: the version
it requires is the one that the charm's image is made of.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ckf.controlplane import ControlPlaneError

FOLDER = Path("tests/workloads/programs")
_FILES = {"go": ("go.mod", "go.sum"), "uv": ("requirements.txt",)}


@dataclass(frozen=True)
class Module:
    """One module; the attributes are the keys of `programs.yaml`, which says what they are."""

    name: str
    go: Mapping[str, str] = field(default_factory=dict[str, str])
    python: Mapping[str, str] = field(default_factory=dict[str, str])
    versions: str = ""
    folders: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, "tuple[str, str]"])

    @property
    def paths(self) -> dict[str, str]:
        """Where each program and folder is in what is built."""
        return {name: name for name in (*self.go, *self.folders)} | dict(self.python)

    @property
    def tool(self) -> str:
        """The command that it is built with."""
        return "go" if self.go else "uv"

    @property
    def directory(self) -> Path:
        """Its folder in the checkout that this package is imported from."""
        return _root() / self.name

    def digest(self) -> str:
        """Return what changes whenever the source that its programs are built from changes."""
        content = hashlib.sha256()
        for name in _FILES[self.tool]:
            content.update(hashlib.sha256((self.directory / name).read_bytes()).digest())
        for name, source in sorted(self.folders.items()):
            content.update(" ".join((name, *source)).encode())
        return content.hexdigest()[:12]


@functools.cache
def load() -> dict[str, Module]:
    """Return every module by name.

    Raises:
        ControlPlaneError: The package was installed without its repository.
    """
    path = _root() / "programs.yaml"
    if not path.is_file():
        raise ControlPlaneError(f"there is no {path}: work in a checkout of the repository")
    return {
        name: Module(name, **about) for name, about in yaml.safe_load(path.read_text()).items()
    }


def _root() -> Path:
    return Path(__file__).resolve().parents[5] / FOLDER
