# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The images in all that a deployment has made: pods, objects, plans, files."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jujusim

from ..preview import Deployment
from ..report import files
from ..report.redaction import Redactor

JUJU = "the controller's option caas-image-repo"

_NAME = r"[a-z0-9][a-z0-9._-]*"
_HOST = r"[a-z0-9][a-z0-9.-]*(?::\d+)?"
_TAG = r"(?::[A-Za-z0-9_][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})|:[A-Za-z0-9_][\w.-]{0,127}"
_END = r"(?![\w./:@-])"
# Anywhere in a text; and of one part only where it is called an image.
_REFERENCE = re.compile(rf"(?<![\w./:@-])((?:{_HOST}/)?(?:{_NAME}/)*{_NAME}(?:{_TAG})){_END}")
_CALLED = re.compile(rf"(?i:image)['\"]?[:=]\s*['\"]?({_NAME}(?:{_TAG})){_END}")
_PODS = ("Pod-", "Deployment-", "StatefulSet-", "DaemonSet-", "ReplicaSet-")


@dataclasses.dataclass(frozen=True)
class Image:
    """An image of an application.

    Attributes:
        app: The application; empty for those that Juju brings.
        sources: Where it is named: an object, a plan, a file.
        moved_by: The resource or the options that say which image it is.
        now: Whether it runs as soon as all is deployed, and not only when a controller or a user
            starts something.
    """

    reference: str
    app: str
    sources: tuple[str, ...]
    moved_by: tuple[str, ...] = ()
    now: bool = False


HEADERS = ("App", "Image", "Pulled", "Moved by", "Named in")
"""Of a table with a `row` for each image."""


def row(image: Image, *, unmoved: str = "nothing") -> tuple[str, ...]:
    """Return an image as a line of a table; `unmoved` stands where nothing moves it."""
    first, *more = (source.split("/", 2)[2].removesuffix(".yaml") for source in image.sources)
    return (
        image.app or "Juju",
        image.reference,
        "at once" if image.now else "later",
        ", ".join(image.moved_by) or unmoved,
        f"{first} and {len(more)} more" if more else first,
    )


def of(deployment: Deployment) -> list[Image]:
    """Return every image that a deployment can pull, by application, in the order of its files."""
    found: dict[tuple[str, str], set[str]] = {}
    for path, text in texts(deployment):
        app = app_of(path, deployment.model)
        for reference in references(text):
            owner = "" if reference.startswith(f"{deployment.request.image_repo}/") else app
            found.setdefault((owner, reference), set()).add(path)
    return [
        Image(
            reference,
            app,
            tuple(sorted(paths)),
            tuple(_movers(deployment.model, app, reference)),
            now=any(path.rpartition("/")[2].startswith(_PODS) for path in paths),
        )
        for (app, reference), paths in sorted(found.items(), key=lambda each: each[0][0])
    ]


def texts(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Yield all that can name an image; definitions have only examples."""
    for path, content in files.tree(deployment, Redactor(active=False), status=False):
        shown = path.startswith(("kubernetes/", "pebble/", "files/"))
        if shown and "/CustomResourceDefinition-" not in path:
            yield path, content.decode(errors="replace")


def references(text: str) -> list[str]:
    """Return the images that a text names, each once."""
    return list(dict.fromkeys(occurrences(text)))


def occurrences(text: str) -> list[str]:
    """Return the images that a text names, as often as it does, in its order."""
    found = {match.start(1): match[1] for match in _CALLED.finditer(text)}
    for match in _REFERENCE.finditer(text):
        if "/" in match[1] and not _is_address(match[1]):
            found[match.start(1)] = match[1]
    return [found[start] for start in sorted(found)]


def app_of(path: str, model: jujusim.Model) -> str:
    """Return the application to which a path of the output belongs."""
    name = path.split("/")[1]
    return name if name in model.apps else name.rpartition("-")[0]


def split(reference: str) -> tuple[str, str]:
    """Return a reference's registry and repository, and its name with the tag."""
    repository, _, name = reference.rpartition("/")
    return repository, name


def _is_address(name: str) -> bool:
    """Tell whether it is a host with a port after a path, as in a list of endpoints."""
    return bool(re.fullmatch(r"[^/]+/[^/:]*:\d{2,5}", name)) and ".svc" in name


def _movers(model: jujusim.Model, app: str, reference: str) -> Iterator[str]:
    if not app:
        yield JUJU
        return
    found = model.apps[app]
    declared: Mapping[str, Mapping[str, Any]] = found.charm.meta.get("resources") or {}
    for name, about in declared.items():
        if reference in (found.resources.get(name), about.get("upstream-source")):
            yield f"resource {name}"
    for name, value in found.options.items():
        if isinstance(value, str) and names(value, reference):
            yield f"option {name}"


def names(value: str, reference: str) -> bool:
    """Tell whether an option names an image, in one piece or as repository and tag."""
    repository, name = split(reference)
    parts: Iterable[str] = (repository, *re.split("[:@]", name, maxsplit=1)[1:])
    return reference in value or (bool(repository) and all(part in value for part in parts))
