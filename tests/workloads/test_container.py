# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Containers of programs: what the next program finds that is started in one."""

from __future__ import annotations

import pathlib
import socket
import sys

from ..kube.bundles import eventually
from . import cluster
from .container import Program, interpreter, lay_out

PORT = 8081
# What it holds takes the system a moment to take back.
SERVER = f"""
import socket, time
held = bytearray(300_000_000)
server = socket.create_server(("", {PORT}))
time.sleep(600)
"""


def test_ports_of_a_program_that_was_stopped_are_free(tmp_path: pathlib.Path) -> None:
    root, network = tmp_path / "root", cluster.network()
    lay_out(root, {}, {})
    python = pathlib.Path(sys.executable)
    command = [str(python), "-c", SERVER]
    for _ in range(3):
        program = Program(root, network, cluster.USER, {}, command, interpreter(python))
        eventually(lambda: cluster.listens(network, PORT))
        program.stop()
        with network.entered(), socket.create_server(("", PORT)):
            assert program.ended
