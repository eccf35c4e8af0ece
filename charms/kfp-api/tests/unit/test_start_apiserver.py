# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The script that starts the API server, run by a real shell."""

from __future__ import annotations

import contextlib
import pathlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

SCRIPT = pathlib.Path(__file__).parents[2] / "src/start_apiserver.sh"


@pytest.fixture
def last_output(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "last-output"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def started(
    last_output: pathlib.Path,
    port: int,
    *command: str,
    host: str = "kfp-api-0",
    attempts: int = 300,
) -> Iterator[subprocess.Popen[str]]:
    """Start a command as the server of a unit; `sleep` of the script's own does not last."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "LAST_OUTPUT": str(last_output),
        "WAIT_HOST": "127.0.0.1",
        "WAIT_PORT": str(port),
        "WAIT_ATTEMPTS": str(attempts),
        "HOSTNAME": host,
    }
    # The shell sets HOSTNAME anew, so it is set inside.
    text = f"HOSTNAME={host}\nsleep() {{ command sleep 0.05; }}\n{SCRIPT.read_text()}"
    process = subprocess.Popen(
        ["bash", "-c", text, "bash", *command],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Return whether something becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_output_passes_through_and_its_last_line_stays(last_output: pathlib.Path, free_port: int):
    command = ["bash", "-c", "echo one; echo refused: too long >&2; exit 3"]
    with started(last_output, free_port, *command) as process:
        output, _ = process.communicate(timeout=10)
        assert process.returncode == 3
        assert output.splitlines() == ["one", "refused: too long"]
        assert eventually(lambda: last_output.read_text() == "refused: too long\n")


def test_server_itself_gets_the_signal_to_stop(last_output: pathlib.Path, free_port: int):
    command = ["bash", "-c", "trap 'echo stopped; exit 0' TERM; echo up; while :; do :; done"]
    with started(last_output, free_port, *command) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=10)
        assert (process.returncode, output) == (0, "stopped\n")


def test_first_unit_starts_at_once(last_output: pathlib.Path, free_port: int):
    with started(last_output, free_port, "echo", "up") as process:
        assert process.communicate(timeout=10)[0] == "up\n"


def test_other_units_start_once_a_server_answers(last_output: pathlib.Path, free_port: int):
    with started(last_output, free_port, "echo", "up", host="kfp-api-1") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        with socket.create_server(("127.0.0.1", free_port)):
            assert process.communicate(timeout=10)[0] == "up\n"


def test_other_units_do_not_wait_for_ever(last_output: pathlib.Path, free_port: int):
    """The first unit may be gone while the database is as it should be."""
    with started(last_output, free_port, "echo", "up", host="kfp-api-1", attempts=3) as process:
        assert process.communicate(timeout=60)[0] == "up\n"
