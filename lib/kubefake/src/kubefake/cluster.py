# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The API server: one request in, one response out."""

import functools
import json
import random
from collections.abc import Callable
from pathlib import Path

from . import (
    access,
    controller_writes,
    controllers,
    deletes,
    errors,
    kubelet,
    patches,
    projection,
    rbac,
    reads,
    replicas,
    routing,
    writes,
)
from .defaults import RBAC
from .state import Entry, State
from .store import Store, Stored
from .values import Object
from .wire import Call, Request, Response, Target, fail, target

_BOOTSTRAP = Path(__file__).with_name("bootstrap.json")
"""The roles and bindings that every cluster has, as far as charms refer to them."""


class Cluster(State):
    """A Kubernetes API in memory; see `State` for its arguments and attributes."""

    def initial(self) -> Store:
        """Return the namespaces, roles and bindings that every cluster has."""
        return _bootstrapped(self.release).copy()

    def copy(self) -> "Cluster":
        """Return an independent cluster in the same state; it costs no copy of any object."""
        new = Cluster.__new__(Cluster)
        new.__dict__.update(self.__dict__)
        new.random = random.Random()  # noqa: S311  reproducible, protects nothing
        new.random.setstate(self.random.getstate())
        new.journal = list(self.journal)
        new.mutators = list(self.mutators)
        new.failing = dict(self.failing)
        new.store = self.store.copy()
        new.waiting = dict(self.waiting)
        if isinstance(self.authorize, rbac.Authorizer):
            new.authorize = rbac.Authorizer(new)
        return new

    def advance(self) -> bool:
        """Let one request's worth of time pass: definitions that wait come closer to being served.

        Returns:
            Whether anything is still going to happen without a further request.
        """
        before = self.store.revision
        for key, left in list(self.waiting.items()):
            self.waiting[key] = left - 1
            if left <= 1:
                del self.waiting[key]
                controllers.establish(self, key)
        return bool(self.waiting) or self.store.revision != before

    def fail_pods(self, namespace: str, workload: str, reason: str, message: str = "") -> None:
        """Let the pods of a Deployment or StatefulSet fail until `heal_pods`.

        Their containers wait, with a reason such as those in `kubelet`, and a message (by default
        the kubelet's own).
        """
        self.failing[namespace, workload] = kubelet.Failure(reason, message)
        self._sync_pods(namespace)

    def heal_pods(self, namespace: str, workload: str) -> None:
        """Let the pods of a Deployment or StatefulSet run again."""
        self.failing.pop((namespace, workload), None)
        self._sync_pods(namespace)

    def _sync_pods(self, namespace: str) -> None:
        before = self.store.revision
        replicas.sync(self, namespace)
        controllers.settle(self, before)

    def request(self, request: Request) -> Response:
        """Answer one request; raises only exceptions that `faults` returned."""
        self.advance()
        before = self.store.revision
        call: Call | None = None
        response = Response(0)
        try:
            fault = self.faults(request) if self.faults else None
            if isinstance(fault, Exception):
                raise fault
            if fault is not None:
                response = fault
            else:
                call = routing.understand(self, request)
                response = self._answer(request, call)
        except errors.ApiError as error:
            response = fail(error)
        finally:
            changed = self.store.revision != before
            controllers.settle(self, before)
            self._note(request, call, response.status, changed)
        for text in call.warnings if call else ():
            response.headers.append(("warning", f"299 - {json.dumps(text)}"))
        return response

    def _note(self, request: Request, call: Call | None, status: int, changed: bool) -> None:
        named = target(request.path) or Target()
        resource = f"{named.plural}/{named.subresource}".rstrip("/")
        verb = call.verb if call else routing.attempted_verb(request)
        name = call.name if call else named.name
        where = (verb, named.group, resource, named.namespace, name)
        self.journal.append(Entry(request.user, *where, status, changed, request.path))

    def _answer(self, request: Request, call: Call | None) -> Response:
        if call is None:
            return routing.other(self, request)
        access.allow(self, call, call.verb)
        if call.verb not in {"get", "list", "watch"}:
            call.check_options()
        if call.verb == "watch":
            return projection.project(call, reads.watch(self, call, request.idle or self.advance))
        return projection.project(call, _HANDLERS[call.verb](self, call))

    def create(self, obj: Object, user: str = "admin") -> Object:
        """Create an object through the API, and return it.

        Raises:
            ApiError: As the request is refused.
        """
        kind = (obj["apiVersion"], obj["kind"])
        found = [
            each for each in self.resources().values() if (each.api_version, each.kind) == kind
        ]
        if not found:
            raise errors.no_such_resource()
        resource = found[0]
        base = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
        if resource.namespaced:
            base += f"/namespaces/{obj['metadata']['namespace']}"
        response = self.request(Request("POST", f"{base}/{resource.plural}", body=obj, user=user))
        answer = response.json()
        if response.status >= 400:
            reason, message = answer.get("reason", ""), answer.get("message", "")
            raise errors.ApiError(answer["code"], reason, message, answer.get("details"))
        return answer

    def install(self, group: str, plural: str, obj: Object) -> Stored:
        """Store a new object of a built-in resource as a controller would.

        Raises:
            ApiError: 422 when it is invalid.
        """
        return controller_writes.install(self, group, plural, obj)


_HANDLERS: dict[str, Callable[[State, Call], Response]] = {
    "create": writes.create,
    "delete": deletes.delete,
    "deletecollection": deletes.delete_collection,
    "get": reads.get,
    "list": reads.list_objects,
    "patch": patches.patched,
    "update": writes.update,
}


@functools.lru_cache
def _bootstrapped(release: str) -> Store:
    """Return what every cluster starts with: namespaces, and default roles and bindings."""
    cluster = Cluster(release=release, store=Store())
    for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
        controller_writes.install(cluster, "", "namespaces", {"metadata": {"name": name}})
    for obj in json.loads(_BOOTSTRAP.read_bytes()):
        controller_writes.install(cluster, RBAC, f"{obj['kind'].lower()}s", obj)
    controllers.settle(cluster, 1)
    return cluster.store
