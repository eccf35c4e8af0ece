# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The process of a hook, which the simulator's side may abort."""

import contextlib
import os
import pathlib
import secrets
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import HookError
from .output import Stream

_LAUNCHER = pathlib.Path(__file__).with_name("launcher.py")


@dataclass(frozen=True)
class Ended:
    """The end of a process.

    Attributes:
        code: Its exit status; None if it took too long.
        output: The end of its standard output.
        errors: The end of its standard error.
    """

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
