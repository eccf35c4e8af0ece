# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What the Knative operator does, as far as charms see it, where none runs.

It installs little of what the real one does, but in the same order and with the same limits: a
component's version is said as soon as it has been applied, whether its Deployments are available
or not; a job's image can't be changed; and what is installed is taken down, all but definitions,
before the resource that asks for it goes. It writes with the account of its application, so that
Juju labels what it writes.

Source: knative.dev/operator, release 1.15: pkg/reconciler/knativeserving/knativeserving.go and, in
pkg/reconciler/common, install.go, releases.go, job.go and deployments.go; cmd/operator/kodata; and
knative.dev/pkg, webhook/resourcesemantics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jujusim
import kubefake
from jujusim.rights import account
from kubefake import knative

from . import deployment
from .left_behind import published

MANAGER = "knative-operator"
ADMISSION = "admissionregistration.k8s.io/v1"
WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")

USERS = {
    "serving": ("services.serving.knative.dev", "Service", ("v1",)),
    "eventing": ("pingsources.sources.knative.dev", "PingSource", ("v1", "v1beta2")),
}
"""A kind of users' objects of each component; what has two versions is converted by a webhook."""

Object = dict[str, Any]


class Operator:
    """The operator of a model.

    Args:
        model: The model.
        runs: Returns whether the operator runs; by default, whether the charm runs it.

    Attributes:
        asked: The versions that each component was asked for, one after the other.
        late: Components whose Deployments are not available.
        stuck: Components whose jobs do not end, since nobody can pull their image.
        working: Components whose jobs have not ended yet.
    """

    def __init__(self, model: jujusim.Model, runs: Callable[[], bool] | None = None) -> None:
        self.model = model
        self.cluster = deployment.cluster(model)
        self.cluster.knative_operator = False
        self.asked: dict[str, list[str]] = {"serving": [], "eventing": []}
        self.late: set[str] = set()
        self.stuck: set[str] = set()
        self.working: set[str] = set()
        self.runs = runs or self._is_run
        self._user = account(model.name, MANAGER)

    def work(self) -> None:
        """Do all that there is to do."""
        for resource in self.resources() if self.runs() else ():
            if "deletionTimestamp" in resource["metadata"]:
                self._finish(resource)
            else:
                self._reconcile(resource)

    def drain(self) -> None:
        """Run every hook that is due, and work after each."""
        self.work()
        while self.model.step():
            self.work()

    def pass_by(self) -> None:
        """Let Juju's next update-status come."""
        self.work()
        self.model.update_status()
        self.drain()

    def resources(self) -> Iterator[Object]:
        """What it is asked for."""
        for obj in list(deployment.objects(self.model).values()):
            if obj["kind"] in ("KnativeServing", "KnativeEventing"):
                yield obj

    def _is_run(self) -> bool:
        units = [unit for unit in self.model.units.values() if unit.app.name == MANAGER]
        return any(unit.containers[MANAGER].services().get(MANAGER) for unit in units)

    def _reconcile(self, resource: Object) -> None:
        component = resource["kind"].removeprefix("Knative").lower()
        self._hold(resource)
        version = str(resource["spec"]["version"])
        if self.asked[component][-1:] != [version]:
            self.asked[component].append(version)
        installed, target = _installed_version(resource), knative.version(resource)
        if not _is_eligible(installed, target):
            what = "not supported to upgrade or downgrade across multiple MINOR versions"
            self._say(resource, {"version": installed}, VersionMigrationEligible=what)
            return
        problem = self._install(component, target, resource["spec"]["registry"]["override"])
        if problem:
            self._say(resource, {"version": installed}, InstallSucceeded=problem)
        elif component in self.late:
            waiting = "Waiting on deployments: activator"
            self._say(resource, {"version": target}, DeploymentsAvailable=waiting)
        else:
            self._say(resource, {"version": target})

    def _install(self, component: str, version: str, images: Mapping[str, str]) -> str:
        """Apply what a component is; return what stands in the way."""
        namespace = deployment.objects(self.model)[f"Namespace//knative-{component}"]
        for obj in _installed(component, namespace["metadata"]["uid"]):
            self._write(obj)
        return self._migrate(component, version, images.get("migrate", "migrate:own"))

    def _migrate(self, component: str, version: str, image: str) -> str:
        namespace = f"knative-{component}"
        name = f"storage-version-migration-{component}-{component}-{version}"
        live = deployment.objects(self.model).get(f"Job/{namespace}/{name}")
        if live and live["spec"]["template"]["spec"]["containers"][0]["image"] != image:
            return f'Job.batch "{name}" is invalid: spec.template: field is immutable'
        if not live:
            self._write(_job(component, name, image))
        if component not in self.stuck:
            self._tell_of_job(namespace, name, running=component in self.working)
        return ""

    def _tell_of_job(self, namespace: str, name: str, *, running: bool) -> None:
        ended = [{"type": "Complete", "status": "True"}]
        status = {"ready": 1} if running else {"ready": None, "conditions": ended}
        path = f"/apis/batch/v1/namespaces/{namespace}/jobs/{name}/status"
        self._patch(path, {"status": status})

    def _finish(self, resource: Object) -> None:
        """Take down what is installed, all but definitions, and let the resource go."""
        component = resource["kind"].removeprefix("Knative").lower()
        for obj in list(deployment.objects(self.model).values()):
            labels = obj["metadata"].get("labels", {})
            is_of_it = labels.get("app.kubernetes.io/name") == f"knative-{component}"
            if is_of_it and obj["kind"] in ("ConfigMap", "Job", *WEBHOOKS):
                self._request("DELETE", published.path_of(self.cluster, obj, named=True), "", None)
        self._patch(self._path(resource), {"metadata": {"finalizers": None}})

    def _hold(self, resource: Object) -> None:
        plural = f"{resource['kind'].lower()}s"
        finalizers = [f"{plural}.operator.knative.dev"]
        if resource["metadata"].get("finalizers") != finalizers:
            self._patch(self._path(resource), {"metadata": {"finalizers": finalizers}})

    def _say(self, resource: Object, status: Object, **problems: str) -> None:
        names = ("DependenciesInstalled", "DeploymentsAvailable", "InstallSucceeded")
        conditions = [{"type": name, "status": "True"} for name in names if name not in problems]
        conditions += [
            {"type": name, "status": "False", "message": text} for name, text in problems.items()
        ]
        conditions.append({"type": "Ready", "status": "False" if problems else "True"})
        generation = resource["metadata"]["generation"]
        said = {**status, "conditions": conditions, "observedGeneration": generation}
        if resource.get("status") != said:
            self._patch(f"{self._path(resource)}/status", {"status": said})

    def _path(self, resource: Object) -> str:
        return published.path_of(self.cluster, resource, named=True)

    def _write(self, obj: Object) -> None:
        published.write(self.cluster, obj, MANAGER, "apply", self._user)

    def _patch(self, path: str, change: Object) -> None:
        self._request("PATCH", path, "application/merge-patch+json", change)

    def _request(self, verb: str, path: str, media: str, body: Object | None) -> None:
        headers = {"content-type": media} if media else {}
        query = {"fieldManager": MANAGER}
        request = kubefake.Request(verb, path, query, headers, body, self._user)
        answer = self.cluster.request(request)
        assert answer.status in (200, 202), answer.body


