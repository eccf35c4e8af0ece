# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`python -m ckf.rbac record`: measure what the bundle's charms need, and write it down."""

import argparse
import pathlib
import sys

from .. import bundle as bundles
from ..bundle import InputError
from . import exercise, lists, reference


def main(arguments: list[str] | None = None) -> int:
    """Run one command line.

    Returns:
        The exit status: 1 where a right has no reason yet, 2 for wrong input.
    """
    parser = argparse.ArgumentParser(prog="python -m ckf.rbac", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    record = verbs.add_parser("record", help="write the lists and the reference")
    record.add_argument("bundle", nargs="?", default="bundle.yaml", type=pathlib.Path)
    record.add_argument("--lists", default=lists.DIRECTORY, type=pathlib.Path)
    record.add_argument("--reference", default=reference.PATH, type=pathlib.Path)
    options = parser.parse_args(arguments)
    try:
        run = exercise.of_bundle(bundles.load(options.bundle))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    missing = lists.write(options.lists, run.rights())
    options.reference.write_text(reference.page(lists.read(options.lists)))
    print(f"Wrote {options.lists} and {options.reference}")
    for line in missing:
        print(f"has no reason yet: {line}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
