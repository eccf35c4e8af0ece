# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""One program of the control plane as a process of ours."""

import collections
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import launch


class Process:
    """A running program that writes its output to a log file.

    Args:
        program: The executable; its file name is the process's name.
        log: The file that takes what it prints.
    """

    def __init__(self, program: Path, arguments: list[str], log: Path) -> None:
        self.name = program.name
        self._log = log
        with log.open("wb") as output:
            # A session of its own: Ctrl-C reaches the process that started it, and that ends it.
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-S",
                    launch.__file__,
                    str(os.getpid()),
                    program,
                    *arguments,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's id, which is also its process group's."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Tell whether the program has ended, by itself or by `kill`."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """End the program and wait until it has: what it stored is thrown away, so no grace."""
        if not self.ended:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def tail(self, lines: int) -> str:
        """Return the last `lines` lines of the log."""
        with self._log.open(errors="replace") as content:
            return "".join(collections.deque(content, maxlen=lines))
