"""The command line: its options and their values."""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import pathlib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from ..bundle import InputError
from ..check import command as check
from ..pack import command as pack
from ..pack import release
from ..preview import Request
from ..terraform import command as terraform
from . import preview, replay

_EPILOG = """\
exit status: 0 if every application is active and no hook has failed, 1 if not, 2 if the bundle, an
overlay, a charm or the command line is wrong
"""
_REPLAY_EPILOG = """\
exit status: 0 if the hook has run, 1 if it failed, 2 if the trace or the command line is wrong
"""
_OTHERS_EPILOG = """\
exit status: 0 if all is well, 1 if a check found something, 2 if what was given is wrong
"""
_OTHERS = (
    ("check", "say what Juju would refuse in a bundle", check),
    ("pack", "write build/<name>.charm for some or all charms", pack),
    ("release", "upload packed charms to Charmhub and release them to a channel", release),
    ("terraform", "write what the Terraform module deploys, from a bundle", terraform),
)


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (--help tells more)", file=sys.stderr)
        sys.exit(2)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command; ``run`` of what it returns is what to call."""
    top = _Parser(
        prog="ckf",
        description="Deploy, inspect and replay the Charmed Kubeflow bundle on a laptop.",
        allow_abbrev=False,
    )
    version = importlib.metadata.version("ckf")
    top.add_argument("--version", action="version", version=f"ckf {version}")
    verbs = top.add_subparsers(metavar="VERB", required=True)
    _preview(verbs)
    _replay(verbs)
    for name, summary, command in _OTHERS:
        verb = _verb(verbs, name, summary, _OTHERS_EPILOG)
        command.configure(verb)
        verb.set_defaults(run=command.run)
    return top


def _preview(verbs: Any) -> None:
    verb = _verb(verbs, "preview", "deploy a bundle in the simulator", _EPILOG)
    verb.add_argument(
        "bundle",
        nargs="?",
        metavar="BUNDLE",
        type=pathlib.Path,
        default=Request.bundle,
        help="the bundle (default: ./bundle.yaml)",
    )
    deployment = _deployment(verb)
    deployment.add_argument(
        "--seed",
        type=int,
        default=Request.seed,
        metavar="N",
        help="another order of events (default: 0)",
    )
    report = _report(verb)
    report.add_argument(
        "--out",
        type=pathlib.Path,
        metavar="DIR",
        help="write manifests, Pebble plans, files, databags and the trace to DIR",
    )
    report.add_argument(
        "--rbac",
        action="store_true",
        help="list what charms and workloads may do in Kubernetes",
    )
    _target(verb)
    verb.set_defaults(run=preview.run)


def _target(verb: argparse.ArgumentParser) -> None:
    group = verb.add_argument_group("where it runs")
    group.add_argument(
        "--kube",
        metavar="WHERE",
        help="a real API server: envtest starts one, a kubeconfig names a cluster's",
    )
    group.add_argument(
        "--yes",
        action="store_true",
        help="with --kube KUBECONFIG, allow objects outside the model's namespace",
    )
    group.add_argument(
        "--keep",
        action="store_true",
        help="with --kube KUBECONFIG, leave in the cluster what was made",
    )
    group.add_argument(
        "--serve",
        action="store_true",
        help="keep the cluster up for kubectl, on loopback, until interrupted",
    )


def _replay(verbs: Any) -> None:
    verb = _verb(verbs, "replay", "stop a deployment after one of its hooks", _REPLAY_EPILOG)
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "trace",
        nargs="?",
        metavar="TRACE",
        type=pathlib.Path,
        help="the events.jsonl that preview --out has written",
    )
    what.add_argument("--seed", type=int, metavar="N", help="the seed of the run")
    verb.add_argument(
        "--until", type=_hook, required=True, metavar="K", help="the hook to stop after, from 1"
    )
    _deployment(verb).add_argument(
        "--bundle",
        type=pathlib.Path,
        metavar="BUNDLE",
        help="the bundle (default: the trace's, or ./bundle.yaml)",
    )
    _report(verb)
    verb.set_defaults(run=replay.run)


def _verb(verbs: Any, name: str, summary: str, epilog: str) -> argparse.ArgumentParser:
    return verbs.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _deployment(verb: argparse.ArgumentParser) -> Any:
    group = verb.add_argument_group("what is deployed")
    group.add_argument(
        "--overlay",
        action="append",
        default=[],
        type=pathlib.Path,
        metavar="F",
        help="merge an overlay into the bundle, as juju deploy does; may be repeated",
    )
    group.add_argument(
        "--config",
        action="append",
        default=[],
        type=_option,
        metavar="APP.KEY=VALUE",
        help="set an option; may be repeated",
    )
    group.add_argument(
        "--scale",
        action="append",
        default=[],
        type=_units,
        metavar="APP=N",
        help="deploy another number of units; may be repeated",
    )
    group.add_argument(
        "--charm",
        action="append",
        default=[],
        type=_path,
        metavar="APP=PATH",
        help="put another charm, a directory or a packed one, in an application's place; may be "
        "repeated",
    )
    group.add_argument(
        "--python",
        action="append",
        default=[],
        type=_path,
        metavar="APP=INTERPRETER",
        help="run the hooks of an application's charm with an interpreter of its own; may be "
        "repeated",
    )
    group.add_argument(
        "--files",
        action="append",
        default=[],
        type=_path,
        metavar="APP/CONTAINER=DIR",
        help="the files of a container's image, which are there when it starts; may be repeated",
    )
    group.add_argument(
        "--refresh",
        action="append",
        default=[],
        type=_path,
        metavar="APP=PATH",
        help="when all has settled, refresh an application to another charm, as juju refresh "
        "--path does; may be repeated, and goes in this order",
    )
    group.add_argument(
        "--hook-timeout",
        type=_seconds,
        metavar="SECONDS",
        help="how long a hook may take in a process of its own (default: "
        f"{Request.hook_timeout:g})",
    )
    group.add_argument(
        "--model", metavar="NAME", help=f"the model's name (default: {Request.model})"
    )
    group.add_argument(
        "--juju",
        metavar="VERSION",
        help="the controller's version, which decides what it refuses and gets wrong, such as "
        f"4.0.13 (default: {Request.juju})",
    )
    group.add_argument(
        "--faults",
        type=int,
        choices=range(4),
        metavar="LEVEL",
        help="let things go wrong, from 0 for nothing to 3 (default: 0)",
    )
    return group


def _report(verb: argparse.ArgumentParser) -> Any:
    group = verb.add_argument_group("what is shown")
    group.add_argument("--relations", action="store_true", help="list the relations too")
    group.add_argument(
        "--format",
        choices=("table", "json", "yaml"),
        default="table",
        help="a table, or the shape of juju status --format=json (default: table)",
    )
    group.add_argument("--show-secrets", action="store_true", help="do not mask secrets")
    return group


def _option(text: str) -> tuple[str, str, str]:
    name, equals, value = text.partition("=")
    app, dot, key = name.partition(".")
    if not (app and dot and key and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form APP.KEY=VALUE")
    return app, key, value


def _units(text: str) -> tuple[str, int]:
    app, equals, count = text.partition("=")
    if not (app and equals and count.lstrip("-").isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form APP=N")
    if int(count) < 0:
        raise argparse.ArgumentTypeError(f"{text!r}: an application cannot have {count} units")
    return app, int(count)


def _path(text: str) -> tuple[str, pathlib.Path]:
    app, equals, path = text.partition("=")
    if not (app and equals and path):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form APP=PATH")
    return app, pathlib.Path(path)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _hook(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no hook's number: they count from 1")
    return int(text)


def config(pairs: Sequence[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    """Options by application.

    Raises:
        InputError: One is given twice.
    """
    chosen: dict[str, dict[str, str]] = {}
    for app, key, value in pairs:
        if key in chosen.setdefault(app, {}):
            raise InputError(f"--config {app}.{key} is given twice")
        chosen[app][key] = value
    return chosen


def scale(pairs: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Units by application.

    Raises:
        InputError: One is given twice.
    """
    chosen: dict[str, int] = {}
    for app, count in pairs:
        if app in chosen:
            raise InputError(f"--scale {app} is given twice")
        chosen[app] = count
    return chosen


def paths(option: str, pairs: Sequence[tuple[str, pathlib.Path]]) -> dict[str, pathlib.Path]:
    """Paths by application.

    Args:
        option: The option that gives them.
        pairs: What was given.

    Raises:
        InputError: One is given twice.
    """
    chosen: dict[str, pathlib.Path] = {}
    for app, path in pairs:
        if app in chosen:
            raise InputError(f"{option} {app} is given twice")
        chosen[app] = path
    return chosen
