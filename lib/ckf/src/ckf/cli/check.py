"""`ckf check`: whether Juju would take a bundle. `ckf preview` makes the same check first."""

import argparse

from .. import bundle as bundles
from . import arguments


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the verb's arguments."""
    arguments.bundle(parser)
    arguments.overlay(parser)


def run(options: argparse.Namespace) -> int:
    """Print everything that Juju would refuse, each with its file and line.

    Returns:
        The exit status: 1 if there is anything, else 0.

    Raises:
        InputError: A file cannot be read.
    """
    try:
        problems, count = _problems(options)
    except bundles.BundleError as error:
        problems, count = list(error.problems), 0
    for problem in problems:
        print(problem)
    if problems:
        return 1
    print(f"{options.bundle}: {count} applications, nothing that Juju would refuse")
    return 0


def _problems(options: argparse.Namespace) -> tuple[list[bundles.Problem], int]:
    bundle = bundles.load(options.bundle, options.overlay)
    return bundles.check(bundle, bundles.load_charms(bundle)), len(bundle.applications)
