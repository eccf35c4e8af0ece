# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Read a bundle and its overlays."""

import base64
import functools
import pathlib
from collections.abc import Callable, Iterable
from typing import Any

from . import merge, nodes, schema
from .errors import BundleError, InputError, Place, Problem
from .nodes import Node
from .spec import Application, Bundle, Relation

# A bundle of a hundred applications has a tenth of this, and Python reads YAML slowly.
_LARGEST = 512 * 1024

Pathlike = str | pathlib.Path


def load(path: Pathlike, overlays: Iterable[Pathlike] = ()) -> Bundle:
    """Read a bundle and merge overlays into it, in their order.

    A file may have several documents; those after the first are overlays too. The path of a
    directory stands for the ``bundle.yaml`` in it.

    Raises:
        InputError: A file cannot be read.
        BundleError: Something in one of them is wrong.
    """
    file = pathlib.Path(path)
    file = file / "bundle.yaml" if file.is_dir() else file
    documents = _read(file)
    for each in overlays:
        documents += _read(pathlib.Path(each))
    if not documents:
        raise BundleError([Problem(Place(str(file)), "the bundle is empty")])
    wrong = [
        problem
        for index, document in enumerate(documents)
        for problem in schema.problems(document, overlay=index > 0)
    ]
    if wrong:
        raise BundleError(wrong)
    return _bundle(file, functools.reduce(merge.overlay, documents))


def _read(file: pathlib.Path) -> list[Node]:
    try:
        if file.stat().st_size > _LARGEST:
            raise InputError(
                f"{file} has more than {_LARGEST // 1024} kB: no bundle is that large"
            )
        return nodes.read(str(file), file.parent, file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not text") from error
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error


def _bundle(file: pathlib.Path, document: Node) -> Bundle:
    section = document.get("applications")
    if not section.entries:
        raise BundleError([Problem(section.place, "the bundle has no applications")])
    applications = {name: _application(name, node) for name, node in section.entries.items()}
    return Bundle(file, applications, tuple(map(_relation, document.get("relations").items)))


def _relation(node: Node) -> Relation:
    one, two = (str(end.value) for end in node.items)
    return Relation((one, two), node.place)


def _application(name: str, node: Node) -> Application:
    fields = {key: each.plain() for key, each in node.entries.items() if each.value is not None}
    if "charm" not in fields:
        raise BundleError([Problem(node.place, f'application "{name}" has no charm')])
    options = node.get("options").entries
    return Application(
        name=name,
        charm=fields["charm"],
        place=node.place,
        node=node,
        scale=fields.get("scale", fields.get("num_units", 0)),
        trust=fields.get("trust", False),
        expose=fields.get("expose", False),
        channel=fields.get("channel", ""),
        options={key: _included(each) for key, each in options.items() if each.value is not None},
        constraints=fields.get("constraints", ""),
        resources=_without_empty(fields.get("resources", {})),
        storage=_without_empty(fields.get("storage", {})),
    )


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _included(node: Node) -> Any:
    """Return an option's value: as it stands, or from the file that it names.

    Source: Juju, internal/charm/overlay.go, resolveIncludes.
    """
    value = node.plain()
    for prefix, decode in _INCLUDES.items():
        if isinstance(value, str) and value.startswith(prefix):
            return decode(_content(value.removeprefix(prefix), node.place))
    return value


def _content(path: str, place: Place) -> bytes:
    try:
        return (place.folder / path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no path"
        message = f"cannot read {path}: {reason}"
        raise BundleError([Problem(place, message)]) from error


_INCLUDES: dict[str, Callable[[bytes], str]] = {
    "include-file://": lambda content: content.decode(errors="replace"),
    "include-base64://": lambda content: base64.b64encode(content).decode(),
}
