# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The services in a workload container, run by Pebble: layer, files, checks, health."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import cast

import ops

from . import _diff
from ._component import Component
from ._status import Waiting
from .pebble import Layer

FILES_ENVIRONMENT = "CHARMKIT_FILES"
"""A digest of the files that a service reads, in its environment: a change of a file is a change
of the plan, and Pebble restarts exactly the services that it concerns, even if an earlier hook
died between the two."""

RECOVERY_LOOKS = (0.5, 1.0, 2.0)
"""Seconds between looks at a service whose start has failed: Pebble itself starts it again, and no
event tells that it runs then."""

_STANDBY_CHECK = "standby"


@dataclasses.dataclass(frozen=True)
class File:
    """A file in a container.

    Args:
        content: what stands in it.
        mode: the permissions.
        watched: the service reads it again by itself when it changes, and is not restarted.
    """

    content: str
    mode: int = 0o644
    watched: bool = False


class Workload(Component):
    """The services of one container, on every unit.

    Args:
        charm: the charm.
        container: its name in charmcraft.yaml.
        layer: returns the Pebble layer.
        files: returns the files that the services read, or their content, by path. What is no
            longer wanted is removed if `managed_dirs` says where to look.
        managed_dirs: directories that hold nothing but these files.
        enabled: returns whether this unit runs the services; one that does not runs none and
            is not ready to the Service.
        last_output: a file in which a service leaves the end of its output. Its last line is shown
            while the service does not run or a check fails.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        container: str,
        *,
        layer: Callable[[], Layer],
        files: Callable[[], Mapping[str, str | File]] = dict,
        managed_dirs: Iterable[str] = (),
        enabled: Callable[[], bool] = lambda: True,
        last_output: str = "",
    ) -> None:
        super().__init__(charm)
        self._container = charm.unit.get_container(container)
        self._layer = layer
        self._files = files
        self._managed_dirs = tuple(managed_dirs)
        self._enabled = enabled
        self._last_output = last_output

    def events(self) -> Iterable[ops.BoundEvent]:
        """The container's start, and its checks."""
        on = self.charm.on[self._container.name]
        return on.pebble_ready, on.pebble_check_failed, on.pebble_check_recovered

    def reconcile(self) -> None:
        """Write the files and the plan where they differ, and start what should run."""
        if not self._container.can_connect():
            raise Waiting(f"waiting for container {self._container.name} to start")
        enabled = self._enabled()
        with self._pebble():
            if enabled:
                self._run()
            else:
                self._stand_by()

    def status(self) -> ops.StatusBase:
        """Active if the services run and no check fails."""
        if self._enabled():
            with self._pebble():
                self._check_health()
        return ops.ActiveStatus()

    @contextlib.contextmanager
    def _pebble(self) -> Generator[None]:
        """A container may restart at any moment, and a service may fail to start: a wait."""
        name = self._container.name
        try:
            yield
        except ops.pebble.ConnectionError as error:
            raise Waiting(f"waiting for container {name} to restart") from error
        except ops.pebble.TimeoutError as error:
            raise Waiting(f"container {name}: a service takes long to start or stop") from error
        except ops.pebble.ChangeError as error:
            reason = _first_task(error.err)
            raise Waiting(f"container {name}: a service does not start: {reason}") from error

    def _run(self) -> None:
        files = {path: _file(given) for path, given in self._files().items()}
        layer = _with_digest(self._layer(), files)
        changed = self._push(files)
        plan = self._container.get_plan()
        if not _in_plan(layer, plan):
            self._replace(layer, plan)
        elif changed:
            services = _enabled_services(_pebble_layer(layer))
            self._start(layer, lambda: self._container.restart(*services))
        elif not self._running(layer):
            self._start(layer, self._container.replan)

    def _start(self, layer: Layer, start: Callable[[], None]) -> None:
        """Start services; one that fails at first may run at the second attempt, Pebble's own."""
        try:
            start()
        except ops.pebble.ChangeError:
            if not any(self._is_up_after(seconds, layer) for seconds in RECOVERY_LOOKS):
                raise

    def _is_up_after(self, seconds: float, layer: Layer) -> bool:
        time.sleep(seconds)
        return self._running(layer)

    def _replace(self, layer: Layer, plan: ops.pebble.Plan) -> None:
        self._stop(set(plan.services) - set(layer["services"]))
        others = _others_off(layer, plan)
        whole = _diff.deep_merge(layer, others)
        self._container.add_layer(self._container.name, _pebble_layer(whole), combine=True)
        if others["checks"]:
            self._container.stop_checks(*others["checks"])
        self._start(layer, self._container.replan)

    def _stand_by(self) -> None:
        plan = self._container.get_plan()
        self._stop(set(plan.services))
        if _STANDBY_CHECK not in _enabled_checks(plan):
            self._container.add_layer(self._container.name, _standby(), combine=True)

    def _stop(self, services: Iterable[str]) -> None:
        known = self._container.get_services()
        names = [name for name in services if name in known and known[name].is_running()]
        if names:
            self._container.stop(*names)

    def _running(self, layer: Layer) -> bool:
        services = self._container.get_services()
        wanted = _enabled_services(_pebble_layer(layer))
        return all(services[name].is_running() for name in wanted)

    def _push(self, files: Mapping[str, File]) -> bool:
        """Write and remove what differs; whether services must be told."""
        others = [path for path in self._others() if path not in files]
        differing = [path for path, file in files.items() if self._content(path) != file.content]
        for path in others:
            self._container.remove_path(path)
        for path in differing:
            file = files[path]
            self._container.push(path, file.content, permissions=file.mode, make_dirs=True)
        return bool(others) or not all(files[path].watched for path in differing)

    def _content(self, path: str) -> str | None:
        try:
            with self._container.pull(path) as file:
                return file.read()
        except ops.pebble.PathError:
            return None

    def _others(self) -> list[str]:
        directories = [path for path in self._managed_dirs if self._container.isdir(path)]
        listed = [item for path in directories for item in self._container.list_files(path)]
        return [item.path for item in listed if item.type is ops.pebble.FileType.FILE]

    def _check_health(self) -> None:
        name = self._container.name
        for service in self._container.get_services().values():
            if service.startup is ops.pebble.ServiceStartup.ENABLED and not service.is_running():
                reason = self._reason()
                raise Waiting(f"container {name}: service {service.name} is not running{reason}")
        for check in self._container.get_checks().values():
            if check.status is ops.pebble.CheckStatus.DOWN:
                raise Waiting(f"container {name}: check {check.name} fails{self._reason()}")

    def _reason(self) -> str:
        """Return the last line that the service has left, to append to a status."""
        text = (self._content(self._last_output) or "") if self._last_output else ""
        lines = text.strip().splitlines()
        return f": {lines[-1].strip()[:200]}" if lines else ""


