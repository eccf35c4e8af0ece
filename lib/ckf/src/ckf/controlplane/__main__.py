# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`python -m ckf.controlplane build`: what `make controlplane` calls."""

import argparse
import functools
import sys

from . import build, release, source
from .source import ControlPlaneError


def main(arguments: list[str] | None = None) -> int:
    """Run one command line.

    Returns:
        The exit status: 1 where what was asked cannot be done, 2 for a bad command line.
    """
    parser = argparse.ArgumentParser(prog="python -m ckf.controlplane", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    for name, summary in (("build", "build a release into the cache"), ("add", "add a release")):
        verb = verbs.add_parser(name, help=summary)
        verb.add_argument("--kubernetes", default=source.requested(), metavar="RELEASE")
    options = parser.parse_args(arguments)
    wanted: str = options.kubernetes
    say = functools.partial(print, flush=True)
    try:
        if options.verb == "build":
            say(f"Kubernetes {wanted} is in {build.build(wanted, say)}")
        else:
            say(f"Wrote {release.add(wanted)}")
    except ControlPlaneError as error:
        say(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
