# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The cluster of a preview: in memory, a control plane of its own, or somebody's cluster."""

import contextlib
import pathlib
import signal
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

import httpx2
import kubefake
import lightkube
from jujusim import real, rights
from jujusim.cluster_backend import InMemory
from jujusim.real.send import within
from kubefake import wire

from .. import controlplane
from ..bundle import InputError
from .deployment import prepare
from .request import Request

ENVTEST = "envtest"
"""Stands for a control plane that is started for the preview and ends with it."""

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds for which a preview on a real cluster waits, see `Deployment.pauses`."""

NOT_BUILT = (
    "no Kubernetes control plane is built here: build one with `make controlplane`, or name a "
    "folder with etcd and kube-apiserver in KUBEBUILDER_ASSETS"
)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """A real cluster to run on.

    Attributes:
        kube: `envtest`, or a kubeconfig.
        consent: Whether objects outside the model's namespace may be made.
        keep: Whether what was made stays.
    """

    kube: str
    consent: bool = False
    keep: bool = False


@contextlib.contextmanager
def taken(target: Target, request: Request, progress: Progress) -> Generator[real.Server]:
    """Within this context the cluster is the preview's; then it is as it was before.

    Raises:
        InputError: The cluster cannot be used, what the request does there is not allowed, or
            something does not go away at the end.
    """
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(ended_in_order())
            if target.kube == ENVTEST:
                server = stack.enter_context(_envtest(target, request))
            else:
                server = stack.enter_context(_cluster(target, request, progress))
            yield server
    except (real.ClusterError, controlplane.ControlPlaneError) as error:
        raise InputError(str(error)) from error
    except (httpx2.TransportError, httpx2.HTTPStatusError, lightkube.ApiError) as error:
        raise InputError(f"the cluster does not do what Juju asks of it: {error}") from error


@contextlib.contextmanager
def _envtest(target: Target, request: Request) -> Generator[real.Server]:
    if target.keep:
        raise InputError("--keep needs a cluster that lasts: envtest ends with the preview")
    assets = controlplane.assets()
    if assets is None:
        raise InputError(NOT_BUILT)
    # Nobody else is there: the lease is not given back, its cluster goes as a whole.
    with (
        controlplane.ControlPlane.start(assets) as plane,
        contextlib.closing(real.connection(plane.kubeconfig)) as http,
        real.NamespaceLease(http, request.model, consent=True, own=True, keep=True) as server,
    ):
        yield server


@contextlib.contextmanager
def _cluster(target: Target, request: Request, progress: Progress) -> Generator[real.Server]:
    with contextlib.closing(real.connection(pathlib.Path(target.kube))) as http:
        footprint = footprint_of(request)
        if footprint.apps and not target.consent:
            raise InputError(_refusal(footprint, request))
        lease = real.NamespaceLease(http, request.model, consent=target.consent, keep=target.keep)
        conflicts = lease.conflicts(footprint.made if target.consent else ())
        if conflicts:
            names = ", ".join(str(key) for key in conflicts[:3])
            raise InputError(
                f"{len(conflicts)} objects that this bundle makes are there already and would be "
                f"changed: {names}: choose another cluster, or --kube {ENVTEST}"
            )
        with lease as server:
            try:
                yield server
            finally:
                progress(_closing_message(target, request))


def _closing_message(target: Target, request: Request) -> str:
    if target.keep:
        return f"The namespace {request.model} and what was made outside of it are kept"
    return f"Removing the namespace {request.model} and all that was made"


@dataclass(frozen=True)
class Footprint:
    """The footprint of a deployment outside its namespace.

    Attributes:
        apps: Applications whose charms read or write there.
        made: What is there afterwards: of charms, and the cluster roles that Juju gives them.
    """

    apps: tuple[str, ...]
    made: tuple[real.Key, ...]


def footprint_of(request: Request) -> Footprint:
    """Deploy in memory, and tell what was done outside the namespace.

    Raises:
        InputError: The request is wrong.
    """
    cluster = kubefake.Cluster(seed=request.seed, load_balancer=True, pods=True)
    before = set(_outside(cluster, request.model))
    prepare(request, InMemory(cluster)).settle()
    prefix = rights.account(request.model, "")
    outside = {
        entry.user.removeprefix(prefix)
        for entry in cluster.journal
        if entry.user.startswith(prefix) and entry.resource and not within(entry, request.model)
    }
    made = [key for key in _outside(cluster, request.model) if key not in before]
    return Footprint(tuple(sorted(outside)), tuple(sorted(made)))


def _outside(cluster: kubefake.Cluster, namespace: str) -> Iterable[real.Key]:
    for (group, plural), (where, name), stored in cluster.store.everything():
        version = str(stored.obj["apiVersion"]).rpartition("/")[2]
        target = wire.Target(group, version, plural, where, name, "")
        if not within(target, namespace):
            yield real.Key.of(target)


def _refusal(footprint: Footprint, request: Request) -> str:
    names = ", ".join(str(key) for key in footprint.made[:3])
    return (
        f"{', '.join(footprint.apps)}: these charms work outside the namespace {request.model}, "
        f"and {len(footprint.made)} objects would be made there ({names}, ...): allow it with "
        f"--yes, or use --kube {ENVTEST}"
    )


@contextlib.contextmanager
def ended_in_order() -> Generator[None]:
    """Let SIGTERM do what Ctrl-C does, so that what is open is closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    raise KeyboardInterrupt
