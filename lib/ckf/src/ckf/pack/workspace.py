# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The repository that charms are packed from: one lock, a folder for each charm."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from dataclasses import dataclass

from ..bundle import InputError


class PackError(InputError):
    """A charm that cannot be packed; the message is one sentence for a person."""


@dataclass(frozen=True)
class Workspace:
    """A uv workspace with charms.

    Attributes:
        root: The folder with `uv.lock` and `charms/`.
    """

    root: pathlib.Path

    @classmethod
    def around(cls, folder: pathlib.Path) -> Workspace:
        """Return the workspace that a folder lies in.

        Raises:
            PackError: It lies in none.
        """
        for root in (folder.resolve(), *folder.resolve().parents):
            if (root / "uv.lock").is_file() and (root / "charms").is_dir():
                return cls(root)
        raise PackError(f"{folder} is in no repository with uv.lock and charms/")

    @property
    def charms(self) -> dict[str, pathlib.Path]:
        """The folder of each charm, by the folder's name."""
        found = sorted((self.root / "charms").glob("*/charmcraft.yaml"))
        return {path.parent.name: path.parent for path in found}

    def select(self, names: Sequence[str]) -> list[pathlib.Path]:
        """Return the folders of the named charms, or of all if none is named.

        Raises:
            PackError: There is no such charm.
        """
        charms = self.charms
        unknown = [name for name in names if name not in charms]
        if unknown:
            raise PackError(f"no charm {unknown[0]!r}; there are {', '.join(charms)}")
        return [charms[name] for name in names or charms]
