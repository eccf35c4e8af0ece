# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`python -m ckf.workloads [MODULE...]`: what `make workloads` calls."""

import argparse
import functools
import sys

from ckf.controlplane import ControlPlaneError

from . import build, modules

say = functools.partial(print, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Build the modules that are named, or all.

    Returns:
        The exit status: 1 where something cannot be built, 2 for a bad command line.
    """
    parser = argparse.ArgumentParser(prog="python -m ckf.workloads", description=__doc__)
    known = modules.load()
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(known))
    named = parser.parse_args(arguments).modules
    unknown = set(named) - set(known)
    if unknown:
        parser.error(f"no such module: {', '.join(sorted(unknown))}")
    try:
        for module in named or known:
            built = build.build(known[module], build.find_tool(known[module]), say)
            say(f"{module} is in {built}")
    except ControlPlaneError as error:
        say(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
