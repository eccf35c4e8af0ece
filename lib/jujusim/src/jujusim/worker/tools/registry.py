# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""All tools by name: their options, and from words to an answer; see `jujusim.worker.tools`."""

import json
import pathlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import ops
import yaml

from ...config import BOOLEANS
from ...hook import Job
from ...hook_tools import Backend
from ...ops_internals import Context

# How much of what a hook writes on its standard error is worth a line in the log.
_LINES = 20


class ToolError(Exception):
    """A tool refuses.

    Args:
        text: What it prints, without the leading ``ERROR``.
        code: The exit status; Juju's is 2 where the words are wrong.
    """

    def __init__(self, text: str, code: int = 1):
        super().__init__(text)
        self.text = text
        self.code = code


@dataclass(frozen=True)
class Answer:
    """The output of a tool, and its exit status."""

    code: int = 0
    output: str = ""
    errors: str = ""


def mapping(content: bytes) -> dict[Any, Any]:
    """Return what a file of settings holds, JSON or YAML; in YAML each value is a text.

    Raises:
        ValueError: It holds something else.
        yaml.YAMLError: It is neither.
    """
    text = content.decode()
    try:
        found = json.loads(text)
    except ValueError:
        found = yaml.load(text, yaml.BaseLoader)  # noqa: S506
    if not isinstance(found, dict):
        raise ValueError("expected a mapping")
    return cast("dict[Any, Any]", found)


@dataclass(frozen=True)
class Call:
    """One use of a tool.

    Attributes:
        words: What follows the name and is no option.
        options: Options by name, without hyphens; one without a value is ``true`` or ``false``.
        given: What came on the standard input.
    """

    words: list[str] = field(default_factory=list[str])
    options: dict[str, str] = field(default_factory=dict[str, str])
    given: bytes = b""
    folder: pathlib.Path = pathlib.Path("/")

    def on(self, option: str) -> bool:
        """Tell whether an option without a value is given."""
        return self.options.get(option) == "true"

    def most(self, count: int) -> list[str]:
        """Return the words, if there are at most so many.

        Raises:
            ToolError: There are more.
        """
        if len(self.words) > count:
            raise ToolError(f"unrecognized args: {self.words[count:]}", 2)
        return self.words

    def only(self, what: str) -> str:
        """Return the one word.

        Raises:
            ToolError: There is none, or there are more.
        """
        if not self.words:
            raise ToolError(f"no {what} specified", 2)
        return self.most(1)[0]

    def pairs(self) -> dict[str, str]:
        """Return words of the form ``key=value``.

        Raises:
            ToolError: One has another form.
        """
        found = [word.partition("=") for word in self.words]
        for key, equals, value in found:
            if not (key and equals):
                raise ToolError(f'expected "key=value", got "{key}{equals}{value}"', 2)
        return {key: value for key, _, value in found}

    def content(self, path: str) -> bytes:
        """Return a file's content, or for a hyphen the standard input's.

        Raises:
            ToolError: It cannot be read.
        """
        if path == "-":
            return self.given
        try:
            return (self.folder / path).read_bytes()
        except OSError as error:
            raise ToolError(f"open {path}: {(error.strerror or '').lower()}") from error


@dataclass
class HookToolContext:
    """One hook's tools.

    Attributes:
        context: Where they note what the charm does.
        endpoint: Where Kubernetes is served to the hook, and the token for it; empty without one.
        results: What an action has set so far.
    """

    job: Job
    backend: Backend
    context: Context
    endpoint: tuple[str, str] = ("", "")
    results: dict[str, Any] = field(default_factory=dict[str, Any])

    def warn(self, errors: str) -> None:
        """Log what the hook has written on the standard error, as Juju does."""
        for line in errors.splitlines()[-_LINES:]:
            self.backend.juju_log("WARNING", line)

    @property
    def leader(self) -> bool:
        """Return what ``is-leader`` says."""
        return self.job.state.leader


Run = Callable[[HookToolContext, Call], Any]

REFUSED = [
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
    "storage-add",
]
"""Juju's tools that have no meaning here, or are gone in its newer versions.

On Kubernetes a pod keeps the storage that it started with.
"""

_SHORT = {"r": "relation", "l": "log-level", "a": "all"}


@dataclass(frozen=True)
class Tool:
    """One hook tool.

    Attributes:
        options: By name, whether it takes a value.
        words: How many words it takes at most.
        formats: Whether the answer is printed as ``--format`` says; else it is text.
    """

    run: Run
    options: Mapping[str, bool]
    words: int
    formats: bool
    help: Callable[[HookToolContext], str]


_tools: dict[str, Tool] = {}


def tool(
    name: str,
    *,
    values: Sequence[str] = (),
    switches: Sequence[str] = (),
    words: int = sys.maxsize,
    formats: bool = True,
    help: Callable[[HookToolContext], str] = lambda _: "",  # noqa: A002
) -> Callable[[Run], Run]:
    """Register a tool by its name, with options that take a value and switches that take none."""
    more = {"format": True} if formats else {}
    options = {**dict.fromkeys(values, True), **dict.fromkeys(switches, False), **more}

    def register(run: Run) -> Run:
        _tools[name] = Tool(run, options, words, formats, help)
        return run

    return register


def names() -> list[str]:
    """Return the names of all tools."""
    return [*_tools, *REFUSED]


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
        call.most(known.words)
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
        name = _SHORT.get(name, name)
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
    if value in BOOLEANS:
        return str(BOOLEANS[value]).lower()
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
