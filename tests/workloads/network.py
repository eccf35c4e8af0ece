# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Network namespaces: one for the node with the control plane, one for each pod.

A pod reaches Services by relays that listen on their cluster addresses in its namespace, so that
nothing of the machine's network is changed, and ports of two pods do not collide.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from ckf.controlplane.commands import SERVICES

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _current() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


@dataclass
class Namespace:
    """A network namespace in which every cluster address is this machine's own."""

    descriptor: int

    @classmethod
    def new(cls) -> Namespace:
        """Make one with a loopback interface.

        Raises:
            OSError: This user may not.
        """
        before = Namespace(_current())
        try:
            _check(_libc.unshare(CLONE_NEWNET))
            made = cls(_current())
            with made.entered(before):
                for words in ("link set lo up", f"route add local {SERVICES} dev lo"):
                    subprocess.run(["ip", *words.split()], check=True)
            return made
        finally:
            before.close()

    @contextlib.contextmanager
    def entered(self, before: Namespace | None = None) -> Iterator[None]:
        """Be in it: this thread, and what it starts."""
        back = before or Namespace(_current())
        try:
            self.join()
            yield
        finally:
            back.join()
            if before is None:
                back.close()

    def join(self) -> None:
        """Move this thread into it for good."""
        _check(_libc.setns(self.descriptor, CLONE_NEWNET))

    def close(self) -> None:
        """Forget it; it ends with the last process in it."""
        os.close(self.descriptor)


class Relay:
    """Takes connections at an address of one namespace to loopback in another one."""

    def __init__(
        self, here: Namespace, address: tuple[str, int], there: Namespace, port: int
    ) -> None:
        with here.entered():
            self._listener = socket.create_server(address, backlog=64)
        self._there, self._port = there, port
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        self._there.join()  # the listener stays where it was made
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._connect, args=(caller,), daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        with (
            caller,  # where nobody listens, it sees the connection closed
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self._port)) as target,
        ):
            answers = threading.Thread(target=_pump, args=(target, caller), daemon=True)
            answers.start()
            _pump(caller, target)
            answers.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
