# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf pack`: write build/<name>.charm for some or all charms."""

import argparse
import concurrent.futures
import functools
import os
import pathlib
import time
from collections.abc import Mapping
from typing import Any

from . import build, charmcraft, metadata, variant
from .target import Target
from .workspace import PackError, Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    parser.add_argument("charms", nargs="*", metavar="CHARM", help="default: all of charms/")
    parser.add_argument("--output", type=pathlib.Path, metavar="DIR", help="default: build")
    parser.add_argument("--arch", default="", help="for example arm64; default: this machine's")
    parser.add_argument(
        "--python-version", default="", metavar="X.Y", help="default: that of the charm's base"
    )
    parser.add_argument(
        "--charmcraft", action="store_true", help="run charmcraft (4.5 or later) instead"
    )
    parser.add_argument(
        "--endpoints-of",
        type=pathlib.Path,
        metavar="PATH",
        help="pack one charm with the endpoints only that a published one has, as "
        "<name>-as-published.charm: the published metadata.yaml or charmcraft.yaml, or the folder "
        "with it; for a Juju that takes no new endpoints in a refresh (4.0)",
    )


def run(options: argparse.Namespace) -> int:
    """Pack what a command line asks for, as many at once as there are processors."""
    if options.charmcraft and options.python_version:
        raise PackError("--python-version cannot be used with --charmcraft")
    if options.charmcraft and options.endpoints_of:
        raise PackError("--endpoints-of cannot be used with --charmcraft")
    if options.output and options.output.is_file():
        raise PackError(f"cannot write to {options.output}: it is a file")
    workspace = Workspace.around(pathlib.Path.cwd())
    if options.endpoints_of:
        print(_as_published(workspace, options))
        return 0
    folders = workspace.select(options.charms)
    workers = 1 if options.charmcraft else os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        one = functools.partial(_one, workspace, options)
        lines = pool.map(one, folders)
        for number, line in enumerate(lines, 1):
            print(f"[{number}/{len(folders)}] {line}", flush=True)
    return 0


def _as_published(workspace: Workspace, options: argparse.Namespace) -> str:
    """Pack one charm with a published one's endpoints, and say which are left out."""
    published = variant.read(options.endpoints_of)
    if len(options.charms) > 1:
        raise PackError("--endpoints-of is for one charm")
    (folder,) = workspace.select(options.charms or [str(published["name"])])
    project = metadata.read(folder)
    peers = variant.lost_peers(project, published)
    if peers:
        raise PackError(
            f"{project['name']} needs its peer relation {peers[0]}, which the published charm "
            "does not have: only a Juju that takes new endpoints can refresh to it"
        )
    left_out = variant.left_out(project, published)
    line = _one(workspace, options, folder, published)
    return f"{line}\nwithout {', '.join(left_out)}" if left_out else line


def _one(
    workspace: Workspace,
    options: argparse.Namespace,
    folder: pathlib.Path,
    published: Mapping[str, Any] | None = None,
) -> str:
    """Pack one charm and say so in a line."""
    output: pathlib.Path = options.output or workspace.root / "build"
    target = Target.of(metadata.read(folder), options.arch, options.python_version)
    started = time.monotonic()
    if options.charmcraft:
        path = charmcraft.pack(folder, target, output)
        return f"{path} in {time.monotonic() - started:.0f} s"
    packed = build.pack(workspace, folder, target, output, published)
    how = "unchanged" if packed.unchanged else f"in {time.monotonic() - started:.1f} s"
    sizes = f"{_megabytes(packed.size)}, unpacked {_megabytes(packed.unpacked)}"
    return f"{_shown(packed.path)}: {sizes}, {how}"


def _megabytes(size: int) -> str:
    return f"{size / build.MEGABYTE:.1f} MB"


def _shown(path: pathlib.Path) -> pathlib.Path:
    here = pathlib.Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
