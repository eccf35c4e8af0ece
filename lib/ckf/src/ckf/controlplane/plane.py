# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Start and end a control plane: etcd, the API server, the controllers and the scheduler.

Everything listens on loopback, on free ports, and stores in a temporary folder of its own, so
that any number may run at once. RBAC is on, and only those with a token get in.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import http.client
import json
import shutil
import ssl
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kubefake import pki

from . import commands
from .process import Process
from .source import ControlPlaneError

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import KubeConfig

MAX_ATTEMPTS = 3
"""Starts that are tried where another process takes a port between its choice and its use."""

TIMEOUT = 60.0
"""Seconds after which a control plane that is not ready is given up."""

INTERVAL = 0.05
"""Seconds between two looks at a control plane that is starting."""

NEEDED = ("etcd", "kube-apiserver")
ADMINISTRATOR = "kubernetes-admin"
CONTROLLER_MANAGER = "system:kube-controller-manager"
SCHEDULER = "system:kube-scheduler"


class _PortTakenError(Exception):
    """A program ended because something listens on its port already."""


class ControlPlane:
    """A running control plane; use it as a context manager, or call `stop`.

    Use `ControlPlane.start`. On Linux the programs also end with the thread that started them,
    however that one ends, so start it from one that lives as long as the control plane shall.

    Attributes:
        url: The API server's address, `https://127.0.0.1:PORT`.
        ca: PEM file of the authority that signed the server's certificate.
        token: Bearer token of an administrator (group `system:masters`), who may impersonate.
        version: The Kubernetes release that the server says it is, without a leading `v`.
    """

    url: str
    ca: Path
    token: str
    kubeconfig: Path
    version: str

    def __init__(self, assets: Path, ports: commands.Ports) -> None:
        self._assets = assets
        self._ports = ports
        self._processes: list[Process] = []
        self._data = Path(tempfile.mkdtemp(prefix="ckf-controlplane-"))
        atexit.register(self.stop)

    @classmethod
    def start(cls, assets: Path) -> ControlPlane:
        """Start the programs in `assets` and wait until they serve: some five seconds.

        Args:
            assets: A folder with the programs, such as `ckf.controlplane.assets()` returns.

        Raises:
            ControlPlaneError: A program is missing, ended or was not ready in time; the message
                has the tails of the logs. Nothing is left running.
        """
        absent = [program for program in NEEDED if not (assets / program).is_file()]
        if absent:
            raise ControlPlaneError(f"{assets} has no {' and no '.join(absent)}")
        for _ in range(MAX_ATTEMPTS):
            plane = cls(assets, commands.Ports.free())
            with contextlib.suppress(_PortTakenError), contextlib.ExitStack() as stack:
                stack.callback(plane.stop)
                plane._start()
                stack.pop_all()
                return plane
        raise ControlPlaneError(f"other processes took the ports of {MAX_ATTEMPTS} control planes")

    def __enter__(self) -> ControlPlane:
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the programs that run.

        A folder from setup-envtest has no `kube-controller-manager` and no `kube-scheduler`.
        """
        return tuple(process.name for process in self._processes)

    @property
    def pids(self) -> tuple[int, ...]:
        """Ids of their processes, in the order of `programs`."""
        return tuple(process.pid for process in self._processes)

    def stop(self) -> None:
        """End every program and remove the data; a second call does nothing."""
        for process in reversed(self._processes):
            process.kill()
        if self._data.exists():
            shutil.rmtree(self._data)
        atexit.unregister(self.stop)

    def log(self, lines: int = 30) -> str:
        """Return the last `lines` lines of each program's log, to print when a test fails."""
        tails = [f"--- {process.name}\n{process.tail(lines)}" for process in self._processes]
        return "\n".join(tails)

    def lightkube_config(self) -> KubeConfig:
        """Return the administrator's configuration for a `lightkube.Client`."""
        from lightkube.config.kubeconfig import KubeConfig

        return KubeConfig.from_file(self.kubeconfig)

    def _start(self) -> None:
        keys = pki.write(self._data / "pki")
        admin = commands.User(ADMINISTRATOR, ("system:masters",))
        controllers, scheduler = commands.User(CONTROLLER_MANAGER), commands.User(SCHEDULER)
        tokens = commands.write_tokens(self._data / "tokens.csv", [admin, controllers, scheduler])
        self.url, self.ca, self.token = self._ports.url, keys.ca, admin.token
        self.kubeconfig = self._config("admin", admin)
        self._run("etcd", commands.etcd(self._ports, self._data / "etcd"))
        self._run("kube-apiserver", commands.apiserver(self._ports, keys, tokens))
        self._wait("/readyz")
        self.version = json.loads(self._wait("/version"))["gitVersion"].removeprefix("v")
        self._control(keys, controllers, scheduler)

    def _control(
        self, keys: pki.Pki, controllers: commands.User, scheduler: commands.User
    ) -> None:
        """Start what acts on objects, where the folder has it."""
        if self._has("kube-scheduler"):
            arguments = commands.scheduler(self._config("scheduler", scheduler))
            self._run("kube-scheduler", arguments)
        if self._has("kube-controller-manager"):
            kubeconfig = self._config("controller-manager", controllers)
            self._run("kube-controller-manager", commands.controller_manager(keys, kubeconfig))
            self._wait("/api/v1/namespaces/default/serviceaccounts/default")

    def _has(self, program: str) -> bool:
        return (self._assets / program).is_file()

    def _config(self, name: str, user: commands.User) -> Path:
        return commands.write_kubeconfig(
            self._data / f"{name}.kubeconfig", self.url, self.ca, user
        )

    def _run(self, program: str, arguments: list[str]) -> None:
        log = self._data / f"{program}.log"
        self._processes.append(Process(self._assets / program, arguments, log))

    def _wait(self, path: str) -> bytes:
        """Return what the server answers on `path` once it answers 200."""
        deadline = time.monotonic() + TIMEOUT
        while (answer := self._get(path)) is None:
            self._check()
            if time.monotonic() > deadline:
                raise ControlPlaneError(f"no {path} after {TIMEOUT:.0f} s\n{self.log()}")
            time.sleep(INTERVAL)
        return answer

    def _check(self) -> None:
        """Raise where a program has ended: none does by itself."""
        for process in self._processes:
            if process.ended:
                if "address already in use" in process.tail(200):
                    raise _PortTakenError
                raise ControlPlaneError(f"{process.name} ended\n{self.log()}")

    def _get(self, path: str) -> bytes | None:
        """Return the body of a 200, and None for any other answer or none.

        The server listens before it serves, so a call may hang until it times out.
        """
        connection = http.client.HTTPSConnection(
            commands.HOST, self._ports.api, context=self._trust, timeout=2
        )
        with contextlib.closing(connection):
            try:
                connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):  # it does not listen yet
                return None
            return body if answer.status == http.client.OK else None

    @functools.cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))
