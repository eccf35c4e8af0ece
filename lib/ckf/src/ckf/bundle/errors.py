# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Errors in something that a person has given."""

import difflib
import pathlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class InputError(Exception):
    """Something that was given is wrong; the text is one sentence for a person."""


@dataclass(frozen=True)
class Place:
    """A place in a file, or on the command line.

    Attributes:
        name: The file's name as it was given, or the command line's option.
        line: The line, from 1; 0 for a place that has none.
        folder: What relative paths that stand there are relative to.
    """

    name: str
    line: int = 0
    folder: pathlib.Path = pathlib.Path()

    def __str__(self) -> str:
        return f"{self.name}:{self.line}" if self.line else self.name


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        message: What is wrong, as a sentence without a full stop.
    """

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class BundleError(InputError):
    """A bundle or an overlay is wrong.

    Args:
        problems: Everything that was found, at least one; the text is the first.
    """

    def __init__(self, problems: Sequence[Problem]):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = tuple(problems)


def hint(name: str, known: Iterable[str]) -> str:
    """Return a question about the name that was probably meant, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""
