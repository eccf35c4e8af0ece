# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""All tools by name: their options, and from words to an answer."""

import json
import pathlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import ops
import yaml

from .context import Answer, Call, HookToolContext, ToolError

Run = Callable[[HookToolContext, Call], Any]

REFUSED = (
    "add-metric",
    "juju-reboot",
    "k8s-raw-get",
    "k8s-raw-set",
    "k8s-spec-get",
    "k8s-spec-set",
    "leader-get",
    "leader-set",
    "payload-register",
    "payload-status-set",
    "payload-unregister",
    "pod-spec-get",
    "pod-spec-set",
)
"""Juju's tools that have no meaning here, or are gone in its newer versions."""

_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


@dataclass(frozen=True)
class Tool:
    """One hook tool.

    Attributes:
        run: Does it, and returns what is printed.
        options: By name, whether it takes a value.
        formats: Whether the answer is printed as ``--format`` says; else it is text.
        help: Makes what ``--help`` prints.
    """

    run: Run
    options: Mapping[str, bool]
    formats: bool
    help: Callable[[HookToolContext], str]


_tools: dict[str, Tool] = {}


def tool(
    name: str,
    *,
    values: Sequence[str] = (),
    switches: Sequence[str] = (),
    formats: bool = True,
    help: Callable[[HookToolContext], str] = lambda _: "",  # noqa: A002
) -> Callable[[Run], Run]:
    """Register a tool.

    Args:
        name: Its name.
        values: Options that take a value.
        switches: Options that take none.
        formats: Whether it has ``--format``.
        help: Makes what ``--help`` prints after the usage.
    """
    more = {"format": True} if formats else {}
    options = {**dict.fromkeys(values, True), **dict.fromkeys(switches, False), **more}

    def register(run: Run) -> Run:
        _tools[name] = Tool(run, options, formats, help)
        return run

    return register


class _Names(Sequence[str]):
    """The names of all tools; those that register later are in it."""

    def __len__(self) -> int:
        return len(_tools) + len(REFUSED)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return [*_tools, *REFUSED][index]


NAMES: Sequence[str] = _Names()


def answer(
    hook: HookToolContext, words: Sequence[str], given: bytes, folder: pathlib.Path
) -> Answer:
    """Answer one use of a tool."""
    name, *rest = words
    try:
        known = _tools.get(name)
        if known is None:
            raise ToolError(f"{name} is not simulated" if name in REFUSED else f"no tool {name}")
        if any(word in ("--help", "-h") for word in rest):
            return Answer(output=f"Usage: {name} [options]\n\n{known.help(hook)}")
        call = _parse(known, rest, given, folder)
        return Answer(output=_printed(known, call, known.run(hook, call)))
    except ToolError as error:
        return Answer(error.code, errors=f"ERROR {error.text}\n")
    except ops.SecretNotFoundError as error:
        return Answer(1, errors=f"ERROR {error}\n")
    except ops.ModelError as error:
        # What the model refuses is worded as Juju does.
        return Answer(1, errors=f"ERROR {str(error).removeprefix('ERROR ')}\n")


def _parse(known: Tool, rest: Sequence[str], given: bytes, folder: pathlib.Path) -> Call:
    words: list[str] = []
    options: dict[str, str] = {}
    queue = list(rest)
    while queue:
        word = queue.pop(0)
        if word == "--":
            words += queue
            break
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if name not in known.options:
            raise ToolError(f"option provided but not defined: {word.partition('=')[0]}", 2)
        if not known.options[name]:
            value = _switch(name, value) if equals else "true"
        elif not equals:
            if not queue:
                raise ToolError(f"option needs an argument: {word}", 2)
            value = queue.pop(0)
        options[name] = value
    return Call(words, options, given, folder)


def _switch(name: str, value: str) -> str:
    if value in _TRUE:
        return "true"
    if value in _FALSE:
        return "false"
    raise ToolError(f'invalid value "{value}" for option --{name}: invalid syntax', 2)


def _printed(known: Tool, call: Call, value: Any) -> str:
    if not known.formats:
        return f"{value}\n" if value is not None else ""
    form = call.options.get("format", "smart")
    if form == "json":
        return f"{json.dumps(value)}\n"
    if form == "yaml":
        return yaml.safe_dump(value)
    if form != "smart":
        raise ToolError(f'invalid value "{form}" for option --format: unknown format "{form}"', 2)
    return _smart(value)


def _smart(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(f"{item}\n" for item in value)  # pyright: ignore[reportUnknownVariableType]
    return yaml.safe_dump(value) if isinstance(value, dict) else f"{value}\n"
