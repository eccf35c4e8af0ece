# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf terraform`: write the inventory of the Terraform module, or check that it is current."""

import argparse
import pathlib

from .. import bundle as bundles
from ..terraform import inventory
from . import arguments, output

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
    """Write the inventory; or return 1 if it is to be checked and not current."""
    path: pathlib.Path = (options.out or options.bundle.parent / "terraform") / NAME
    text = inventory.render(*bundles.load_checked(options.bundle))
    status = output.generate([(path, text)], "terraform", check=options.check)
    if options.check and not status:
        print(f"{path} is current")
    return status
