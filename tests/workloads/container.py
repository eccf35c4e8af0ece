# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A container of a charm as Kubernetes and Juju would start it: a root of its own, real Pebble."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import re
import shlex
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import ops.pebble
from ckf.controlplane.process import Process

from ..kube.bundles import eventually
from .network import Namespace

ACCOUNT = "var/run/secrets/kubernetes.io/serviceaccount"
DEVICES = {"null": 3, "zero": 5, "random": 8, "urandom": 9}
PEBBLE = "var/lib/pebble/default"
ISOLATED = ("--mount", "--pid", "--fork", "--kill-child")
"""Pebble reads `/proc`, and is the first process there, as in a container."""

VOLUMES = 170
"""The group that Juju gives volumes, and containers with a user: `fsGroup` of their pod."""

SYSTEM = tuple(map(pathlib.Path, ("/usr", "/lib", "/lib64")))

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def lay_out(
    root: pathlib.Path, programs: Mapping[str, pathlib.Path], hosts: Mapping[str, str]
) -> None:
    """Make what an image and the kubelet give: programs by their path, and `/etc/hosts`.

    A program may be a folder.
    """
    for folder in ("tmp", "etc", "dev/shm", "proc", PEBBLE):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in ("tmp", "dev/shm"):
        (root / folder).chmod(0o1777)
    install(root, programs)
    for name, minor in DEVICES.items():
        device = root / "dev" / name
        os.mknod(device, stat.S_IFCHR, os.makedev(1, minor))
        device.chmod(0o666)
    name_hosts(root, hosts)


def install(root: pathlib.Path, programs: Mapping[str, pathlib.Path]) -> None:
    """Copy programs, by their path, with the libraries that they are linked with."""
    libraries = {str(path): path for source in programs.values() for path in _linked(source)}
    for path, source in {**libraries, **programs}.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, copy_function=_put)
        else:
            _put(source, target)


def _put(source: str | pathlib.Path, target: str | pathlib.Path) -> None:
    """Give a file to a container, whose user may not write to it: the same one if it can be."""
    try:
        os.link(pathlib.Path(source).resolve(), target)
    except OSError:  # of another file system
        shutil.copy(source, target)


@functools.cache
def _linked(program: pathlib.Path) -> list[pathlib.Path]:
    """Return the libraries that a program is linked with: none if it is static, as Go's are."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return [pathlib.Path(path) for path in sorted(set(re.findall(r"(/\S+) \(0x", done.stdout)))]


def interpreter(python: pathlib.Path) -> list[pathlib.Path]:
    """Return what a Python environment needs of the machine: itself, its Python, libraries."""
    folder = python.parents[1]
    settings = (folder / "pyvenv.cfg").read_text()
    home = re.search("^home = (.+)$", settings, re.MULTILINE)
    assert home, settings
    return [*SYSTEM, pathlib.Path(home[1]).parent, folder]


def give_volume(root: pathlib.Path, path: str) -> None:
    """Mount an empty volume, as the kubelet gives it to the group of the pod."""
    folder = root / path.lstrip("/")
    folder.mkdir(parents=True)
    shutil.chown(folder, 0, VOLUMES)
    folder.chmod(0o2775)


def name_hosts(root: pathlib.Path, hosts: Mapping[str, str]) -> None:
    """Write `/etc/hosts`, which stands for the cluster's DNS."""
    lines = "".join(f"{address} {name}\n" for name, address in hosts.items())
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n{lines}")


def give_account(root: pathlib.Path, files: Mapping[str, str]) -> None:
    """Mount what a pod has of its ServiceAccount: `token`, `ca.crt` and `namespace`."""
    folder = root / ACCOUNT
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)


def own(root: pathlib.Path, user: int) -> None:
    """Give what Pebble itself makes and writes to the container's user."""
    folder = root / PEBBLE
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


