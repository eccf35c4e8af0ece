# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`python -m ckf.rbac record`: measure what the bundle's charms need, and write it down."""

import argparse
import functools
import pathlib
import sys

from .. import bundle as bundles
from ..bundle import InputError
from . import exercise, lists, reference

say = functools.partial(print, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run one command line.

    Returns:
        The exit status: 1 where a right has no reason yet, 2 for wrong input.
    """
    options = _parser().parse_args(arguments)
    try:
        return _record(options.bundle, options.lists, options.reference)
    except InputError as error:
        say(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ckf.rbac", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    record = verbs.add_parser("record", help="write the lists and the reference")
    record.add_argument("bundle", nargs="?", default="bundle.yaml", type=pathlib.Path)
    record.add_argument("--lists", default=lists.DIRECTORY, type=pathlib.Path)
    record.add_argument("--reference", default=reference.PATH, type=pathlib.Path)
    return parser


def _record(bundle: pathlib.Path, directory: pathlib.Path, page: pathlib.Path) -> int:
    run = exercise.of_bundle(bundles.load(bundle, ()))
    missing = lists.write(directory, run.rights())
    page.write_text(reference.page(lists.read(directory)))
    say(f"Wrote {directory} and {page}")
    for line in missing:
        say(f"has no reason yet: {line}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
