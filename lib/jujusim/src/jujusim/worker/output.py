# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The streams of a hook's process, and the error that they explain."""

import os
import threading
from collections.abc import Iterable, Sequence
from typing import IO

from ..errors import HookError

# The end of a stream that is kept, in bytes: a process may write without end.
_KEPT = 64 * 1024
# Of a line that stands in a table, in characters.
_LONGEST = 300
# Of the end of the log.
_LINES = 20
_TRACEBACK = "Traceback (most recent call last):"


class Stream:
    """The end of what a process writes on one of its streams.

    Args:
        pipe: The pipe's end to read from. A daemon that the charm has left behind may hold the
            other one open, so nobody waits for the end.
    """

    def __init__(self, pipe: IO[bytes]):
        self._pipe = pipe
        self._content = b""
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return what has been kept."""
        self._thread.join(1)
        return self._content.decode(errors="replace")

    def _drain(self) -> None:
        with self._pipe:
            while part := os.read(self._pipe.fileno(), 8192):
                self._content = (self._content + part)[-_KEPT:]


def failure(reason: str, log: Sequence[tuple[str, str]], *streams: str) -> HookError:
    """Return what went wrong in a process.

    Args:
        reason: How it ended.
        log: What the charm has logged, as level and message; ops logs the exception.
        streams: What it has written.
    """
    errors = [text for level, text in log if level == "ERROR"][-1:]
    tracebacks = [text for text in (*errors, *streams) if _TRACEBACK in text]
    # Where there is none, what was logged last tells best what the process was about.
    logged = "\n".join(f"{level} {text}" for level, text in log[-_LINES:])
    others = [logged, *(text for text in streams if text not in tracebacks)]
    said = [text.rstrip() for text in (*tracebacks, *others) if text.strip()]
    last = _last_line(said)
    summary = f"{reason}: {last}" if last else reason
    return HookError(summary, "\n".join([*said, reason]) + "\n")


def _last_line(said: Iterable[str]) -> str:
    """The last line of the first text that has any: of a traceback it is the exception's."""
    for text in said:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines:
            return lines[-1][:_LONGEST]
    return ""
