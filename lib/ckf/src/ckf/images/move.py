# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""An overlay that takes every image from a registry, and the list of what to copy there."""

import json
from collections.abc import Iterable
from typing import Any

import jujusim
import yaml

from . import catalogue
from .catalogue import Image


def moved(image: Image, registry: str) -> tuple[str, str]:
    """Return an image's whole name, and where it goes: the same path below a registry."""
    reference = image.reference
    host, slash, rest = reference.partition("/")
    is_host = bool(slash) and ("." in host or ":" in host or host == "localhost")
    source = (
        reference if is_host else f"docker.io/{reference if slash else f'library/{reference}'}"
    )
    return source, f"{registry.rstrip('/')}/{rest if is_host else reference}"


def _target(image: Image, registry: str) -> str:
    return moved(image, registry)[1]


def overlay(model: jujusim.Model, images: Iterable[Image], registry: str) -> dict[str, Any]:
    """Return an overlay with which the charms take their images from a registry.

    Args:
        model: The model that names them.
        images: As `probe.completed` returns them.
        registry: ``HOST[/PREFIX]``.
    """
    apps: dict[str, dict[str, Any]] = {}
    found = [image for image in images if image.app]
    for image in found:
        for mover in image.moved_by:
            kind, _, name = mover.partition(" ")
            section = apps.setdefault(image.app, {}).setdefault(f"{kind}s", {})
            option, _, key = name.partition(": ")
            if kind == "resource":
                section[name] = _target(image, registry)
            elif key:
                given = section.get(option) or _text(model.apps[image.app], option)
                chosen = {**yaml.safe_load(given), key: _target(image, registry)}
                section[option] = yaml.safe_dump(chosen)
            elif name not in section:
                mine = [each for each in found if each.app == image.app and mover in each.moved_by]
                section[name] = _value(model.apps[image.app], name, mine, registry)
    return {"applications": apps}


def _value(app: jujusim.Application, option: str, images: Iterable[Image], registry: str) -> str:
    text = _text(app, option)
    targets = {image.reference: _target(image, registry) for image in images}
    if not text:
        return (
            json.dumps(list(targets.values()))
            if option.endswith("s")
            else next(iter(targets.values()))
        )
    for reference, target in targets.items():
        if reference in text:
            text = text.replace(reference, target)
        else:
            before, after = catalogue.split(reference)[0], catalogue.split(target)[0]
            text = text if after in text else text.replace(before, after)
    return text


def _text(app: jujusim.Application, option: str) -> str:
    return str(app.options.get(option) or "")
