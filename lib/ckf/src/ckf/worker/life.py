"""The life of a hook's process, which the simulator's side may end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading


class Life:
    """The life of a hook's process.

    Attributes:
        turn: Held by whoever answers the process: it may ask from several threads at once.
        error: Why it was ended; None if it was not.
    """

    def __init__(self) -> None:
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
