# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The bundle on a real API server, and what tests look at there."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import jujusim
import kubefake
import pytest
from ckf import controlplane, preview
from ckf.preview import target
from ckf.rbac import lists
from jujusim import real
from jujusim.rights import CONTROLLER

ABSENT = "no control plane is built here; get one with: make controlplane"
TIMEOUT = 120.0
APP, MODEL = "charmed-kubeflow.io/app", "charmed-kubeflow.io/model"

REPORTED = (
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "StatefulSet",
)
"""Kinds whose status a controller goes on writing."""

GRANTED = lists.granted(lists.read(lists.DIRECTORY))
"""The recorded rights, which charms have here instead of trust."""

Object = dict[str, Any]
Value = TypeVar("Value")


@dataclass
class Cluster:
    """A control plane with an administrator's connection."""

    plane: controlplane.ControlPlane
    http: httpx2.Client

    @contextlib.contextmanager
    def deployed(
        self,
        scale: int = 1,
        *,
        model: str = "kubeflow",
        granted: jujusim.Granted | None = None,
        **choices: Any,
    ) -> Iterator[Run]:
        """The bundle, settled; it ends with the control plane and is not removed."""
        request = preview.Request(model=model, **choices)
        apps = preview.prepare(request).model.apps
        request = preview.Request(model=model, scale=dict.fromkeys(apps, scale), **choices)
        with real.NamespaceLease(self.http, model, consent=True, own=True, keep=True) as server:
            deployment = preview.prepare(request, server, granted)
            deployment.pauses = target.PAUSES
            deployment.settle()
            yield Run(server, deployment)

    def get(self, path: str) -> Object:
        return self.http.get(path).raise_for_status().json()

    def items(self, path: str) -> list[Object]:
        return self.get(path)["items"]

    def create(self, path: str, obj: Object) -> Object:
        return self.http.post(path, json=obj).raise_for_status().json()

    def merge(self, path: str, patch: Object) -> Object:
        headers = {"content-type": "application/merge-patch+json"}
        return self.http.patch(path, json=patch, headers=headers).raise_for_status().json()


@dataclass
class Run:
    """A deployment on a server."""

    server: real.Server
    deployment: preview.Deployment

    @property
    def model(self) -> jujusim.Model:
        return self.deployment.model

    def objects(self) -> dict[str, Object]:
        """Every object of the deployment by its path."""
        return {key.path: obj for key, obj in self.server.everything()}

    def versions(self) -> dict[str, str]:
        """The version of every object, once controllers have done what they had to do."""
        while True:
            before = self._versions()
            time.sleep(1)
            if self._versions() == before:
                return before

    def _versions(self) -> dict[str, str]:
        return {
            path: obj["metadata"]["resourceVersion"]
            for path, obj in self.objects().items()
            if not (is_controllers(obj) or obj["kind"] in REPORTED)
        }

    def written(self, since: int) -> list[str]:
        """What charms have changed since a position in the journal."""
        return [
            f"{entry.user} {entry.verb} {entry.resource} {entry.name}"
            for entry in self.server.journal[since:]
            if entry.changed and entry.user != CONTROLLER
        ]

    def assert_well(self) -> None:
        failed = [record for record in self.model.trace if record.failed and not record.injected]
        assert not failed, f"{failed[0]}\n{failed[0].traceback}"
        assert not self.deployment.inactive

    def pass_by(self) -> None:
        """Let every unit run update-status."""
        self.model.update_status()
        self.model.settle()

    def elect_others(self) -> None:
        """Let another unit of each application lead."""
        for app in self.model.apps.values():
            other = next(unit for unit in app.units.values() if not unit.is_leader)
            self.model.elect(app.name, other.name)
        self.model.settle()


@contextlib.contextmanager
def started(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A control plane of its own, or a skipped test where none is built."""
    assets = controlplane.assets()
    if assets is None:
        if os.environ.get("KUBE_TESTS") == "required":
            pytest.fail(ABSENT, pytrace=False)
        pytest.skip(ABSENT)
    failed = request.session.testsfailed
    with controlplane.ControlPlane.start(assets) as plane:
        if "kube-controller-manager" not in plane.programs:
            pytest.skip("this control plane has no kube-controller-manager")
        with contextlib.closing(real.connection(plane.kubeconfig)) as http:
            yield Cluster(plane, http)
        if request.session.testsfailed > failed:
            print(plane.log(5))


def forbidden(journal: Iterable[kubefake.Entry]) -> list[str]:
    """What charms may not do and have tried."""
    return [
        f"{entry.user} cannot {entry.verb} {entry.resource} {entry.name}"
        for entry in journal
        if entry.status == 403
    ]


def is_controllers(obj: Object) -> bool:
    """Whether a controller has made an object, as deployments make pods."""
    return any(owner.get("controller") for owner in obj["metadata"].get("ownerReferences", ()))


def eventually(ask: Callable[[], Value]) -> Value:
    """Return the first true answer."""
    deadline = time.monotonic() + TIMEOUT
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {TIMEOUT} s"
        time.sleep(0.05)
    return answer