def _file(given: str | File) -> File:
    return File(given) if isinstance(given, str) else given


def _standby() -> ops.pebble.Layer:
    """A check that fails: nothing listens on port 1, so the Service leaves the pod out.

    It may fail only after a minute. A rolling update goes on to the next pod once this one has
    been ready, and Juju's probe asks for the first time after half a minute.
    """
    check = {
        "override": "replace",
        "level": "ready",
        "startup": "enabled",
        "period": "10s",
        "threshold": 6,
        "tcp": {"port": 1},
    }
    return _pebble_layer({"checks": {_STANDBY_CHECK: check}})


def _pebble_layer(layer: Layer) -> ops.pebble.Layer:
    return ops.pebble.Layer(cast("ops.pebble.LayerDict", layer))


def _enabled_services(plan: ops.pebble.Plan | ops.pebble.Layer) -> set[str]:
    return {name for name, service in plan.services.items() if service.startup == "enabled"}


def _enabled_checks(plan: ops.pebble.Plan) -> set[str]:
    disabled = ops.pebble.CheckStartup.DISABLED
    return {name for name, check in plan.checks.items() if check.startup is not disabled}


def _others_off(layer: Layer, plan: ops.pebble.Plan) -> Layer:
    """What the plan has beyond the layer, switched off: nothing can be taken out of a plan.

    It is from a former layer, from the image, which may bring services of its own, or the check of
    a unit that stood by.
    """
    off = {"override": "merge", "startup": "disabled"}
    services = _enabled_services(plan) - set(layer["services"])
    checks = _enabled_checks(plan) - set(layer.get("checks", {}))
    return {"services": dict.fromkeys(services, off), "checks": dict.fromkeys(checks, off)}


def _in_plan(layer: Layer, plan: ops.pebble.Plan) -> bool:
    """Whether the plan has the services exactly so, the checks with what Pebble defaults.

    Nothing else may be switched on.
    """
    wanted = _pebble_layer(layer)
    exact = all(plan.services.get(name) == item for name, item in wanted.services.items())
    checks = _diff.is_subset(layer.get("checks", {}), plan.to_dict().get("checks", {}))
    return exact and checks and not any(_others_off(layer, plan).values())


def _with_digest(layer: Layer, files: Mapping[str, File]) -> Layer:
    """The layer with a digest of the files in the environment of each of its services."""
    unwatched = [(path, file) for path, file in sorted(files.items()) if not file.watched]
    if not unwatched:
        return layer
    text = "\0".join(f"{path}\0{file.content}" for path, file in unwatched)
    extra = {"environment": {FILES_ENVIRONMENT: hashlib.sha256(text.encode()).hexdigest()}}
    return _diff.deep_merge(layer, {"services": dict.fromkeys(layer["services"], extra)})


def _first_task(text: str) -> str:
    """What failed first; Pebble lists it below a heading."""
    lines = text.strip().splitlines()
    return "".join(lines[1:2] or lines[:1]).lstrip("- ")[:100]
