# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Kubernetes that a model runs on: who calls it, and what each hook changed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import kubefake
from kubefake import wire

from .admission import Webhook

if TYPE_CHECKING:
    from kubefake.transport import AnyTransport


class ClusterBackend:
    """A Kubernetes API as a model needs it; `InMemory` is one, a real server may be another.

    Attributes:
        journal: Every request of Juju and of the charms.
    """

    journal: list[kubefake.Entry]

    def position(self) -> int:
        """Return where the journal ends now."""
        return len(self.journal)

    def writes(self, since: int, user: str) -> list[Mapping[str, Any]]:
        """Return what ``user`` has changed since: verb, resource, namespace and name."""
        mine = (entry for entry in self.journal[since:] if entry.user == user)
        return [described(entry) for entry in mine if entry.changed]

    def connected(self, user: str, namespace: str) -> contextlib.AbstractContextManager[Any]:
        """Within it, every lightkube client that is made talks to this API as ``user``."""
        raise NotImplementedError

    def transport(self, user: str) -> AnyTransport:
        """Return what carries the requests of ``user`` to this API."""
        raise NotImplementedError

    def restrict(self, decide: Callable[[str, kubefake.Attributes], bool]) -> None:
        """Ask ``decide`` about every request, unless the API has an authorizer of its own."""
        raise NotImplementedError

    def admit(self, webhook: Webhook) -> None:
        """Let a model's webhook label what its applications' accounts write."""
        raise NotImplementedError

    def workloads(self) -> list[str]:
        """The Deployments and StatefulSets in the model's namespace that have pods."""
        raise NotImplementedError

    def has_deployment(self, name: str) -> bool:
        """Tell whether there is a Deployment in the model's namespace."""
        raise NotImplementedError

    def run_pods(self) -> None:
        """Let pods run that could not before: what they waited for may be there."""
        raise NotImplementedError

    def fail_pods(self, workload: str, reason: str, message: str = "") -> None:
        """Let the pods of a Deployment or StatefulSet in the model's namespace fail."""
        raise NotImplementedError

    def heal_pods(self, workload: str) -> None:
        """Let them run again."""
        raise NotImplementedError

    def delay_definitions(self, requests: int) -> None:
        """Let a custom resource be served only so many requests after its definition."""
        raise NotImplementedError

    def interrupt(self, fault: Callable[[str, str], int | Exception | None]) -> None:
        """Let ``fault(user, method)`` decide before each request what goes wrong with it.

        It returns None for nothing, an HTTP status, or an exception to raise in the caller.
        """
        raise NotImplementedError


class InMemory(ClusterBackend):
    """The in-memory API server."""

    def __init__(self, cluster: kubefake.Cluster):
        self.cluster = cluster
        self.journal = cluster.journal
        self.namespace = ""

    def connected(self, user: str, namespace: str) -> contextlib.AbstractContextManager[Any]:
        """See `ClusterBackend`."""
        # lightkube is loaded here, so that a model without a cluster does without it.
        from kubefake import transport

        return transport.connected(self.cluster, user, namespace)

    def transport(self, user: str) -> AnyTransport:
        """See `ClusterBackend`."""
        from kubefake import transport

        return transport.Transport(self.cluster, user)

    def restrict(self, decide: Callable[[str, kubefake.Attributes], bool]) -> None:
        """See `ClusterBackend`; several models on one cluster are each asked about their own."""
        if self.cluster.authorize is None:
            self.cluster.authorize = _AllModels([])
        if isinstance(self.cluster.authorize, _AllModels):
            self.cluster.authorize.models.append(decide)

    def admit(self, webhook: Webhook) -> None:
        """See `ClusterBackend`."""
        self.namespace = webhook.model
        store = self.cluster.store

        def mutate(call: kubefake.Call, obj: dict[str, Any]) -> dict[str, Any]:
            name = webhook.account(call.user)
            group, plural = call.resource.key
            if not name or not webhook.sees(group, plural, call.namespace):
                return obj
            owner = store.get(("", "serviceaccounts"), (webhook.model, name))
            added = webhook.missing(owner.obj if owner else None, obj)
            labels = {**obj["metadata"].get("labels", {}), **added}
            return {**obj, "metadata": {**obj["metadata"], "labels": labels}} if added else obj

        self.cluster.mutators.append(mutate)

    def workloads(self) -> list[str]:
        """See `ClusterBackend`."""
        if not self.cluster.pods:
            return []
        tables = (("apps", "deployments"), ("apps", "statefulsets"))
        rows = [row for table in tables for row in self.cluster.store.rows(table, self.namespace)]
        return [name for (_, name), _ in rows]

    def has_deployment(self, name: str) -> bool:
        """See `ClusterBackend`; without pods it has nothing that runs."""
        return self.cluster.pods and name in self.workloads()

    def run_pods(self) -> None:
        """See `ClusterBackend`; here a controller has seen to it."""

    def fail_pods(self, workload: str, reason: str, message: str = "") -> None:
        """See `ClusterBackend`."""
        self.cluster.fail_pods(self.namespace, workload, reason, message)

    def heal_pods(self, workload: str) -> None:
        """See `ClusterBackend`."""
        self.cluster.heal_pods(self.namespace, workload)

    def delay_definitions(self, requests: int) -> None:
        """See `ClusterBackend`."""
        self.cluster.crd_delay = requests

    def interrupt(self, fault: Callable[[str, str], int | Exception | None]) -> None:
        """See `ClusterBackend`."""

        def before(request: kubefake.Request) -> kubefake.Response | Exception | None:
            wrong = fault(request.user, request.method)
            return wire.fail(failure(wrong)) if isinstance(wrong, int) else wrong

        self.cluster.faults = before


@dataclass
class _AllModels:
    """An authorizer that asks every model on the cluster."""

    models: list[Callable[[str, kubefake.Attributes], bool]]

    def __call__(self, user: str, asked: kubefake.Attributes) -> bool:
        return all(decide(user, asked) for decide in self.models)


def described(entry: kubefake.Entry) -> Mapping[str, Any]:
    """Return what a request was about, as a record of the trace has it."""
    resource = f"{entry.resource}.{entry.group}" if entry.group else entry.resource
    values = {
        "verb": entry.verb,
        "resource": resource,
        "namespace": entry.namespace,
        "name": entry.name,
    }
    return {key: value for key, value in values.items() if value}


_REASONS = {409: "Conflict", 429: "TooManyRequests", 500: "InternalError"}


def failure(code: int) -> kubefake.ApiError:
    """Return an injected error, by one of the HTTP statuses that `Faults` injects."""
    later = {"Retry-After": "1"} if code == 429 else {}
    said = "the server cannot do this now (injected)"
    return kubefake.ApiError(code, _REASONS[code], said, headers=later)
