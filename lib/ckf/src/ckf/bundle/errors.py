# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Errors in something that a person has given."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .nodes import Place


class InputError(Exception):
    """Something that was given is wrong; the text is one sentence for a person."""


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
