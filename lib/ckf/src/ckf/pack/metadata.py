# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""From charmcraft.yaml to the files that Juju reads.

The names and what goes where are charmcraft's: its models `CharmMetadata` and `Manifest`.
"""

import importlib.metadata
import pathlib
from collections.abc import Mapping
from typing import Any, cast

import yaml

from .target import Target
from .workspace import PackError

_KEPT = (
    "name",
    "summary",
    "description",
    "assumes",
    "charm-user",
    "containers",
    "devices",
    "extra-bindings",
    "peers",
    "provides",
    "requires",
    "resources",
    "storage",
    "subordinate",
    "terms",
)
_ONE = {"documentation": "docs"}
_MANY = {"contact": "maintainers", "issues": "issues", "source": "source", "website": "website"}


def read(folder: pathlib.Path) -> dict[str, Any]:
    """Return the content of a charm's charmcraft.yaml.

    Raises:
        PackError: It is not there, or not a mapping in YAML.
    """
    return load(folder / "charmcraft.yaml")


def load(path: pathlib.Path) -> dict[str, Any]:
    """Return the content of a charm's charmcraft.yaml or metadata.yaml.

    Raises:
        PackError: It is not there, or not a mapping in YAML.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise PackError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict) or "name" not in content:
        raise PackError(f"{path} is not a mapping with a name")
    return cast("dict[str, Any]", content)


def files(project: Mapping[str, Any], target: Target) -> dict[str, bytes]:
    """Return the files at a charm's root that describe it, by name."""
    content = {
        "metadata.yaml": metadata(project),
        "manifest.yaml": manifest(target),
        "config.yaml": project.get("config"),
        "actions.yaml": project.get("actions"),
    }
    return {name: yaml.safe_dump(value).encode() for name, value in content.items() if value}


def metadata(project: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of metadata.yaml."""
    result = {name: project[name] for name in _KEPT if name in project}
    if "title" in project:
        result["display-name"] = project["title"]
    links = cast("Mapping[str, Any]", project.get("links") or {})
    result |= {new: links[old] for old, new in _ONE.items() if old in links}
    for old, new in _MANY.items():
        if old in links:
            result[new] = [links[old]] if isinstance(links[old], str) else links[old]
    return result


def manifest(target: Target) -> dict[str, Any]:
    """Return the content of manifest.yaml.

    Of its fields Juju reads `bases`. No time is in it, so that equal charms are equal files.
    """
    return {
        "analysis": {"attributes": [{"name": "language", "result": "python"}]},
        "bases": [target.manifest],
        "charmcraft-started-at": "1980-01-01T00:00:00+00:00",
        "charmcraft-version": f"ckf {importlib.metadata.version('ckf')}",
    }
