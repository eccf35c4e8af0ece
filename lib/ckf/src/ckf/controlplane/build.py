# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Build the control plane once per machine, into a cache in the user's home.

One binary holds etcd, the Kubernetes programs and kubectl; it is the program whose name it is
called by. Links with those names next to it make a folder of the kind that `KUBEBUILDER_ASSETS`
names (the convention of controller-runtime's envtest).
"""

import collections
import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

from . import source
from .source import ControlPlaneError

BINARY = "controlplane"
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")

NO_GO = (
    "Go is not installed, and the control plane is built with it: install Go, or get etcd and "
    "kube-apiserver from setup-envtest "
    "(https://pkg.go.dev/sigs.k8s.io/controller-runtime/tools/setup-envtest) and name their "
    "folder in KUBEBUILDER_ASSETS"
)

Say = Callable[[str], None]


def folder(release: str) -> Path:
    """Return where `release` is cached, whether or not it has been built yet.

    Raises:
        ControlPlaneError: The release is not known, or there is no checkout to build it from.
    """
    return cache() / f"{release}-{source.digest(source.directory(), release)}"


def cache(kind: str = "controlplane") -> Path:
    """Return the folder of everything of a kind that has been built for this user."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "charmed-kubeflow" / kind


def build(release: str, say: Say = print) -> Path:
    """Build a release, such as `1.34.4`, where the cache does not hold it yet.

    Raises:
        ControlPlaneError: The release is not known, there is no Go, or the build failed.
    """
    target = folder(release)
    if not target.is_dir():
        go = find_go()
        fill(target, say, lambda made: _build(go, release, made, say))
    return target


def assets(version: str | None = None) -> Path | None:
    """Return the folder of a control plane to start, None where none has been built.

    Args:
        version: The Kubernetes release; by default what `K8S` in the environment names, else
            `source.DEFAULT_RELEASE`. A folder that `KUBEBUILDER_ASSETS` names goes first.

    Raises:
        ControlPlaneError: The release is not known, or `KUBEBUILDER_ASSETS` names no folder.
    """
    named = os.environ.get("KUBEBUILDER_ASSETS")
    found = Path(named) if named else folder(source.requested(version))
    if named and not found.is_dir():
        raise ControlPlaneError(f"KUBEBUILDER_ASSETS names {named}, which is not a folder")
    return found if found.is_dir() else None


def find_go() -> str:
    """Return the path of the `go` command.

    Raises:
        ControlPlaneError: There is none.
    """
    go = shutil.which("go")
    if go is None:
        raise ControlPlaneError(NO_GO)
    return go


@contextlib.contextmanager
def alone(target: Path, say: Say) -> Generator[None]:
    """Let one process at a time build `target`; the lock ends with the process."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f".{target.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another build of the same")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fill(target: Path, say: Say, make: Callable[[Path], None]) -> None:
    """Let a folder be made elsewhere and rename it, so that `target` is complete or absent."""
    if target.is_dir():
        return
    with alone(target, say):
        if target.is_dir():
            return
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            make(made)
            made.rename(target)


def _build(go: str, release: str, made: Path, say: Say) -> None:
    say(f"Building the control plane of Kubernetes {release}: some minutes, once per machine")
    taken = run_build(
        command(go, release, made / BINARY), source.directory(), say, name="The control plane"
    )
    say(f"Built in {taken:.0f} s")
    for program in PROGRAMS:
        (made / program).symlink_to(BINARY)


def run_build(call: list[str], directory: Path, say: Say, *, name: str) -> float:
    """Run what builds a program. One in Go needs nothing of the machine where it runs.

    Returns:
        How many seconds it took.

    Raises:
        ControlPlaneError: It failed; the error has the last lines that it wrote.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        call,
        cwd=directory,
        env=os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        last = follow(process.stderr or (), started, say)
    if process.returncode:
        raise ControlPlaneError("\n".join([f"{name} could not be built:", *last]))
    return time.monotonic() - started


def run_go(go: str, folder: Path, *arguments: str) -> str:
    """Return what a command of Go prints in a folder.

    Raises:
        ControlPlaneError: It failed; the error has its first lines.
    """
    environ = os.environ | {"GOWORK": "off"}
    call = [go, *arguments]
    done = subprocess.run(call, cwd=folder, env=environ, capture_output=True, text=True)
    if done.returncode:
        # With -json it says its reason on standard output.
        lines = (done.stderr or done.stdout).splitlines()
        said = [line for line in lines if not line.startswith("go: downloading")][:8]
        raise ControlPlaneError("\n".join([f"go {' '.join(arguments)} failed:", *said]))
    return done.stdout


def command(go: str, release: str, output: Path) -> list[str]:
    """Return the call of the Go compiler that makes `output`.

    The version is linked in because published modules carry none, and clients read `/version`.
    """
    major, minor, _ = release.split(".")
    version = {"gitVersion": f"v{release}", "gitMajor": major, "gitMinor": minor}
    linked = [
        f"-X k8s.io/component-base/version.{name}={value}" for name, value in version.items()
    ]
    return [
        go,
        "build",
        "-v",
        "-mod=readonly",
        f"-modfile={source.modfile(source.directory(), release)}",
        "-trimpath",
        "-buildvcs=false",
        f"-ldflags=-s -w {' '.join(linked)}",
        "-o",
        str(output),
        ".",
    ]


def follow(lines: Iterable[str], started: float, say: Say) -> list[str]:
    """Tell every hundredth line of the compiler (one for each package); return the last ones."""
    last: collections.deque[str] = collections.deque(maxlen=15)
    for count, line in enumerate(lines, start=1):
        last.append(line.rstrip())
        if count % 100 == 0:
            say(f"  {count} modules and packages done, {time.monotonic() - started:.0f} s")
    return list(last)
