"""`ckf check`: whether Juju would take a bundle. `ckf preview` makes the same check first."""

from __future__ import annotations

import argparse
import pathlib

from .. import bundle as bundles


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    parser.add_argument(
        "bundle",
        nargs="?",
        metavar="BUNDLE",
        type=pathlib.Path,
        default=pathlib.Path("bundle.yaml"),
        help="the bundle (default: ./bundle.yaml)",
    )
    parser.add_argument(
        "--overlay",
        action="append",
        default=[],
        type=pathlib.Path,
        metavar="F",
        help="merge an overlay into the bundle, as juju deploy does; may be repeated",
    )


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
