# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf terraform`: write the inventory of the Terraform module, or check that it is current."""

import argparse
import pathlib

from .. import bundle as bundles
from ..bundle import InputError
from ..terraform import inventory
from . import arguments

NAME = "inventory.tf.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    arguments.bundle(parser)
    parser.add_argument(
        "--out", type=pathlib.Path, metavar="DIR", help="default: terraform next to the bundle"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if it would change"
    )


def run(options: argparse.Namespace) -> int:
    """Write the inventory, or compare it.

    Returns:
        The exit status: 1 if it was to be checked and is not current, else 0.

    Raises:
        InputError: The bundle is wrong, or the folder cannot be written to.
    """
    path: pathlib.Path = (options.out or options.bundle.parent / "terraform") / NAME
    text = _text(options.bundle)
    if options.check:
        current = path.is_file() and path.read_text() == text
        print(f"{path} is current" if current else f"{path} is not current: run ckf terraform")
        return 0 if current else 1
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    print(f"wrote {path}")
    return 0


def _text(path: pathlib.Path) -> str:
    bundle = bundles.load(path)
    charms = bundles.load_charms(bundle)
    problems = bundles.check(bundle, charms)
    if problems:
        raise bundles.BundleError(problems)
    return inventory.render(bundle, charms)
