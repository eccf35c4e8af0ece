# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Writing to the terminal, to a file or to a pipe that somebody may close."""

import io
import json
import os
import pathlib
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from rich.console import Console
from rich.text import Text

from ..bundle import InputError

# Where there is no terminal, nothing is wrapped: what reads it works by lines.
_UNLIMITED = 10_000


def width() -> int:
    """Return how many characters fit into a line of standard output."""
    console = Console()
    return console.width if console.is_terminal else _UNLIMITED


def show(lines: Iterable[Text]) -> None:
    """Write lines to standard output, in colour where it is a terminal."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=Console().is_terminal, highlight=False)
    for line in lines:
        console.print(line, soft_wrap=True)
    _write(text.getvalue())


def show_data(content: Mapping[str, Any], form: str) -> None:
    """Write data to standard output, in the form ``json`` or ``yaml``."""
    if form == "json":
        _write(f"{json.dumps(content, indent=2)}\n")
    else:
        _write(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def save(path: pathlib.Path, content: str | bytes) -> None:
    """Write a file, in a folder that is made where there is none.

    Raises:
        InputError: It cannot be written.
    """
    data = content if isinstance(content, bytes) else content.encode(errors="replace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error


def generate(files: Iterable[tuple[pathlib.Path, str]], command: str, *, check: bool) -> int:
    """Write the files of a command that are not current, or only name them.

    Returns:
        The exit status: 1 if they were to be checked and one is not current, else 0.
    """
    old = [(path, text) for path, text in files if not path.is_file() or path.read_text() != text]
    for path, text in old:
        if check:
            print(f"{path} is not current: run ckf {command}")
        else:
            save(path, text)
            print(f"wrote {path}")
    return 1 if check and old else 0


def tell(lines: Iterable[Text]) -> None:
    """Write lines to standard error."""
    console = Console(stderr=True, highlight=False)
    for line in lines:
        console.print(line, soft_wrap=True)


def _write(text: str) -> None:
    """Write a text; that its reader has gone is no error, that there is no room is one."""
    try:
        # A closed standard output is None.
        print(text, end="", flush=True)
    except BrokenPipeError:
        discard()
    except OSError as error:
        discard()
        raise InputError(f"cannot write the output: {error.strerror}") from error


def discard() -> None:
    """Send the rest of the buffer nowhere, so that the interpreter ends without an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
