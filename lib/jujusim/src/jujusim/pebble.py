# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A workload container: its Pebble, its files and what the services were told to run."""

from __future__ import annotations

import collections
import copy
import io
import pathlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from ops import pebble

from .ops_internals import PebbleEngine, Reply


class Pebble(PebbleEngine):
    """The Pebble of one container of one unit; it lives as long as the container.

    Unlike the client of ops.testing it remembers between hooks, restarts what has changed on
    replan as Pebble does, and keeps what a hook did when that hook fails: Pebble takes effect at
    once, whatever becomes of the hook.

    Attributes:
        root: The directory that is the container's ``/``.
        connected: Whether Pebble answers.
        starts: How often each service has been started or restarted since the container began.
        journal: What was changed, for the trace; its reader empties it.
        commands: What commands do, by how they begin.
        interrupt: Called before every request; faults raise from it.
    """

    def __init__(
        self, name: str, root: pathlib.Path, interrupt: Callable[[Pebble], None] | None = None
    ):
        super().__init__(root)
        self.name = name
        self.root = root
        self.connected = False
        self.starts: collections.Counter[str] = collections.Counter()
        self.interrupt = interrupt or _never
        self.journal: list[str] = []
        self.commands: dict[tuple[str, ...], Reply] = {}
        self._running: dict[str, Mapping[str, Any]] = {}
        self._unanswered: set[str] = set()

    def boot(self, mounts: Mapping[str, pathlib.Path], image: pathlib.Path | None = None) -> None:
        """Start the container anew: an empty plan, and no files but the image's and in storage.

        Args:
            mounts: Directories of attached storage by their location in the container.
            image: The directory with the image's files; without it there are none.
        """
        self.forget()
        self._running.clear()
        self._unanswered.clear()
        self.starts.clear()
        if self.root.exists():
            shutil.rmtree(self.root)
        if image:
            shutil.copytree(image, self.root, symlinks=True)
        self.root.mkdir(parents=True, exist_ok=True)
        for location, source in mounts.items():
            target = self.root / location.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(target, ignore_errors=True)
            target.symlink_to(source)
        self.connected = True

    def halt(self) -> None:
        """Stop answering."""
        self.connected = False

    def plan(self) -> dict[str, Any]:
        """Return the combined plan as ``pebble plan`` shows it, whether or not Pebble answers."""
        return {
            kind.replace("_", "-"): {n: e.to_dict() for n, e in sorted(self.planned(kind).items())}
            for kind in ("services", "checks", "log_targets")
        }

    def services(self) -> dict[str, bool]:
        """Return every service of the plan, and whether it runs."""
        return {
            name: self.service_states.get(name) is pebble.ServiceStatus.ACTIVE
            for name in sorted(self.planned("services"))
        }

    def checks(self) -> dict[str, bool]:
        """Return every check that Pebble performs, and whether it is up."""
        return {
            name: info.status is pebble.CheckStatus.UP
            for name, info in sorted(self.check_infos.items())
            if info.status is not pebble.CheckStatus.INACTIVE
        }

    def healthy(self) -> bool:
        """Tell what ``/v1/health?level=ready`` says: the container's readiness probe.

        Checks at level alive count too: ready implies alive.
        """
        return self.connected and not any(
            info.status is pebble.CheckStatus.DOWN and info.level is not pebble.CheckLevel.UNSET
            for info in self.check_infos.values()
        )

    def files(self) -> dict[str, bytes]:
        """The content of every regular file by its path in the container, storage excluded."""
        return {f"/{path.relative_to(self.root)}": path.read_bytes() for path in _walk(self.root)}

    def set_check(self, name: str, *, up: bool) -> None:
        """Let a check fail until it is down, or recover.

        Raises:
            KeyError: Pebble performs no check of that name.
        """
        info = self.check_infos[name]
        info.status = pebble.CheckStatus.UP if up else pebble.CheckStatus.DOWN
        info.failures = 0 if up else info.threshold

    def probe(self) -> dict[str, bool]:
        """Checks that have gone down or recovered by themselves, and whether they are up now.

        What a check connects to answers as long as a service of the container runs. A check that
        a test has let fail is left alone.
        """
        changed: dict[str, bool] = {}
        for name, check in self.planned("checks").items():
            info = self.check_infos.get(name)
            if info is None or not (check.http or check.tcp):
                continue
            if not self._running and info.status is pebble.CheckStatus.UP:
                self._unanswered.add(name)
                changed[name] = False
            elif self._running and name in self._unanswered:
                self._unanswered.discard(name)
                changed[name] = True
        return changed

    def fail_service(self, name: str) -> None:
        """Let a running service exit with an error, and stay so until it is started again.

        Raises:
            KeyError: The plan has no such service.
        """
        self.planned("services")[name]  # raises
        self.service_states[name] = pebble.ServiceStatus.ERROR
        self._running.pop(name, None)

    # What the charm calls.

    def check_connection(self) -> None:
        """Refuse a request to a Pebble that does not answer; faults come in here."""
        if not self.connected:
            raise pebble.ConnectionError(f"cannot connect to Pebble in container {self.name}")
        self.interrupt(self)

    def add_layer(
        self, label: str, layer: str | pebble.LayerDict | pebble.Layer, *, combine: bool = False
    ) -> None:
        """Add or combine a layer; the caller's object is not kept."""
        content = layer.to_dict() if isinstance(layer, pebble.Layer) else layer
        super().add_layer(label, copy.deepcopy(content), combine=combine)
        self.journal.append(f"layer {label}")

    def autostart_services(self, timeout: float = 30.0, delay: float = 0.1) -> None:  # noqa: ARG002
        """Start the services that are enabled and do not run."""
        self.check_connection()
        plan = self.planned("services")
        self._start(name for name, service in plan.items() if service.startup == "enabled")

    def replan_services(self, timeout: float = 30.0, delay: float = 0.1) -> None:
        """Restart running services whose configuration changed, then start enabled ones.

        As Pebble does: https://documentation.ubuntu.com/pebble/reference/cli-commands/ (replan).
        """
        self.check_connection()
        for name, service in self.planned("services").items():
            if name in self._running and self._running[name] != service.to_dict():
                self._stop([name])
                self._start([name])
        self._stop([name for name in self._running if name not in self.planned("services")])
        self.autostart_services(timeout, delay)

    def start_services(
        self, services: list[str], timeout: float = 30.0, delay: float = 0.1
    ) -> pebble.ChangeID:
        """Start services; one that runs is left alone."""
        idle = [name for name in services if name not in self._running]
        change = super().start_services(services, timeout, delay)
        self._start(idle)
        return change

    def stop_services(
        self, services: list[str], timeout: float = 30.0, delay: float = 0.1
    ) -> pebble.ChangeID:
        """Stop services."""
        change = super().stop_services(services, timeout, delay)
        self._stop(services)
        return change

    def restart_services(
        self, services: list[str], timeout: float = 30.0, delay: float = 0.1
    ) -> pebble.ChangeID:
        """Stop and start services."""
        change = super().restart_services(services, timeout, delay)
        self._stop(services)
        self._start(services)
        return change

    def pull(
        self, path: str | pathlib.PurePath, *, encoding: str | None = "utf-8"
    ) -> io.BytesIO | io.StringIO:
        """Read a file, whole: what the charm leaves open must not keep a lost file alive."""
        with super().pull(path, encoding=None) as file:
            content = cast("bytes", file.read())
        return io.BytesIO(content) if encoding is None else io.StringIO(content.decode(encoding))

    def push(self, path: str | pathlib.PurePath, source: Any, **options: Any) -> None:
        """Write a file."""
        super().push(path, source, **options)
        self.journal.append(f"push {path}")

    def remove_path(self, path: str | pathlib.PurePath, *, recursive: bool = False) -> None:
        """Remove a file or directory."""
        super().remove_path(path, recursive=recursive)
        self.journal.append(f"remove {path}")

    def reply_to(self, command: list[str]) -> Reply | None:
        """Return what does a command, by the longest beginning that is known."""
        for length in reversed(range(len(command) + 1)):
            reply = self.commands.get(tuple(command[:length]))
            if reply is not None:
                self.journal.append(f"exec {' '.join(command)}")
                return reply
        return None

    def _start(self, names: Iterator[str] | list[str]) -> None:
        plan = self.planned("services")
        for name in names:
            if name not in self._running:
                self._running[name] = plan[name].to_dict()
                self.service_states[name] = pebble.ServiceStatus.ACTIVE
                self.starts[name] += 1
                self.journal.append(f"start {name}")

    def _stop(self, names: list[str]) -> None:
        for name in names:
            if self._running.pop(name, None) is not None:
                self.journal.append(f"stop {name}")
            self.service_states[name] = pebble.ServiceStatus.INACTIVE


def _never(_: Pebble) -> None:
    """No fault."""


def _walk(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
