# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A bundle once its files are merged."""

import pathlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import BundleError, Place, Problem, hint
from .nodes import Node

SIZE = re.compile(r"(?:^|,)\s*(\d+(?:\.\d+)?[MGTP](?:i?B)?)\s*(?:,|$)")
"""The size in a storage constraint. Source: Juju, storage/constraints.go."""

POOL = re.compile(r"(?:^|,)\s*([a-zA-Z][a-zA-Z0-9_-]*)\s*(?:,|$)")
"""The pool in a storage constraint."""


def text(value: Any) -> str:
    """Return an option's value as Juju's command line takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Application:
    """One application.

    Attributes:
        charm: A path beginning with a dot or a slash, ``local:<name>-<number>`` as Juju exports
            it, or a name on Charmhub.
        node: All its fields, with their places.
        scale: How many units; Juju makes none where a Kubernetes bundle says nothing
            (core/bundle/changes/handlers.go).
        trust: Whether it may administer the cluster.
        options: Options that differ from the charm's defaults.
        resources: Images by resource.
        constraints: As ``juju deploy --constraints`` takes them.
        storage: Constraints by storage, as ``size`` or ``pool,size,count`` in any order.
        replaced: Whether its charm is another one than the bundle says.
    """

    name: str
    charm: str
    place: Place
    node: Node
    scale: int = 0
    trust: bool = False
    expose: bool = False
    channel: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    resources: Mapping[str, Any] = field(default_factory=dict[str, Any])
    constraints: str = ""
    storage: Mapping[str, str] = field(default_factory=dict[str, str])
    replaced: bool = False

    @property
    def sizes(self) -> dict[str, str]:
        """The size by storage, of those that have one."""
        found = {name: SIZE.search(text) for name, text in self.storage.items()}
        return {name: match[1] for name, match in found.items() if match}

    @property
    def pools(self) -> dict[str, str]:
        """The pool by storage, of those that have one."""
        found = {name: POOL.search(text) for name, text in self.storage.items()}
        return {name: match[1] for name, match in found.items() if match}

    @property
    def images(self) -> dict[str, str]:
        """Images by resource; a number is a revision on Charmhub, and no image."""
        return {name: value for name, value in self.resources.items() if isinstance(value, str)}

    @property
    def is_local(self) -> bool:
        """Tell whether the charm comes from a file and not from Charmhub."""
        return self.charm.startswith((".", "/", "local:"))

    def problem(self, message: str, *keys: str) -> Problem:
        """Return what is wrong with a field, or with what is nearest to it."""
        return Problem(self.where(*keys), f'application "{self.name}": {message}')

    def where(self, *keys: str) -> Place:
        """Return the place of a field, or of what is nearest to it."""
        node = self.node
        for key in keys:
            if key not in node.entries:
                break
            node = node.entries[key]
        return node.place


@dataclass(frozen=True)
class Relation:
    """Two endpoints, each as ``application`` or ``application:endpoint``."""

    ends: tuple[str, str]
    place: Place


@dataclass(frozen=True)
class Bundle:
    """A merged bundle.

    Attributes:
        applications: By name, in the order of the files.
    """

    path: pathlib.Path
    applications: Mapping[str, Application]
    relations: tuple[Relation, ...]

    def require(self, name: str, option: str) -> Application:
        """Return an application that an option of the command line names.

        Raises:
            BundleError: There is none.
        """
        if name not in self.applications:
            message = f'the bundle has no application "{name}"{hint(name, self.applications)}'
            raise BundleError([Problem(Place(option), message)])
        return self.applications[name]