def _installed_version(resource: Object) -> str:
    return resource.get("status", {}).get("version", "")


def _is_eligible(installed: str, target: str) -> bool:
    if not installed:
        return True
    one, other = (int(version.split(".")[1]) for version in (installed, target))
    return abs(one - other) <= 1


def _installed(component: str, namespace: str) -> Iterator[Object]:
    """What a component is; its webhooks give theirs to its Namespace, which has this uid."""
    labels = {"app.kubernetes.io/name": f"knative-{component}"}
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": f"knative-{component}"}
    yield {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "config-features",
            "namespace": f"knative-{component}",
            "labels": labels,
        },
    }
    for kind in WEBHOOKS:
        name, owners = f"webhook.{component}.knative.dev", [{**owner, "uid": namespace}]
        metadata = {"name": name, "labels": labels, "ownerReferences": owners}
        yield {"apiVersion": ADMISSION, "kind": kind, "metadata": metadata, "webhooks": []}
    yield _definition(component, labels)


def _definition(component: str, labels: Mapping[str, str]) -> Object:
    name, kind, versions = USERS[component]
    short = {"definition": name, "kind": kind, "scope": "Namespaced", "versions": versions}
    made = published.definition({**short, "labels": labels})
    if len(versions) > 1:
        service = {"name": f"{component}-webhook", "namespace": f"knative-{component}"}
        webhook = {"conversionReviewVersions": ["v1"], "clientConfig": {"service": service}}
        made["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
    return made


def _job(component: str, name: str, image: str) -> Object:
    namespace = f"knative-{component}"
    labels = {"app.kubernetes.io/name": namespace}
    pod = {"restartPolicy": "Never", "containers": [{"name": "migrate", "image": image}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"template": {"spec": pod}},
    }
