# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""From a command line to an exit status."""

import argparse
import errno
import importlib
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

from . import wording

WRONG_INPUT = 2
INTERRUPTED = 130
TERMINATED = 143
UNREAD = 141

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
    ("preview", "deploy a bundle in the simulator", "ckf.cli.preview", _PREVIEW_EPILOG),
    ("replay", "stop a deployment after one of its hooks", "ckf.cli.replay", _REPLAY_EPILOG),
    ("diff", "compare two deployments", "ckf.cli.diff", _DIFF_EPILOG),
    ("images", "list every image that a deployment can pull", "ckf.cli.images", _USUAL),
    ("check", "say what Juju would refuse in a bundle", "ckf.cli.check", _USUAL),
    ("pack", "write build/<name>.charm for some or all charms", "ckf.pack.command", _USUAL),
    (
        "release",
        "upload packed charms to Charmhub and release them to a channel",
        "ckf.pack.release",
        _USUAL,
    ),
    (
        "terraform",
        "write what the Terraform module deploys, from a bundle",
        "ckf.cli.terraform",
        _USUAL,
    ),
    ("cos", "write what the observability stack gets of a bundle", "ckf.cli.cos", _USUAL),
)


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {wording.plain(message)} (--help tells more)", file=sys.stderr)
        sys.exit(2)


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        import importlib.metadata

        print(f"ckf {importlib.metadata.version('ckf')}")
        parser.exit()


def parser(argv: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command; ``run`` of what it returns is what to call.

    Args:
        argv: A command line: only the verb in it is imported. All are by default.
    """
    top = _Parser(
        prog="ckf",
        description="Deploy, inspect and replay the Charmed Kubeflow bundle on a laptop.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    verbs = top.add_subparsers(metavar="VERB", required=True)
    for name, summary, module, epilog in _VERBS:
        verb = verbs.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if argv is None or name in argv:
            command = importlib.import_module(module)
            command.configure(verb)
            verb.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The command line after the command's name; that of the process by default.

    Returns:
        The exit status: 0 if all is well, 1 if not, 2 for wrong input, 130 when interrupted, 143
        when terminated, 141 when nobody reads what it has yet to say.
    """
    words = sys.argv[1:] if argv is None else argv
    if argv is None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
    try:
        return _flushed(words)
    except _Terminated:
        print("ckf: terminated", file=sys.stderr)
        return TERMINATED
    except KeyboardInterrupt:
        print("ckf: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _discard()
        return UNREAD
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _discard()
        where = error.filename or "the output"
        print(f"ckf: cannot write {where}: {error.strerror}", file=sys.stderr)
        return WRONG_INPUT


class _Terminated(KeyboardInterrupt):
    """The process was asked to end, and ends as after Ctrl-C: temporary folders are removed."""


def _end(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise _Terminated


def _flushed(words: Sequence[str]) -> int:
    """Run a command line, and write what it has printed while an error can still be told."""
    try:
        return _run(parser(words).parse_args(words))
    finally:
        try:
            if sys.stdout:
                sys.stdout.flush()
        except BrokenPipeError:
            _discard()


def _discard() -> None:
    # --version and --help do without all that this imports.
    from . import output

    output.discard()


def _run(options: argparse.Namespace) -> int:
    from ..bundle import InputError

    try:
        return options.run(options)
    except InputError as error:
        print(f"ckf: {error}", file=sys.stderr)
        return WRONG_INPUT
