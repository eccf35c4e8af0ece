# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm with the published charm's endpoints only, for a Juju that takes no new ones.

Juju 4.0.13 refuses a refresh to a charm with an endpoint that the old one lacks. The code is the
same: for the charm an endpoint that its metadata lacks is one that nobody has related.
"""

import pathlib
from collections.abc import Mapping
from typing import Any

from . import metadata
from .workspace import PackError

ROLES = ("provides", "requires", "peers")
_FILES = ("metadata.yaml", "charmcraft.yaml")


def read(path: pathlib.Path) -> dict[str, Any]:
    """Return a published charm's metadata.

    Args:
        path: Its metadata.yaml or charmcraft.yaml, or the folder with one of them.

    Raises:
        PackError: It is not there, or says no name.
    """
    candidates = [path / name for name in _FILES] if path.is_dir() else [path]
    found = next((each for each in candidates if each.is_file()), None)
    if found is None:
        raise PackError(f"{path} is neither a file nor a folder with {' or '.join(_FILES)}")
    return metadata.load(found)


def limited(project: Mapping[str, Any], published: Mapping[str, Any]) -> dict[str, Any]:
    """Return a charm's charmcraft.yaml without the endpoints that the published charm lacks.

    Raises:
        PackError: The other charm has another name.
    """
    if project["name"] != published["name"]:
        raise PackError(
            f"the endpoints are those of {published['name']}, the charm is {project['name']}"
        )
    result = dict(project)
    for role in ROLES:
        theirs = _endpoints(published, role)
        kept = {name: it for name, it in _endpoints(project, role).items() if name in theirs}
        result.pop(role, None)
        if kept:
            result[role] = kept
    return result


def lost_peers(project: Mapping[str, Any], published: Mapping[str, Any]) -> list[str]:
    """Return the peer endpoints that `limited` leaves out: the charm cannot work without them.

    Its units agree there on what must outlive a pod: keys, certificates, which unit is active.
    """
    return sorted(_endpoints(project, "peers").keys() - _endpoints(published, "peers"))


def left_out(project: Mapping[str, Any], published: Mapping[str, Any]) -> list[str]:
    """Return the names of the endpoints that `limited` leaves out."""
    return sorted(
        name
        for role in ROLES
        for name in _endpoints(project, role).keys() - _endpoints(published, role)
    )


def _endpoints(project: Mapping[str, Any], role: str) -> Mapping[str, Any]:
    return project.get(role) or {}
