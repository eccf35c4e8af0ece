# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The context in which the hook tools of one hook are answered."""

import json
import pathlib
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from ...hook_tools import Backend
from ...job import Job
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
        folder: The caller's working directory.
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
        job: The hook, with the state that the tools read and write.
        backend: What ops.testing and the model answer.
        context: Where they note what the charm does.
        endpoint: Where Kubernetes is served to the hook, and the token for it; empty without one.
        results: What an action has set so far.
    """

    job: Job
    backend: Backend
    context: Context
    endpoint: tuple[str, str] = ("", "")
    results: dict[str, Any] = field(default_factory=dict[str, Any])

    def log(self) -> list[tuple[str, str]]:
        """Return what the charm has logged, as level and message."""
        return [(line.level, line.message) for line in self.context.juju_log]

    def warn(self, errors: str) -> None:
        """Log what the hook has written on the standard error, as Juju does."""
        for line in errors.splitlines()[-_LINES:]:
            self.backend.juju_log("WARNING", line)

    @property
    def leader(self) -> bool:
        """Return what ``is-leader`` says."""
        return self.job.state.leader
