# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf check`: whether Juju would take a bundle. `ckf preview` makes the same check first."""

import argparse
import dataclasses

from .. import bundle as bundles
from ..report import layout
from . import arguments


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the verb's arguments."""
    arguments.bundle(parser)
    arguments.overlay(parser)


def run(options: argparse.Namespace) -> int:
    """Print all that Juju would refuse, with file and line; return 1 if there is anything."""
    unknown: list[str] = []
    try:
        bundle = bundles.load(options.bundle, options.overlay)
        known, unknown = _split(bundle)
        problems, count = (
            bundles.check(known, bundles.load_charms(known)),
            len(bundle.applications),
        )
    except bundles.BundleError as error:
        problems, count = list(error.problems), 0
    for problem in problems:
        print(problem)
    for name in unknown:
        print(f'application "{name}" is not checked: nothing here knows its charm of Charmhub')
    if problems:
        return 1
    files = " with ".join(map(str, (options.bundle, *options.overlay)))
    apps = layout.counted(count, "application")
    print(f"{files}: {apps}, nothing that Juju would refuse")
    return 0


def _split(bundle: bundles.Bundle) -> tuple[bundles.Bundle, list[str]]:
    """Return what of a bundle can be checked, and the names of the other applications."""
    apps = {name: app for name, app in bundle.applications.items() if bundles.is_known(app)}
    unknown = [name for name in bundle.applications if name not in apps]
    relations = tuple(
        relation
        for relation in bundle.relations
        if not any(end.partition(":")[0] in unknown for end in relation.ends)
    )
    return dataclasses.replace(bundle, applications=apps, relations=relations), unknown
