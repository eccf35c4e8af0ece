# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A component of Knative, which the Knative operator installs: asked for, and shown as it is.

The operator's resource says which version is wanted and with which images; its status says which
is installed, and what is not ready. Both components are alike but for what the resource holds.

Source: knative.dev/operator, release 1.16, pkg/apis/operator/v1beta1 and pkg/reconciler.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ops

from . import knative_release, kube
from ._adoption import Legacy
from ._manifests import APPLIED_ANNOTATION, KEPT_PATCH, Manifests
from ._status import Blocked, NotReady, Waiting
from ._templates import Context
from .knative_release import Images, Step

API = "operator.knative.dev/v1beta1"
SERVING = kube.Kind(API, "KnativeServing", namespaced=True)
EVENTING = kube.Kind(API, "KnativeEventing", namespaced=True)

COMPONENT_LABEL = "app.kubernetes.io/name"
"""By which everything is known that the operator installs for a component."""

INTERVAL, ATTEMPTS = 2.0, 60
"""Seconds between two looks at whether something is gone, and how often it is looked."""

_JOB = kube.Kind("batch/v1", "Job", namespaced=True)
_DEFINITION = kube.Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition", namespaced=False)
_ADMISSION = "admissionregistration.k8s.io/v1"
_WEBHOOKS = (
    kube.Kind(_ADMISSION, "MutatingWebhookConfiguration", namespaced=False),
    kube.Kind(_ADMISSION, "ValidatingWebhookConfiguration", namespaced=False),
)


@dataclasses.dataclass(frozen=True)
class Release:
    """What of a component is wanted.

    Args:
        version: the version that is to be installed at last.
        custom: images that replace those of the version.
        steps: images that replace those of releases on the way there.
    """

    version: str
    custom: Images = dataclasses.field(default_factory=dict[str, str])
    steps: Mapping[str, Images] = dataclasses.field(default_factory=dict[str, Images])


class KnativeComponent(Manifests):
    """The resource by which the operator is asked for a component, and what goes with it.

    Templates have the variable `spec`, that of the resource. The charm's own images, by release,
    are in `src/<namespace>_images.json`, with underscores.

    Args:
        charm: the charm.
        kind: `SERVING` or `EVENTING`.
        namespace: the component's namespace, and its name.
        release: returns the release that is wanted.
        spec: returns the resource's spec for a version and its images.
        context: returns further variables.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        kind: kube.Kind,
        namespace: str,
        *,
        release: Callable[[], Release],
        spec: Callable[[str, Images], Mapping[str, Any]],
        context: Callable[[], Context] = dict,
    ) -> None:
        legacy = Legacy(managers=("{model}",))
        super().__init__(charm, context=self._variables, legacy=legacy)
        self._kind = kind
        self._component = namespace
        self._release = release
        self._spec = spec
        self._more = context

    @functools.cached_property
    def _known(self) -> Mapping[str, Images]:
        """The charm's own images, by release."""
        name = f"{self._component.replace('-', '_')}_images.json"
        return json.loads((pathlib.Path(self.charm.charm_dir) / "src" / name).read_text())

    @functools.cached_property
    def step(self) -> Step:
        """What is asked of the operator now.

        Raises:
            Blocked: if there is no way from what is installed to what is wanted.
        """
        wanted, installed = self._release(), self._installed
        try:
            return knative_release.step(
                installed, wanted.version, self._known, is_settling=self._is_settling(installed)
            )
        except ValueError as error:
            raise Blocked(f"option version: {error}") from error

    @property
    def images(self) -> dict[str, str]:
        """The images of what is asked for now."""
        wanted = self._release()
        return knative_release.overrides(
            self._known, wanted.version, self.step, wanted.custom, wanted.steps
        )

    def is_ready(self) -> bool:
        """Whether what is wanted is installed and ready."""
        try:
            self.status()
        except NotReady:
            return False
        return True

    def reconcile(self) -> None:
        """Ask for the component; a job of another image makes room for the new one."""
        if self.charm.unit.is_leader():
            for job in self._outdated_jobs():
                self._kube.delete(_JOB, job["metadata"]["name"], self._component)
        super().reconcile()

    def status(self) -> ops.StatusBase:
        """Active once all that is wanted is ready; else what the operator says."""
        problem = _problem(self._current(), self._component)
        progress = self.step.progress
        if progress:
            detail = f": {problem.message}" if problem else ""
            raise Waiting(f"{progress}{detail}")
        if problem:
            raise problem
        return ops.ActiveStatus()

    def remove(self) -> None:
        """Let the operator take the component down; what it does not take down goes unasked."""
        super().remove()
        finish(self._kube, self._kind, self._component)

    def _variables(self) -> Context:
        return {"spec": self._spec(self.step.version, self.images), **self._more()}

    @functools.cached_property
    def _live(self) -> kube.Object | None:
        """The resource as it was before this hook, also if a published charm has applied it."""
        return self._kube.get(self._kind, self.charm.app.name, self._component)

    @property
    def _installed(self) -> str:
        status: dict[str, Any] = (self._live or {}).get("status", {})
        return status.get("version", "")

    def _is_settling(self, installed: str) -> bool:
        """Whether a release on the way is installed, and not ready; it is asked for by its name.

        What has a patch number was wanted: if it does not get ready, the next one may be the cure.
        """
        live = self._live
        if live is None or not installed or live["spec"].get("version") != _release_of(installed):
            return False
        return _problem(live, self._component) is not None

    def _current(self) -> kube.Object | None:
        """The resource, read again only if this hook has changed it."""
        live = self._live
        wanted = next(obj for obj in self.wanted() if obj["kind"] == self._kind.name)
        if live and _digest(live) == _digest(wanted):
            return live
        return self._kube.get(self._kind, self.charm.app.name, self._component)

    def _outdated_jobs(self) -> Iterable[kube.Object]:
        """The jobs of what is asked for, with another image than theirs is now; none that runs.

        Kubernetes does not let a job's image be changed, and the operator tries to for ever. One
        whose image nobody can pull never ends: it has to make room too.
        """
        images, asked = self.images, self.step.release
        for job in self._kube.list(_JOB, {COMPONENT_LABEL: self._component}, self._component):
            version = job["metadata"]["name"].rpartition("-")[2]
            if _release_of(version) == asked and _is_idle(job) and _images_differ(job, images):
                yield job


