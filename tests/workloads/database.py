# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A real database in the place of mysql-k8s, whose fake hands out credentials and runs none.

MariaDB speaks MySQL's protocol; Debian has it, and no MySQL.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from ckf.controlplane.process import Process

from ..kube.bundles import eventually
from . import cluster
from .cluster import Node, Object
from .network import Namespace

ABSENT = "MariaDB is not installed here: apt-get install mariadb-server-core mariadb-client-core"
PORT = 3306
USER = 65534
AS_USER = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups")


def skip_where_absent() -> None:
    """Skip the test where a program of MariaDB is missing."""
    if not all(map(shutil.which, ("mariadbd", "mariadb-install-db", "mariadb"))):
        pytest.skip(ABSENT)


def service(app: str) -> Object:
    """Return the Service that leads to the primary unit of mysql-k8s."""
    return {
        "metadata": {"name": f"{app}-primary"},
        "spec": {
            "selector": {"app.kubernetes.io/name": app},
            "ports": [{"name": "mysql", "port": PORT}],
        },
    }


def credentials(node: Node, app: str) -> tuple[str, str]:
    """Return the user and the password that the fake of mysql-k8s has given its only client."""
    found = node.run.model.secrets.secrets.values()
    (secret,) = (each for each in found if each.owner == app and "username" in each.revisions[1])
    latest = secret.revisions[secret.latest]
    return latest["username"], latest["password"]


@dataclass
class Database:
    """A server that can be stopped and started again.

    Args:
        folder: A directory of its user's for data, socket and log.
        network: Where it listens, on loopback.
    """

    folder: pathlib.Path
    network: Namespace
    _process: Process | None = field(default=None, init=False)
    _installer: Process | None = field(default=None, init=False)

    def install(self) -> None:
        """Begin to make the tables of the server itself; `start` waits for them."""
        options = ["--no-defaults", f"--datadir={self._data}", "--skip-test-db"]
        login = "--auth-root-authentication-method=normal"
        self._installer = self._run_on("mariadb-install-db", *options, login)

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers."""
        if self._process and not self._process.ended:
            return
        eventually(lambda: self._installer is None or self._installer.ended)
        settings = {
            "datadir": self._data,
            "socket": self._socket,
            "pid-file": self.folder / "pid",
            "bind-address": "127.0.0.1",
            "port": PORT,
            "innodb-buffer-pool-size": "8M",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with self.network.entered():
            self._process = self._run_on("mariadbd", "--no-defaults", *options)
        eventually(self._answers)

    def stop(self) -> None:
        """End it at once, as a lost node does."""
        for process in (self._process, self._installer):
            if process:
                process.kill()
        self._process = self._installer = None

    def ask(self, *statements: str) -> str:
        """Run SQL as an administrator, and return what it prints.

        Raises:
            subprocess.CalledProcessError: The server refused it, or does not run.
        """
        options = [
            "--no-defaults",
            f"--socket={self._socket}",
            "--user=root",
            "--skip-column-names",
        ]
        return self._run("mariadb", *options, f"--execute={';'.join(statements)}")

    def admit(self, user: str, password: str, name: str) -> None:
        """Make a database and its user, or give them another password and end their sessions."""
        self.ask(
            f"CREATE DATABASE IF NOT EXISTS {name}",
            f"CREATE OR REPLACE USER '{user}'@'%' IDENTIFIED BY '{password}'",
            f"GRANT ALL ON {name}.* TO '{user}'@'%'",
            f"KILL USER '{user}'",
        )

    @property
    def _data(self) -> pathlib.Path:
        return self.folder / "data"

    @property
    def _socket(self) -> pathlib.Path:
        return self.folder / "socket"

    def _answers(self) -> bool:
        assert self._process
        assert not self._process.ended, self._process.tail(20)
        with contextlib.suppress(subprocess.CalledProcessError):
            return bool(self.ask("SELECT 1"))
        return False

    def _run_on(self, *command: str) -> Process:
        """Start a program that ends with the tests at the latest."""
        setpriv = pathlib.Path(shutil.which(AS_USER[0]) or "")
        return Process(setpriv, [*AS_USER[1:], *command], self.folder / f"{command[0]}.log")

    def _run(self, *command: str) -> str:
        done = subprocess.run([*AS_USER, *command], capture_output=True, text=True, check=True)
        return done.stdout


@contextlib.contextmanager
def installed(node: Node, app: str) -> Iterator[Database]:
    """A server that does not run yet, behind the Service of an application of mysql-k8s."""
    skip_where_absent()
    node.cluster.create(node.path("services"), service(app))
    folder = node.new_root()
    shutil.chown(folder, USER, USER)
    network = cluster.network()
    node.join(network, {"app.kubernetes.io/name": app})
    found = Database(folder, network)
    found.install()
    try:
        yield found
    finally:
        found.stop()
        node.leave(network)
