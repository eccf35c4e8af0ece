# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which option an image comes from that no option names: it is tried.

An empty option, or an empty value of an option that maps names to images, can stand for what the
charm's code names. Each gets an image that nobody has, and what it takes the place of in the
output was the option's own.
"""

import dataclasses
import difflib
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jujusim
import yaml
from kubefake.values import is_map

from ..preview import Deployment, cluster, prepare
from . import catalogue
from .catalogue import Image

_MARK = "probe.invalid"


def completed(deployment: Deployment, found: Iterable[Image]) -> list[Image]:
    """Return images with the options that were found by trial."""
    images = list(found)
    apps = {image.app for image in images if not image.moved_by}
    trial = _Trial(deployment)
    options = {app: dict(trial.options(app)) for app in sorted(apps)}
    options = {app: chosen for app, chosen in options.items() if chosen}
    if not options:
        return images
    request = deployment.request.with_config(options)
    tried = prepare(dataclasses.replace(request, faults=0))
    tried.settle()
    for app, name in _refused(tried.model, options):
        tried.model.configure(app, {name: deployment.model.apps[app].config.get(name)})
    tried.model.settle()
    owners: dict[tuple[str, str], dict[str, None]] = {}
    for app, reference, option in trial.replaced(dict(catalogue.texts(tried))):
        owners.setdefault((app, reference), {})[f"option {option}"] = None
    return [
        dataclasses.replace(image, moved_by=tuple(owners[image.app, image.reference]))
        if not image.moved_by and (image.app, image.reference) in owners
        else image
        for image in images
    ]


def _refused(
    model: jujusim.Model, options: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield the options that are called images and do not take one."""
    for app, given in options.items():
        said = {unit.status.message for unit in model.status().apps[app].units.values()}
        for name in given:
            if any(re.search(rf"(?<![\w-]){name}(?![\w-])", message) for message in said):
                yield app, name


class _Trial:
    """The marks that options get, and where they turn up."""

    def __init__(self, deployment: Deployment) -> None:
        self._model = deployment.model
        self._before = dict(catalogue.texts(deployment))
        self._marks: dict[str, tuple[str, str]] = {}

    def options(self, app: str) -> Iterator[tuple[str, str]]:
        """Yield each option of an application that can name an image, and what it gets."""
        target = self._model.apps[app]
        for name, about in target.charm.options.items():
            if about.get("type") != "string" or "image" not in name:
                continue
            value = target.options.get(name)
            if not value:
                mark = self._mark(app, name)
                yield name, json.dumps([mark]) if name.endswith("s") else mark
            elif keys := self._empty(app, yaml.safe_load(str(value))):
                yield name, json.dumps({key: self._mark(app, f"{name}: {key}") for key in keys})

    def replaced(self, after: dict[str, str]) -> Iterator[tuple[str, str, str]]:
        """Yield the application, the image and the option where a mark took an image's place."""
        for path, text in after.items():
            if _MARK not in text or path not in self._before:
                continue
            for reference, mark in _exchanged(self._before[path], text):
                if mark in self._marks:
                    app, option = self._marks[mark]
                    yield app, reference, option

    def _mark(self, app: str, option: str) -> str:
        mark = f"{_MARK}/{app}/{len(self._marks)}:1"
        self._marks[mark] = app, option
        return mark

    def _empty(self, app: str, value: Any) -> list[str]:
        """Return the names without an image, also those that only stand in the output."""
        if not is_map(value) or any(value.values()):
            return []
        return list(dict.fromkeys([*value, *self._beside(app, set(value))]))

    def _beside(self, app: str, names: set[str]) -> Iterator[str]:
        for path, text in self._before.items():
            if catalogue.app_of(path, self._model) == app and path.startswith("kubernetes/"):
                for mapping in cluster.mappings(yaml.safe_load(text)):
                    if names & mapping.keys():
                        yield from (key for key in mapping if _is_image(mapping[key]))


def _is_image(value: Any) -> bool:
    return isinstance(value, str) and catalogue.references(value) == [value]


def _exchanged(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield the images of one text and those in their place in another."""
    old, new = catalogue.occurrences(before), catalogue.occurrences(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "replace" and b - a == d - c:
            yield from zip(old[a:b], new[c:d], strict=True)
        elif tag != "equal":
            yield from itertools.product(old[a:b], new[c:d])
