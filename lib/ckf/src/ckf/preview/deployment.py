# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A bundle in a model, from its files to a settled state."""

import dataclasses
import functools
import pathlib
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jujusim
import kubefake
import lightkube
from jujusim import versions
from jujusim.cluster_backend import ClusterBackend

from .. import bundle as bundles
from ..bundle import Application, Bundle, BundleError, InputError, Place, Problem, schema
from ..bundle.nodes import Node
from . import charms as replacements
from . import refresh
from .request import Request, remember

Watch = Callable[[jujusim.Model, jujusim.Record], None]
"""Called after each hook."""

# A model's name is a namespace's: https://documentation.ubuntu.com/juju/3.6/reference/model/
_MODEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_TAKEN = ("default", "kube-node-lease", "kube-public", "kube-system")


@dataclass
class Deployment:
    """One run of a request.

    Attributes:
        bundle: The bundle, with the request's options and scale.
        seconds: How long its hooks took.
        endless: Why it was stopped before it had settled; empty when it has.
        steps: The refreshes that follow when it has settled.
        refreshed: What those that are done have done.
        pauses: Seconds to wait before each update-status that what still waits is given: a real
            cluster takes time to do what charms wait for.
    """

    request: Request
    bundle: Bundle
    model: jujusim.Model
    seconds: float = 0.0
    endless: str = ""
    steps: Sequence[refresh.Step] = ()
    refreshed: list[refresh.Refreshed] = field(default_factory=list[refresh.Refreshed])
    pauses: tuple[float, ...] = ()

    def settle(self, watch: Watch | None = None, *, until: int = 0) -> None:
        """Run hooks until there is nothing to do, or until that one has run; then refresh.

        Raises:
            InputError: Juju would refuse a refresh.
        """
        self.model.trace = _Watched(self.model, watch, until)
        start = time.monotonic()
        try:
            self.model.settle()
            self._wait()
            for step in self.steps:
                self.refreshed.append(refresh.run(self.model, step))
                self._wait()
        except _Reached:
            return
        except jujusim.Livelock as error:
            self.endless = str(error)
        finally:
            self.seconds += time.monotonic() - start

    def _wait(self) -> None:
        for pause in self.pauses:
            if all(status.name != "waiting" for status in self.inactive.values()):
                break
            time.sleep(pause)
            self.model.update_status()
            self.model.settle()

    @property
    def inactive(self) -> dict[str, jujusim.Status]:
        """Applications and units that are not active, with the reason."""
        empty = {name for name, app in self.model.apps.items() if not app.units}
        return {
            name: jujusim.Status("unknown", "no units") if name in empty else status
            for name, status in self.model.status().inactive.items()
        }

    @property
    def failures(self) -> list[jujusim.Record]:
        """Hooks that failed although nothing had been made to go wrong in them."""
        return [record for record in self.model.trace.failures() if not record.injected]

    @property
    def good(self) -> bool:
        """Tell whether everything is active and no hook has failed by itself."""
        return not (self.inactive or self.failures or self.endless)


class _Reached(Exception):
    """The hook at which to stop has run."""


class _Watched(jujusim.Trace):
    """A trace that tells somebody about each record; the record is a hook's last act."""

    def __init__(self, model: jujusim.Model, watch: Watch | None, until: int):
        super().__init__(model.trace)
        self._tell = functools.partial(watch, model) if watch else None
        self._until = until

    def append(self, record: jujusim.Record) -> None:
        """Add a record."""
        super().append(record)
        if self._tell:
            self._tell(record)
        if len(self) == self._until:
            raise _Reached


def deploy(
    bundle: str | pathlib.Path = "bundle.yaml",
    *,
    overlays: Iterable[str | pathlib.Path] = (),
    charms: Mapping[str, str | pathlib.Path] | None = None,
    pythons: Mapping[str, str | pathlib.Path] | None = None,
    **chosen: Any,
) -> jujusim.Model:
    """Deploy a bundle in the simulator and let it settle; `Request` has all that can be chosen.

    Raises:
        InputError: One of them is wrong.
        juju.Livelock: Hooks keep causing hooks.
    """
    request = Request(
        pathlib.Path(bundle),
        tuple(map(pathlib.Path, overlays)),
        charms={app: pathlib.Path(path) for app, path in (charms or {}).items()},
        pythons={app: pathlib.Path(path) for app, path in (pythons or {}).items()},
        **chosen,
    )
    made = prepare(request).model
    made.settle()
    return made


