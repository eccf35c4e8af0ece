# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Versions and images of a Knative component, as the Knative operator upgrades it.

The operator goes up or down by one minor release at a time, and ships the manifests of the last
four. An image in `registry.override` of its resource replaces that of a container, of an `Image`
or of an environment variable, whatever the release: so each release has its own.

Source: knative.dev/operator, release 1.16, pkg/reconciler/common/releases.go and images.go.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, cast

from . import yaml_text

Images = Mapping[str, str]
"""Images by container, by deployment and container, or by environment variable."""

RELEASES = ("1.13", "1.14", "1.15", "1.16")
"""The releases that the operator ships, and that the charms have images of."""

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.\d+)?")


@dataclasses.dataclass(frozen=True)
class Step:
    """What is asked of the operator now.

    Args:
        version: the version that its resource names: the one that is wanted, or the release on the
            way there, whose newest patch the operator takes.
        progress: what to say while it is not the one that is wanted; empty if it is.
    """

    version: str
    progress: str = ""

    @property
    def release(self) -> str:
        """Its major and minor number."""
        return release(self.version)


def release(version: str) -> str:
    """Return the major and minor number of a version.

    Raises:
        ValueError: if it is not a version.
    """
    major, minor = _numbers(version)
    return f"{major}.{minor}"


def parse_version(text: str) -> str:
    """Read the version that is wanted.

    Raises:
        ValueError: if the operator does not ship its release.
    """
    if release(text) not in RELEASES:
        raise ValueError(f"the operator ships {RELEASES[0]} to {RELEASES[-1]}")
    return text.removeprefix("v")


def step(
    installed: str, wanted: str, known: Mapping[str, Any], *, is_settling: bool = False
) -> Step:
    """Return the next step to the version that is wanted.

    Args:
        installed: the version that the operator says is installed; empty if none is.
        wanted: the version that is to be installed at last.
        known: the releases that the operator ships.
        is_settling: whether what is installed is a release on the way that is not ready yet: the
            operator says the version as soon as it has applied it.

    Raises:
        ValueError: if there is no way; it says why, and what to do.
    """
    if not installed:
        return Step(wanted)
    current, target = _numbers(installed), _numbers(wanted)
    distance = target[1] - current[1]
    if target[0] != current[0] or distance < -1:
        raise ValueError(
            f"{release(installed)} is installed and goes down by one release at a time, not to"
            f" {release(wanted)}: set version to {current[0]}.{current[1] - 1} first"
        )
    progress = f"upgrading {release(installed)} of {release(wanted)}"
    if is_settling and distance > 0:
        return Step(release(installed), progress)
    if abs(distance) <= 1:
        return Step(wanted)
    following = f"{current[0]}.{current[1] + 1}"
    if following not in known:
        raise ValueError(
            f"{release(installed)} is installed and goes up by one release at a time: refresh to"
            f" the charm of {following} first"
        )
    return Step(following, progress)


def overrides(
    known: Mapping[str, Images],
    wanted: str,
    now: Step,
    custom: Images,
    steps: Mapping[str, Images],
) -> dict[str, str]:
    """Return the images of a step.

    Args:
        known: the charm's own images, by release.
        wanted: the version that is to be installed at last.
        now: the step.
        custom: images that replace those of the version that is wanted.
        steps: images that replace those of releases on the way there.
    """
    given = custom if now.release == release(wanted) else steps.get(now.release, {})
    return {**known.get(now.release, {}), **{key: image for key, image in given.items() if image}}


def parse_images(text: str | None) -> dict[str, str]:
    """Read images by name, YAML; nothing at all is none.

    Raises:
        ValueError: if it is not a mapping of names to images.
    """
    return _images(yaml_text.load(text or "") or {})


def parse_steps(text: str | None) -> dict[str, dict[str, str]]:
    """Read images by release and, within it, by name.

    Raises:
        ValueError: if it is not such a mapping.
    """
    given = _mapping(yaml_text.load(text or "") or {})
    if not all(isinstance(key, str) for key in given):
        raise ValueError("not images by release; a release is text, in quotes")
    return {release(key): _images(images or {}) for key, images in given.items()}


def registries(images: Images) -> list[str]:
    """Return the registries that images name, each once, sorted.

    Docker's own is left out: an image that names none is from there.
    """
    first = {image.partition("/")[0] for image in images.values() if "/" in image}
    named = {name for name in first if re.search(r"[.:]|^localhost$", name)}
    return sorted(named - {"docker.io"})


def _images(raw: Any) -> dict[str, str]:
    given = _mapping(raw)
    for key, image in given.items():
        if not isinstance(key, str) or not isinstance(image or "", str):
            raise ValueError(f"the image of {key} is not text")
    return {key: image or "" for key, image in given.items()}


def _mapping(raw: Any) -> dict[Any, Any]:
    if not isinstance(raw, dict):
        raise ValueError("not a mapping of containers to images")
    return cast("dict[Any, Any]", raw)


def _numbers(version: str) -> tuple[int, int]:
    found = _VERSION.fullmatch(version.removeprefix("v"))
    if not found:
        raise ValueError(f"{version} is not a version")
    return int(found[1]), int(found[2])
