# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Options that several verbs have, and what is made of their values."""

import argparse
import math
import pathlib
from collections.abc import Iterable
from typing import Any, TypeVar

from ..bundle import InputError
from ..preview import Request

Value = TypeVar("Value")
_MANY: dict[str, Any] = {"action": "append", "default": []}


def bundle(verb: Any) -> None:
    """Add the argument that names a bundle."""
    verb.add_argument(
        "bundle", nargs="?", metavar="BUNDLE", type=_bundle_path, default=Request.bundle,
        help="the bundle (default: ./bundle.yaml)",
    )  # fmt: skip


def overlay(verb: Any) -> None:
    """Add the option that names overlays."""
    verb.add_argument(
        "--overlay", **_MANY, type=pathlib.Path, metavar="F",
        help="merge an overlay into the bundle, as juju deploy does; may be repeated",
    )  # fmt: skip


def deployment(verb: argparse.ArgumentParser) -> Any:
    """Add the options that say what is deployed, and return their group."""
    group = verb.add_argument_group("what is deployed")
    overlay(group)
    place = "put another charm, a directory or a packed one, in an application's place"
    python = "run the hooks of an application's charm with an interpreter of its own"
    files = "the files of a container's image, which are there when it starts"
    refresh = (
        "when all has settled, refresh an application to another charm, as juju refresh --path"
    )
    for flag, read, metavar, words in (
        ("--config", _option, "APP.KEY=VALUE", "set an option, with @FILE to what is in a file"),
        ("--scale", _units, "APP=N", "deploy another number of units"),
        ("--charm", _path, "APP=PATH", place),
        ("--python", _path, "APP=INTERPRETER", python),
        ("--files", _path, "APP/CONTAINER=DIR", files),
        ("--refresh", _path, "APP=PATH", f"{refresh} does"),
    ):
        more = ", and goes in this order" if flag == "--refresh" else ""
        words += f"; may be repeated{more}"
        group.add_argument(flag, **_MANY, type=read, metavar=metavar, help=words)
    limit = f"how long a hook may take in a process of its own (default: {Request.hook_timeout:g})"
    group.add_argument("--hook-timeout", type=_seconds, metavar="SECONDS", help=limit)
    name = f"the model's name (default: {Request.model})"
    group.add_argument("--model", metavar="NAME", help=name)
    group.add_argument(
        "--juju", metavar="VERSION",
        help="the controller's version, which decides what it refuses and gets wrong, such as "
        f"4.0.13 (default: {Request.juju})",
    )  # fmt: skip
    group.add_argument(
        "--caas-image-repo", metavar="REPO",
        help="where Juju's own images are, as the controller's option of this name says",
    )  # fmt: skip
    wrong = "let things go wrong, from 0 for nothing to 3 (default: 0)"
    group.add_argument("--faults", type=int, choices=range(4), metavar="LEVEL", help=wrong)
    return group


def report(verb: argparse.ArgumentParser) -> Any:
    """Add the options that say what is shown, and return their group."""
    group = verb.add_argument_group("what is shown")
    group.add_argument("--relations", action="store_true", help="list the relations too")
    group.add_argument(
        "--format", choices=("table", "json", "yaml"), default="table",
        help="a table, or the shape of juju status --format=json (default: table)",
    )  # fmt: skip
    group.add_argument("--show-secrets", action="store_true", help="do not mask secrets")
    return group


def config(options: argparse.Namespace) -> dict[str, dict[str, str]]:
    """Return the options of charms that are given, by application.

    Raises:
        InputError: One is given twice.
    """
    chosen: dict[str, dict[str, str]] = {}
    pairs = [(f"{app}.{key}", (app, key, value)) for app, key, value in options.config]
    for app, key, value in _once("--config", pairs).values():
        chosen.setdefault(app, {})[key] = value
    return chosen


def request(options: argparse.Namespace, bundle: pathlib.Path, seed: int) -> Request:
    """Return what a command line asks for.

    Raises:
        InputError: An option is given twice.
    """
    return Request(
        bundle=bundle,
        overlays=tuple(options.overlay),
        config=config(options),
        scale=_once("--scale", options.scale),
        model=Request.model if options.model is None else options.model,
        seed=seed,
        faults=options.faults or 0,
        juju=options.juju or Request.juju,
        image_repo=(options.caas_image_repo or Request.image_repo).rstrip("/"),
        charms=_once("--charm", options.charm),
        pythons=_once("--python", options.python),
        refreshes=tuple(options.refresh),
        files=_once("--files", options.files),
        hook_timeout=options.hook_timeout or Request.hook_timeout,
    )


def hook_number(text: str) -> int:
    """Return a hook's number from the command line."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no hook's number: they count from 1")
    return int(text)


def _bundle_path(text: str) -> pathlib.Path:
    if not text:
        raise argparse.ArgumentTypeError("an empty word is no bundle")
    return pathlib.Path(text)


def _once(option: str, pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    chosen: dict[str, Value] = {}
    for name, value in pairs:
        if name in chosen:
            raise InputError(f"{option} {name} is given twice")
        chosen[name] = value
    return chosen


def _option(text: str) -> tuple[str, str, str]:
    name, equals, value = text.partition("=")
    app, dot, key = name.partition(".")
    if not (app and dot and key and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form APP.KEY=VALUE")
    return app, key, _from_file(value) if value.startswith("@") else value


def _from_file(text: str) -> str:
    """Return what is in a file, as ``juju config KEY=@FILE`` takes it."""
    try:
        return pathlib.Path(text[1:]).read_text()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise argparse.ArgumentTypeError(f"cannot read {text[1:]}: {reason}") from error


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
