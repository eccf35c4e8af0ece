# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`python -m ckf.controlplane build`: what `make controlplane` calls."""

import argparse
import functools
import sys

from . import build, release, source
from .source import ControlPlaneError

say = functools.partial(print, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run one command line.

    Returns:
        The exit status: 1 where what was asked cannot be done, 2 for a bad command line.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options.kubernetes)
    except ControlPlaneError as error:
        say(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ckf.controlplane", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for run, summary in ((_build, "build a release into the cache"), (_add, "add a release")):
        verb = verbs.add_parser(run.__name__.lstrip("_"), help=summary)
        verb.add_argument("--kubernetes", default=source.requested(), metavar="RELEASE")
        verb.set_defaults(run=run)
    return parser


def _build(wanted: str) -> None:
    say(f"Kubernetes {wanted} is in {build.build(wanted, say)}")


def _add(wanted: str) -> None:
    say(f"Wrote {release.add(wanted)}")


if __name__ == "__main__":
    sys.exit(main())