def prepare(
    request: Request, backend: ClusterBackend | None = None, granted: jujusim.Granted | None = None
) -> Deployment:
    """Make the model of a request; no hook has run.

    It runs on Kubernetes in memory unless a backend is given; `granted` are rights of the
    applications' accounts, instead of those that Juju gives.

    Raises:
        InputError: The request, its bundle or a charm is wrong.
    """
    _check_name(request.model)
    bundle = _chosen(bundles.load(request.bundle, request.overlays), request)
    bundle, given = replacements.replaced(bundle, request)
    loaded = bundles.load_charms(bundle, given)
    problems = bundles.check(bundle, loaded)
    if problems:
        raise BundleError(problems)
    if request.faults not in range(4):
        raise InputError(f"there are fault levels 0 to 3, not {request.faults}")
    _check_version(request.juju)
    steps = refresh.steps(bundle, request)
    others = [*loaded.values(), *(step.charm for step in steps)]
    try:
        model = jujusim.Model(
            request.model,
            seed=request.seed,
            cluster=backend or kubefake.Cluster(seed=request.seed, load_balancer=True, pods=True),
            faults=request.faults,
            granted=granted,
            juju_version=request.juju,
            real_time=any(charm.runner for charm in others),
        )
        model.image_repo = request.image_repo
        fill(model, bundle, loaded, request.files)
    except (jujusim.JujuError, lightkube.ApiError) as error:
        raise InputError(f"this cannot be deployed: {error}") from error
    except OSError as error:
        raise InputError(f"there is no room for the containers' files: {error}") from error
    remember(model, request)
    return Deployment(request, bundle, model, steps=steps)


def _check_version(version: str) -> None:
    try:
        versions.parse(version)
    except ValueError as error:
        raise InputError(f"--juju: {error}") from error


def fill(
    model: jujusim.Model,
    bundle: Bundle,
    loaded: bundles.Charms,
    files: Mapping[str, pathlib.Path] | None = None,
) -> None:
    """Deploy the applications of a bundle in a model, give them files, and relate them.

    Raises:
        jujusim.JujuError: Juju would refuse one of them, or a folder of files is not there.
    """
    for app in bundle.applications.values():
        model.deploy(
            loaded[app.name],
            app.name,
            units=app.scale,
            config=app.options,
            trust=app.trust,
            storage=app.sizes,
            channel=app.channel,
            resources={} if app.replaced else app.images,
            constraints=app.constraints,
            pools=app.pools,
        )
    for name, folder in (files or {}).items():
        app, _, container = name.partition("/")
        if not folder.is_dir():
            raise jujusim.JujuError(f"there is no directory {folder} with the files of {name}")
        model.provide_files(app, container, folder)
    for relation in bundle.relations:
        model.integrate(*relation.ends)


def _check_name(name: str) -> None:
    if not _MODEL.fullmatch(name):
        raise InputError(
            f'"{name}" is no name for a model: lowercase letters, digits and hyphens, at most 63'
        )
    if name in _TAKEN:
        raise InputError(f'a model cannot be called "{name}": Kubernetes has that namespace')


def _chosen(bundle: Bundle, request: Request) -> Bundle:
    """Return the bundle with the request's options and scale."""
    apps = dict(bundle.applications)
    for name, values in request.config.items():
        apps[name] = _configured(bundle.require(name, "--config"), values)
    for name, count in request.scale.items():
        bundle.require(name, "--scale")
        if not 0 <= count <= schema.MOST_UNITS:
            message = f'application "{name}" cannot have {count} units{schema.limit(count)}'
            raise BundleError([Problem(Place("--scale"), message)])
        apps[name] = dataclasses.replace(apps[name], scale=count)
    return dataclasses.replace(bundle, applications=apps)


def _configured(app: Application, values: Mapping[str, Any]) -> Application:
    nodes = {key: Node(value, Place("--config")) for key, value in values.items()}
    options = Node({**app.node.get("options").entries, **nodes}, app.where("options"))
    node = Node({**app.node.entries, "options": options}, app.place)
    return dataclasses.replace(app, options={**app.options, **values}, node=node)
