# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The process of a hook, which the simulator's side may abort, and the error that it explains."""

import contextlib
import os
import pathlib
import secrets
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from ..errors import HookError

_LAUNCHER = pathlib.Path(__file__).with_name("launcher.py")


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


@dataclass(frozen=True)
class Ended:
    """The end of a process and of its streams; without a code it took too long."""

    code: int | None
    output: str
    errors: str

    def reason(self, limit: float) -> str:
        """Return why it has failed; empty if it has not."""
        if self.code is None:
            return f"killed after {limit:g} seconds"
        if self.code < 0:
            return f"died of {signal.Signals(-self.code).name}"
        return f"exit status {self.code}" if self.code else ""


class HookProcess:
    """The process of a hook, and what it has started.

    Attributes:
        context: The hook's id, which is in the environment of all of them.
        turn: Held while a request of the process is answered: it may ask from several threads.
        error: Why it was aborted; None if it was not.
    """

    def __init__(self) -> None:
        self.context = secrets.token_hex(8)
        self.turn = threading.RLock()
        self.error: BaseException | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def run(
        self, python: pathlib.Path, charm: pathlib.Path, env: Mapping[str, str], limit: float
    ) -> Ended:
        """Run the charm in a directory to its end, or until its seconds are over.

        Raises:
            HookError: The interpreter cannot be run.
        """
        try:
            process = self._process = subprocess.Popen(
                [str(python), str(_LAUNCHER), "src/charm.py"],
                cwd=charm,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise HookError(f"{python} cannot be run: {error.strerror}") from error
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        streams = Stream(process.stdout), Stream(process.stderr)
        code: int | None = None
        try:
            if self.error is None:
                code = process.wait(limit)
        except subprocess.TimeoutExpired:
            """It has had its time."""
        finally:
            # What it has started goes with it, also if the simulator itself is interrupted.
            self.kill()
            process.wait()
        return Ended(code, *(stream.text() for stream in streams))

    def abort(self, error: BaseException) -> None:
        """Kill the process for something that has happened in the simulator: the hook's error."""
        self.error = self.error or error
        self.kill()

    def kill(self) -> None:
        """Kill the process and what it has started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            for pid in _having(f"JUJU_CONTEXT_ID={self.context}".encode()):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


def _having(variable: bytes) -> list[int]:
    """Return the processes with a variable: a daemon has left the group. Known on Linux only."""
    found: list[int] = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        # Others' processes do not tell, and some end while we ask.
        with contextlib.suppress(OSError):
            if variable in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found


def failure(reason: str, log: Sequence[tuple[str, str]], *streams: str) -> HookError:
    """Return what went wrong in a process that ended for a reason.

    The log has levels and messages, with the exception, if ops logs it.
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
