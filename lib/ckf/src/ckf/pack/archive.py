# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm's archive: equal content gives equal bytes, whatever machine and time it is made at."""

import pathlib
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


@dataclass(frozen=True)
class Member:
    """A file in a charm.

    Attributes:
        content: Its bytes, or the file that has them.
        executable: Whether it is a program.
    """

    content: bytes | pathlib.Path
    executable: bool = False

    def read(self) -> bytes:
        """Its bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


def write(path: pathlib.Path, members: Mapping[str, Member]) -> int:
    """Write an archive, and replace one of its name only when it is complete.

    Returns:
        The size of all files unpacked, in bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    size = 0
    with zipfile.ZipFile(partial, "w") as archive:
        for name in sorted(members):
            content = members[name].read()
            archive.writestr(_info(name, members[name].executable), content)
            size += len(content)
    partial.replace(path)
    return size


def _info(name: str, executable: bool) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
    return info
