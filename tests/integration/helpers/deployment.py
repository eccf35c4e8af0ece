# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The bundle, or a slice of it, as a file that `juju deploy` takes."""

from __future__ import annotations

import pathlib
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from ckf import bundle as bundles

ROOT = pathlib.Path(__file__).parents[3]


def read(images: pathlib.Path | None = None) -> bundles.Bundle:
    """The bundle, with other images if a file names them.

    Args:
        images: An overlay that has nothing but resources, as `ckf images --overlay` writes it.

    Raises:
        BundleError: The overlay changes something else, or names an application or a resource that
            the bundle does not have.
    """
    plain = bundles.load(ROOT / "bundle.yaml")
    if images is None:
        return plain
    changed = bundles.load(ROOT / "bundle.yaml", [images])
    wrong = list(_beyond_images(plain, changed, images))
    if wrong:
        raise bundles.BundleError(wrong)
    return changed


def _beyond_images(
    plain: bundles.Bundle, changed: bundles.Bundle, images: pathlib.Path
) -> Iterable[bundles.Problem]:
    everywhere = bundles.Place(str(images))
    if (
        set(plain.applications) != set(changed.applications)
        or plain.relations != changed.relations
    ):
        yield bundles.Problem(everywhere, "it adds or removes applications or relations")
        return
    for name, app in changed.applications.items():
        before = plain.applications[name]
        for resource in set(app.resources) - set(before.resources):
            message = f'the bundle\'s application "{name}" has no resource "{resource}"'
            yield bundles.Problem(app.where("resources", resource), message)
        if _without_images(app) != _without_images(before):
            yield bundles.Problem(everywhere, f'it changes more of "{name}" than its resources')


def _without_images(app: bundles.Application) -> dict[str, Any]:
    return {key: value for key, value in app.node.plain().items() if key != "resources"}


def write(bundle: bundles.Bundle, folder: pathlib.Path, only: Sequence[str] = ()) -> pathlib.Path:
    """Write a bundle for `juju deploy`, with absolute paths of the packed charms.

    Args:
        bundle: The bundle.
        folder: Where to.
        only: The applications to deploy, and no relation of any other; all if empty.

    Raises:
        KeyError: The bundle has no such application.
        FileNotFoundError: A charm is not packed.
    """
    apps = {name: bundle.applications[name] for name in only or bundle.applications}
    content = {
        "bundle": "kubernetes",
        "applications": {name: _application(app) for name, app in apps.items()},
        "relations": [
            list(relation.ends)
            for relation in bundle.relations
            if {end.partition(":")[0] for end in relation.ends} <= set(apps)
        ],
    }
    path = folder / "bundle.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def _application(app: bundles.Application) -> dict[str, Any]:
    fields = app.node.plain()
    return {**fields, "charm": str(charm(app))} if app.is_local else fields


def charm(app: bundles.Application) -> pathlib.Path:
    """The packed charm of a local application.

    Raises:
        FileNotFoundError: It is not packed.
    """
    path = (ROOT / app.charm).resolve()
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there: run make pack first")
    return path


def revision(packed: pathlib.Path, target: pathlib.Path, version: str) -> pathlib.Path:
    """Write a further revision of a packed charm: the same but for the version that Juju shows.

    Args:
        packed: The charm.
        target: The file to write.
        version: What stands in the archive's file `version`.

    Returns:
        The target.
    """
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            if entry.filename != "version":
                new.writestr(entry, old.read(entry))
        new.writestr("version", f"{version}\n")
    return target
