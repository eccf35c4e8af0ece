"""`python -m ckf.workloads [MODULE...]`: what `make workloads` calls."""

import argparse
import functools
import shutil
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
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(modules.MODULES))
    named = parser.parse_args(arguments).modules
    unknown = set(named) - set(modules.MODULES)
    if unknown:
        parser.error(f"no such module: {', '.join(sorted(unknown))}")
    go = shutil.which("go")
    if go is None:
        say(build.NO_GO, file=sys.stderr)
        return 1
    try:
        for module in named or modules.MODULES:
            say(f"{module} is in {build.build(module, go, say)}")
    except ControlPlaneError as error:
        say(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
