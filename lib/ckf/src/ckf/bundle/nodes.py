# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""YAML as values that know where they stand."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import yaml

from .errors import BundleError, Place, Problem

# Far more than any bundle has; an alias that repeats itself reaches it at once.
_MOST = 100_000


@dataclass(frozen=True)
class Node:
    """A value: a dict of nodes by key, a list of nodes, or a scalar.

    Attributes:
        place: The line of its key, or of the value itself where it has none.
    """

    value: Any
    place: Place

    @property
    def is_mapping(self) -> bool:
        """Tell whether it is a mapping."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Tell whether it is a list."""
        return isinstance(self.value, list)

    @property
    def entries(self) -> dict[str, Node]:
        """The nodes of a mapping; none where there is another value."""
        return cast("dict[str, Node]", self.value) if self.is_mapping else {}

    @property
    def items(self) -> list[Node]:
        """The nodes of a list; none where there is another value."""
        return cast("list[Node]", self.value) if self.is_list else []

    def get(self, key: str) -> Node:
        """Return the node under a key of a mapping, or one without a value."""
        return self.entries.get(key, Node(None, self.place))

    def plain(self) -> Any:
        """Return the value without places."""
        if self.is_mapping:
            return {key: node.plain() for key, node in self.entries.items()}
        if self.is_list:
            return [node.plain() for node in self.items]
        return self.value


class _Loader(yaml.SafeLoader):
    """Like Juju's parser it leaves what looks like a date as text."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in pairs if not tag.endswith(":timestamp")]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(name: str, folder: pathlib.Path, text: str) -> list[Node]:
    """Read a text of one or more YAML documents; empty ones are left out.

    Raises:
        BundleError: It is no YAML, a key stands twice, or it has far too many values.
    """
    reader = _Reader(name, folder)
    try:
        loader = _Loader(text)
        return list(reader.documents(loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _wrong(reader.place(mark), _reason(error)) from error
    except yaml.YAMLError as error:
        raise _wrong(Place(name, 0, folder), str(error).splitlines()[0]) from error
    except RecursionError as error:
        message = "it is nested too deeply, or an alias stands for itself"
        raise _wrong(Place(name, 0, folder), message) from error


def _wrong(place: Place, message: str) -> BundleError:
    return BundleError([Problem(place, message)])


def _reason(error: yaml.MarkedYAMLError) -> str:
    reason = error.problem or "not YAML"
    return f"{error.context}: {reason}" if error.context else reason


class _Reader:
    """Makes nodes of what PyYAML composes."""

    def __init__(self, name: str, folder: pathlib.Path):
        self.name = name
        self.folder = folder
        self.count = 0

    def documents(self, loader: yaml.SafeLoader) -> Iterator[Node]:
        """Yield each document's node."""
        while loader.check_node():
            root = loader.get_node()
            if root is not None and root.tag != "tag:yaml.org,2002:null":
                yield self.node(loader, root, self.place(root.start_mark))

    def place(self, mark: Any) -> Place:
        """Return where a mark of PyYAML is."""
        return Place(self.name, mark.line + 1 if mark else 0, self.folder)

    def node(self, loader: yaml.SafeLoader, found: yaml.Node, place: Place) -> Node:
        """Return one node, with all below it."""
        self.count += 1
        if self.count > _MOST:
            raise _wrong(place, "an alias stands for too many values")
        if isinstance(found, yaml.MappingNode):
            return Node(self._mapping(loader, found), place)
        if isinstance(found, yaml.SequenceNode):
            items = cast("list[yaml.Node]", found.value)
            nodes = [self.node(loader, item, self.place(item.start_mark)) for item in items]
            return Node(nodes, place)
        return Node(self._scalar(loader, found), place)

    def _mapping(self, loader: yaml.SafeLoader, found: yaml.MappingNode) -> dict[str, Node]:
        self._refuse_twice(found)
        loader.flatten_mapping(found)
        pairs = cast("list[tuple[yaml.Node, yaml.Node]]", found.value)
        result: dict[str, Node] = {}
        for key, value in pairs:
            place = self.place(key.start_mark)
            result[str(self._scalar(loader, key))] = self.node(loader, value, place)
        return result

    def _refuse_twice(self, found: yaml.MappingNode) -> None:
        seen: dict[str, int] = {}
        for key, _ in cast("list[tuple[yaml.Node, yaml.Node]]", found.value):
            place = self.place(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                raise _wrong(place, "a key is not text")
            if key.value in seen:
                first = seen[key.value]
                raise _wrong(place, f'the key "{key.value}" stands twice, first in line {first}')
            seen[key.value] = place.line

    def _scalar(self, loader: yaml.SafeLoader, found: yaml.Node) -> Any:
        """A scalar's value; PyYAML raises anything for a text that is not what its tag says."""
        try:
            return cast("Any", loader).construct_object(found, deep=True)
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            kind = found.tag.rpartition(":")[2]
            message = f"{found.value!r} is no {kind}"
            raise _wrong(self.place(found.start_mark), message) from error
