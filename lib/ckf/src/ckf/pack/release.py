# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf release`: upload packed charms and their images to Charmhub, and release them to a channel.

charmcraft does it, with the credentials that it is logged in with (`charmcraft login`, or
CHARMCRAFT_AUTH).
"""

import argparse
import json
import pathlib
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, cast

from . import charmcraft, metadata
from .workspace import PackError, Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    parser.add_argument("channel", metavar="CHANNEL", help="for example 1.11/edge")
    parser.add_argument("charms", nargs="*", metavar="CHARM", help="default: all of charms/")


def run(options: argparse.Namespace) -> int:
    """Release what a command line asks for, one after the other; what is released stays so."""
    charmcraft.require()
    workspace = Workspace.around(pathlib.Path.cwd())
    folders = workspace.select(options.charms)
    packed = {folder: workspace.root / "build" / f"{folder.name}.charm" for folder in folders}
    for path in packed.values():
        if not path.is_file():
            raise PackError(f"{path} is not there: run ckf pack first")
    for folder, path in packed.items():
        revision = release(metadata.read(folder), path, options.channel)
        print(f"{folder.name} revision {revision} is in {options.channel}", flush=True)
    return 0


def release(project: Mapping[str, Any], path: pathlib.Path, channel: str) -> int:
    """Upload one charm with its images, and release it.

    Raises:
        PackError: charmcraft refuses something.
    """
    # A resource can be uploaded only for a charm that Charmhub knows to have it.
    first = _upload("upload", str(path))
    attached = [f"--resource={name}:{number}" for name, number in _images(project)]
    where = [f"--revision={first}", f"--channel={channel}"]
    _charmcraft("release", str(project["name"]), *where, *attached)
    return first


def _images(project: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Upload each image of a charm: its resource, and the revision that this has then."""
    resources = cast("Mapping[str, Mapping[str, str]]", project.get("resources") or {})
    for name, about in resources.items():
        image = f"--image=docker://{about['upstream-source']}"
        yield name, _upload("upload-resource", str(project["name"]), name, image)


def _upload(verb: str, *arguments: str) -> int:
    """Upload something; the revision that it has on Charmhub."""
    said = _charmcraft(verb, *arguments, "--format=json")
    try:
        return int(json.loads(said)["revision"])
    except (ValueError, KeyError, TypeError) as error:
        raise PackError(f"charmcraft {verb} names no revision: {said.strip()}") from error


def _charmcraft(*arguments: str) -> str:
    command = ["charmcraft", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = " ".join(f"{done.stdout} {done.stderr}".split())
        raise PackError(f"{' '.join(command[:3])}: {reason}")
    return done.stdout
