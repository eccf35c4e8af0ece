# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm's archive: equal content gives equal bytes, whatever machine and time it is made at."""

import pathlib
import stat
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_PROGRAMS = ("dispatch", "src/charm.py")


def write(path: pathlib.Path, members: Mapping[str, bytes | pathlib.Path]) -> int:
    """Write an archive of files by path, and replace one of its name only when it is complete.

    Returns:
        The size of all files unpacked, in bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    size = 0
    with zipfile.ZipFile(partial, "w") as archive:
        for name, member in sorted(members.items()):
            content = member if isinstance(member, bytes) else member.read_bytes()
            archive.writestr(_info(name), content)
            size += len(content)
    partial.replace(path)
    return size


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = (stat.S_IFREG | (0o755 if name in _PROGRAMS else 0o644)) << 16
    return info
