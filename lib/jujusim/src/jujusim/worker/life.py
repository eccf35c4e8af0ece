"""The life of a hook's process, which the simulator's side may end."""

from __future__ import annotations

import contextlib
import os
import pathlib
import secrets
import signal
import subprocess
import threading


class Life:
    """The life of a hook's process, and of what it has started.

    Attributes:
        context: The hook's id, which is in the environment of all of them.
        turn: Held by whoever answers the process: it may ask from several threads at once.
        error: Why it was ended; None if it was not.
    """

    def __init__(self) -> None:
        self.context = secrets.token_hex(8)
        self.turn = threading.RLock()
        self.error: BaseException | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, process: subprocess.Popen[bytes]) -> None:
        """It lives now; the process leads a group of its own."""
        self._process = process
        if self.error is not None:
            self.kill()

    def end(self, error: BaseException) -> None:
        """Something has happened in the simulator that the hook does not survive.

        Args:
            error: Becomes the hook's error.
        """
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
    """Processes with a variable: a daemon has left the group. Known on Linux only."""
    found: list[int] = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        # Others' processes do not tell, and some end while we ask.
        with contextlib.suppress(OSError):
            if variable in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found
