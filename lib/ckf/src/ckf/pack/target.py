# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The target of a packed charm: a base, its Python, a processor architecture."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from .workspace import PackError

# Debian's names of the architectures that Juju knows, by the kernel's.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "ppc64le": "ppc64el", "s390x": "s390x"}
# The default Python and the C library of each Ubuntu release.
_BASES = {"ubuntu@22.04": ("3.10", "2_35"), "ubuntu@24.04": ("3.12", "2_39")}


@dataclass(frozen=True)
class Target:
    """The target of a packed charm.

    Attributes:
        base: As in charmcraft.yaml, for example `ubuntu@24.04`.
        arch: Debian's name of the architecture, for example `amd64`.
        python: The version of the base's Python, for example `3.12`.
        libc: The version of the base's C library, as in platform tags.
    """

    base: str
    arch: str
    python: str
    libc: str

    @classmethod
    def of(cls, project: Mapping[str, Any], arch: str = "", python: str = "") -> Target:
        """Return the target that a charmcraft.yaml names, by default for this machine.

        Raises:
            PackError: The base is not known, or the charm does not run on the architecture.
        """
        base, arch = str(project.get("base", "")), arch or host()
        if base not in _BASES:
            raise PackError(f"base {base!r} is not known; known are {', '.join(_BASES)}")
        platforms = cast("Mapping[str, Any]", project.get("platforms") or {})
        if arch not in platforms or arch not in _ARCHITECTURES.values():
            raise PackError(f"the charm has no platform {arch!r}; it has {', '.join(platforms)}")
        target = cls(base, arch, *_BASES[base])
        return replace(target, python=python) if python else target

    @property
    def tag(self) -> str:
        """The platform whose wheels run there, as uv names it."""
        kernel = next(k for k, name in _ARCHITECTURES.items() if name == self.arch)
        return f"{kernel}-manylinux_{self.libc}"

    @property
    def manifest(self) -> dict[str, Any]:
        """The base as in manifest.yaml."""
        name, _, channel = self.base.partition("@")
        return {"name": name, "channel": channel, "architectures": [self.arch]}


def host() -> str:
    """Debian's name of this machine's architecture, or the kernel's where it has none."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())