class Program:
    """A process in a root and a network of its own.

    Args:
        root: The directory that is its `/`; it ends with the caller.
        network: Where it listens.
        user: Its user and group.
        environment: Its variables, and no others.
        command: Its command line.
        mounts: Folders of the machine that it may read at the same place.
    """

    def __init__(
        self,
        root: pathlib.Path,
        network: Namespace,
        user: int,
        environment: Mapping[str, str],
        command: list[str],
        mounts: Sequence[pathlib.Path] = (),
    ) -> None:
        given = [f"{name}={value}" for name, value in {"PATH": PATH, **environment}.items()]
        confined = [f"--userspec={user}:{user}", f"--groups={VOLUMES}", str(root), *command]
        isolated = ["/usr/bin/unshare", *ISOLATED, f"--mount-proc={root}/proc"]
        mounting = ["/bin/sh", "-c", _mounting(root, mounts), "sh"]
        arguments = ["-i", *given, *isolated, *mounting, "/usr/sbin/chroot", *confined]
        self.log_file = root.with_name(f"{root.name}.log")
        with network.entered():
            self._process = Process(pathlib.Path("/usr/bin/env"), arguments, self.log_file)

    @property
    def ended(self) -> bool:
        """Tell whether it has ended by itself."""
        return self._process.ended

    def log(self) -> str:
        """Return all that it has printed."""
        return self.log_file.read_text(errors="replace")

    def stop(self) -> None:
        """End it at once, and wait until its ports are free.

        `unshare` ends after what it has started, unless it is killed with it.
        """
        pid = self._process.pid
        started = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        with contextlib.suppress(OSError):  # it has ended by itself
            for child in started.read_text().split():
                os.kill(int(child), signal.SIGKILL)
                eventually(lambda: self._process.ended)
        self._process.kill()


def _mounting(root: pathlib.Path, folders: Sequence[pathlib.Path]) -> str:
    """Return a script that mounts folders below a root, in order, and becomes its arguments."""
    lines = ["set -e"]
    for folder in folders:
        source, target = shlex.quote(str(folder)), shlex.quote(f"{root}{folder}")
        lines += [f"mkdir -p {target}", f"mount --bind -o ro {source} {target}"]
    return "\n".join([*lines, 'exec "$@"'])


class Pebble(Program):
    """Pebble as Juju starts it: held until a plan comes, and verbose."""

    def __init__(
        self,
        root: pathlib.Path,
        network: Namespace,
        user: int,
        environment: Mapping[str, str],
        mounts: Sequence[pathlib.Path] = (),
    ) -> None:
        own(root, user)
        command = ["/charm/bin/pebble", "run", "--create-dirs", "--hold", "--verbose"]
        variables = {"PEBBLE": f"/{PEBBLE}", **environment}
        super().__init__(root, network, user, variables, command, mounts)
        self.client = ops.pebble.Client(str(root / PEBBLE / ".pebble.socket"), timeout=10)

    def answers(self) -> bool:
        """Tell whether it takes requests."""
        try:
            return bool(self.client.get_system_info().version)
        except ops.pebble.ConnectionError:
            return False

    def replan(self, plan: Mapping[str, Any]) -> None:
        """Replace the plan; what a check waits for is asked each second instead of each 30."""
        checks = {
            name: {**check, "override": "replace", "period": "1s", "timeout": "900ms"}
            for name, check in plan["checks"].items()
        }
        services = {
            name: {**service, "override": "replace"} for name, service in plan["services"].items()
        }
        self._add({"services": services, "checks": checks})
        self.set_log_targets(plan["log-targets"])
        self.client.replan_services()

    def checks(self) -> dict[str, bool]:
        """Return which checks are up."""
        up = ops.pebble.CheckStatus.UP
        return {check.name: check.status is up for check in self.client.get_checks()}

    def failures(self, name: str) -> int:
        """Return how often a check has failed since it passed."""
        return self.client.get_checks(names=[name])[0].failures

    def set_log_targets(self, targets: Mapping[str, Any]) -> None:
        """Change where logs go, as the charm does: by a layer, without a replan."""
        replaced = {name: {**target, "override": "replace"} for name, target in targets.items()}
        self._add({"log-targets": replaced})

    def _add(self, layer: Any) -> None:
        self.client.add_layer("charm", ops.pebble.Layer(layer), combine=True)

    def healthy(self) -> bool:
        """Tell whether each check has passed and passes."""
        found = self.client.get_checks()
        return all(
            check.status is ops.pebble.CheckStatus.UP and check.successes for check in found
        )

    def unhealthy(self) -> bool:
        """Tell whether each check fails."""
        return all(
            check.status is ops.pebble.CheckStatus.DOWN for check in self.client.get_checks()
        )
