# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which fields a bundle has, and what may stand in them.

Source: Juju, internal/charm/bundledata.go (BundleData, ApplicationSpec). Charmhub's own fields
(name, website, ...) are allowed too; Juju warns about any other and ignores it, here it is wrong.
"""

import re
from collections.abc import Iterator, Mapping

from .errors import Problem, hint
from .nodes import Node

APPLICATION = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*")
"""Names of applications. Source: github.com/juju/names, ApplicationSnippet."""

_ENDPOINT = re.compile(rf"{APPLICATION.pattern}(?::[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)?")

MOST_UNITS = 1000
"""More units than the simulator deploys in a time that anybody waits."""

BUNDLE_FIELDS = {
    "bundle": "text",
    "name": "text",
    "description": "text",
    "docs": "text",
    "issues": "text",
    "source": "text",
    "website": "text",
    "tags": "list",
    "series": "text",
    "default-base": "text",
    "applications": "mapping",
    "machines": "mapping",
    "saas": "mapping",
    "relations": "list",
}
APPLICATION_FIELDS = {
    "charm": "text",
    "channel": "text",
    "revision": "number",
    "series": "text",
    "base": "text",
    "resources": "mapping",
    "num_units": "number",
    "scale": "number",
    "to": "list",
    "placement": "text",
    "expose": "boolean",
    "exposed-endpoints": "mapping",
    "options": "mapping",
    "annotations": "mapping",
    "constraints": "text",
    "storage": "mapping",
    "devices": "mapping",
    "bindings": "mapping",
    "offers": "mapping",
    "plan": "text",
    "trust": "boolean",
}
OVERLAY_ONLY = ("offers", "exposed-endpoints")

_TYPES: Mapping[str, tuple[str, type]] = {
    "text": ("text", str),
    "number": ("a whole number", int),
    "boolean": ("true or false", bool),
    "list": ("a list", list),
    "mapping": ("a mapping", dict),
}


def problems(document: Node, *, overlay: bool) -> Iterator[Problem]:
    """Yield everything in a bundle, or in an overlay of one, that is not as Juju reads it."""
    if not document.is_mapping:
        yield Problem(document.place, "a bundle is a mapping with applications and relations")
        return
    yield from _fields(document, BUNDLE_FIELDS, "a bundle")
    yield from _kind(document)
    for name, node in document.get("applications").entries.items():
        yield from _application(name, node, overlay=overlay)
    for node in document.get("relations").items:
        yield from _relation(node)


def _fields(node: Node, known: Mapping[str, str], owner: str) -> Iterator[Problem]:
    for name, value in node.entries.items():
        if name not in known:
            yield Problem(value.place, f'{owner} has no field "{name}"{hint(name, known)}')
            continue
        words, kind = _TYPES[known[name]]
        wrong = not isinstance(value.value, kind)
        if isinstance(value.value, bool) and kind is int:
            wrong = True
        # A field without a value is how an overlay empties it.
        if wrong and value.value is not None:
            yield Problem(value.place, f'{owner}: "{name}" is {words}, not {_shown(value)}')


def _shown(node: Node) -> str:
    if node.is_mapping:
        return "a mapping"
    return "a list" if node.is_list else repr(node.value)


def _kind(document: Node) -> Iterator[Problem]:
    kind = document.get("bundle")
    if kind.value not in ("kubernetes", None):
        yield Problem(kind.place, f"the only kind of bundle is kubernetes, not {kind.value!r}")
    for name in ("machines", "saas"):
        node = document.get(name)
        if node.value:
            what = "no machines" if name == "machines" else "no offers of other models"
            yield Problem(node.place, f"a model in the simulator has {what}")


def _application(name: str, node: Node, *, overlay: bool) -> Iterator[Problem]:
    owner = f'application "{name}"'
    if not APPLICATION.fullmatch(name):
        yield Problem(node.place, f'"{name}" is no name for an application')
    if node.value is None and not overlay:
        yield Problem(node.place, f"{owner} is empty")
    if node.value is not None and not node.is_mapping:
        yield Problem(node.place, f"{owner} is a mapping, not {_shown(node)}")
    yield from _fields(node, APPLICATION_FIELDS, owner)
    yield from _units(owner, node)
    yield from _texts(owner, node)
    for field in OVERLAY_ONLY:
        if field in node.entries and not overlay:
            message = f'{owner}: "{field}" can stand in an overlay only'
            yield Problem(node.entries[field].place, message)


def _units(owner: str, node: Node) -> Iterator[Problem]:
    given = [node.entries[name] for name in ("scale", "num_units") if name in node.entries]
    if len(given) > 1:
        yield Problem(given[1].place, f"{owner} has both scale and num_units")
    for each in given:
        if isinstance(each.value, int) and not 0 <= each.value <= MOST_UNITS:
            yield Problem(each.place, f"{owner} cannot have {each.value} units{limit(each.value)}")


def limit(units: int) -> str:
    """Return the limit of a number of units that exceeds it, as the end of a sentence."""
    return f": the simulator has at most {MOST_UNITS}" if units > MOST_UNITS else ""


def _texts(owner: str, node: Node) -> Iterator[Problem]:
    for field in ("storage", "annotations", "bindings", "devices"):
        for name, value in node.get(field).entries.items():
            if not isinstance(value.value, str) and value.value is not None:
                message = f'{owner}: {field} "{name}" is text, not {_shown(value)}'
                yield Problem(value.place, message)
    for name, value in node.get("resources").entries.items():
        if not isinstance(value.value, (str, int)) and value.value is not None:
            message = f'{owner}: resource "{name}" is an image or a revision, not {_shown(value)}'
            yield Problem(value.place, message)


def _relation(node: Node) -> Iterator[Problem]:
    if not node.is_list:
        yield Problem(node.place, "a relation is a list of two endpoints")
        return
    if len(node.items) != 2:
        yield Problem(node.place, f"a relation has two endpoints, not {len(node.items)}")
    for end in node.items:
        if not isinstance(end.value, str) or not _ENDPOINT.fullmatch(end.value):
            yield Problem(end.place, f"{_shown(end)} is no endpoint, such as minio:object-storage")