def finish(api: kube.Kube, kind: kube.Kind, component: str) -> None:
    """Wait until a component's resources are gone, and clear away what would stand in the way.

    The operator takes down what it has installed before it lets the resource go. If it does not,
    because it has been removed before, the resource goes without it, and what is in the
    component's namespace with its owner. Its webhooks would refuse all that users do from then on,
    and its definitions could not be read in all their versions: those are seen to here.

    Args:
        api: the Kubernetes API.
        kind: the resource's kind.
        component: the component's name, which everything of it is labelled with.
    """
    for _ in range(ATTEMPTS):
        if not _ending(api, kind):
            break
        time.sleep(INTERVAL)
    for obj in _ending(api, kind):
        metadata = obj["metadata"]
        patch = {"metadata": {"finalizers": None}}
        api.merge(kind, metadata["name"], patch, metadata["namespace"])
    if api.list(kind, {}):
        return  # another application's: what is there is still in use
    for webhooks in _WEBHOOKS:
        for obj in api.list(webhooks, {COMPONENT_LABEL: component}):
            api.delete(webhooks, obj["metadata"]["name"])
    stop_conversion(api, {COMPONENT_LABEL: component})


def stop_conversion(api: kube.Kube, labels: Mapping[str, str]) -> None:
    """Let definitions be read in each of their versions without a webhook that converts them.

    Juju labels what a charm changes, and would delete them with the application: that is kept off.

    Args:
        api: the Kubernetes API.
        labels: what the definitions have.
    """
    patch = {"spec": {"conversion": {"strategy": "None", "webhook": None}}, **KEPT_PATCH}
    for definition in api.list(_DEFINITION, labels):
        conversion = definition["spec"].get("conversion", {})
        if conversion.get("strategy") == "Webhook":
            api.merge(_DEFINITION, definition["metadata"]["name"], patch)


def _ending(api: kube.Kube, kind: kube.Kind) -> list[kube.Object]:
    return [obj for obj in api.list(kind, {}) if "deletionTimestamp" in obj["metadata"]]


def _problem(obj: kube.Object | None, component: str) -> NotReady | None:
    """What the operator says is not ready, or None."""
    status: dict[str, Any] = (obj or {}).get("status", {})
    conditions = {item["type"]: item for item in status.get("conditions", [])}
    if obj is None or "Ready" not in conditions:
        return Waiting(f"waiting for the Knative operator to install {component}")
    generation = obj["metadata"].get("generation", 0)
    if status.get("observedGeneration", generation) < generation:
        return Waiting(f"waiting for the Knative operator to change {component}")
    if _is_false(conditions, "VersionMigrationEligible"):
        return Blocked(f"option version: {_message(conditions['VersionMigrationEligible'])}")
    for name in ("DependenciesInstalled", "InstallSucceeded", "DeploymentsAvailable", "Ready"):
        if _is_false(conditions, name):
            return Waiting(f"{component}: {_message(conditions[name])}")
    ready = conditions["Ready"]["status"] == "True"
    return None if ready else Waiting(f"waiting for {component} to be ready")


def _is_false(conditions: Mapping[str, Any], name: str) -> bool:
    return conditions.get(name, {}).get("status") == "False"


def _message(condition: Mapping[str, Any]) -> str:
    return condition.get("message") or condition.get("reason") or condition["type"]


def _digest(obj: kube.Object) -> str:
    return obj["metadata"].get("annotations", {}).get(APPLIED_ANNOTATION, "")


def _release_of(version: str) -> str:
    """The release of a version, or nothing for what is none."""
    try:
        return knative_release.release(version)
    except ValueError:
        return ""


def _is_idle(job: kube.Object) -> bool:
    """Whether no container of a job runs: its pods count as ready while theirs do."""
    return not job.get("status", {}).get("ready")


def _images_differ(job: kube.Object, images: Images) -> bool:
    containers = job["spec"]["template"]["spec"]["containers"]
    return any(images.get(item["name"], item["image"]) != item["image"] for item in containers)
