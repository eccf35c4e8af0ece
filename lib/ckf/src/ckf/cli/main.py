"""From a command line to an exit status."""

import argparse
import importlib.metadata
import sys
from collections.abc import Sequence
from typing import NoReturn

from ..bundle import InputError
from ..pack import command as pack
from ..pack import release
from . import check, cos, diff, images, preview, replay, terraform

WRONG_INPUT = 2
INTERRUPTED = 130

_PREVIEW_EPILOG = """\
exit status: 0 if every application is active and no hook has failed, 1 if not, 2 if the bundle, an
overlay, a charm or the command line is wrong
"""
_REPLAY_EPILOG = """\
exit status: 0 if the hook has run, 1 if it failed, 2 if the trace or the command line is wrong
"""
_USUAL = """\
exit status: 0 if all is well, 1 if a check found something, 2 if what was given is wrong
"""
_DIFF_EPILOG = """\
exit status: 0 if nothing differs, 1 if something does, 2 if what was given is wrong
"""
_VERBS = (
    ("preview", "deploy a bundle in the simulator", preview, _PREVIEW_EPILOG),
    ("replay", "stop a deployment after one of its hooks", replay, _REPLAY_EPILOG),
    ("diff", "compare two deployments", diff, _DIFF_EPILOG),
    ("images", "list every image that a deployment can pull", images, _USUAL),
    ("check", "say what Juju would refuse in a bundle", check, _USUAL),
    ("pack", "write build/<name>.charm for some or all charms", pack, _USUAL),
    (
        "release",
        "upload packed charms to Charmhub and release them to a channel",
        release,
        _USUAL,
    ),
    ("terraform", "write what the Terraform module deploys, from a bundle", terraform, _USUAL),
    ("cos", "write what the observability stack gets of a bundle", cos, _USUAL),
)


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (--help tells more)", file=sys.stderr)
        sys.exit(2)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command; ``run`` of what it returns is what to call."""
    top = _Parser(
        prog="ckf",
        description="Deploy, inspect and replay the Charmed Kubeflow bundle on a laptop.",
        allow_abbrev=False,
    )
    version = importlib.metadata.version("ckf")
    top.add_argument("--version", action="version", version=f"ckf {version}")
    verbs = top.add_subparsers(metavar="VERB", required=True)
    for name, summary, command, epilog in _VERBS:
        verb = verbs.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.configure(verb)
        verb.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The command line after the command's name; that of the process by default.

    Returns:
        The exit status: 0 if all is well, 1 if not, 2 for wrong input, 130 when interrupted.
    """
    options = parser().parse_args(argv)
    try:
        return options.run(options)
    except InputError as error:
        print(f"ckf: {error}", file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("ckf: interrupted", file=sys.stderr)
        return INTERRUPTED
