"""Which option an image comes from that no option names: it is tried.

An empty option can stand for what the charm's code names. Each such option gets an image that
nobody has, and what it takes the place of in the output was the option's own.
"""

import dataclasses
import difflib
import json
from collections.abc import Iterable, Iterator

from ..preview import Deployment, prepare
from . import catalogue
from .catalogue import Image

_MARK = "probe.invalid"


def completed(deployment: Deployment, found: Iterable[Image]) -> list[Image]:
    """Return images with the options that were found by trial."""
    images = list(found)
    apps = {image.app for image in images if not image.moved_by}
    options = {app: dict(_candidates(deployment, app)) for app in sorted(apps)}
    options = {app: chosen for app, chosen in options.items() if chosen}
    if not options:
        return images
    request = deployment.request.with_config(options)
    tried = prepare(dataclasses.replace(request, faults=0))
    tried.settle()
    owners = dict(_replaced(dict(catalogue.texts(deployment)), dict(catalogue.texts(tried))))
    return [
        dataclasses.replace(image, moved_by=(f"option {owners[image.reference]}",))
        if not image.moved_by and image.reference in owners
        else image
        for image in images
    ]


def _candidates(deployment: Deployment, app: str) -> Iterator[tuple[str, str]]:
    target = deployment.model.apps[app]
    values = {**target.charm.defaults, **target.config}
    for name, about in target.charm.options.items():
        if about.get("type") == "string" and not values.get(name) and "image" in name:
            mark = f"{_MARK}/{app}/{name}:1"
            yield name, json.dumps([mark]) if name.endswith("s") else mark


def _replaced(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each image whose place a mark has taken, and the option of the mark."""
    for path, text in after.items():
        if _MARK not in text or path not in before:
            continue
        old, new = before[path].splitlines(), text.splitlines()
        for tag, a, b, c, d in difflib.SequenceMatcher(
            None, old, new, autojunk=False
        ).get_opcodes():
            marks = [each for each in catalogue.references("\n".join(new[c:d])) if _MARK in each]
            if tag == "equal" or not marks:
                continue
            option = marks[0].split("/")[2].partition(":")[0]
            for reference in catalogue.references("\n".join(old[a:b])):
                yield reference, option
