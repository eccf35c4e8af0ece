# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Kubernetes that a model runs on, where it is a real API server."""

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import httpx2
import kubefake
from kubefake import knative, services
from kubefake import transport as routes
from kubefake.kubelet import Failure

from .. import cluster_backend
from ..admission import Webhook
from ..rights import CONTROLLER
from . import access, kubelet
from .send import Exchange, Key, Transport, merge_patch, refusal, within

LABELLER = "juju-webhook"
_sleep = time.sleep
"""The real one: hooks run with a `time.sleep` that does nothing."""


TIMEOUT = 30
"""Seconds for which the server may be too busy to tell what it has."""

_UNDEFINED = kubefake.ApiError(404, "NotFound", "the server could not find the requested resource")
_CONTROLLERS = ("endpoints", "endpointslices", "events")
"""Resources whose objects are made by the cluster's own controllers."""


@dataclass(frozen=True)
class Warned:
    """A `Warning` header: the request, and what the server warns of."""

    entry: kubefake.Entry
    text: str


class Labels:
    """Puts Juju's labels on what the accounts of models' applications have written.

    Two patches do it, the second of which leaves the labels without a field manager, as those of
    a webhook are. Between the write and the labels somebody else may see the object without them.
    """

    def __init__(self, http: httpx2.Client):
        self.webhooks: list[Webhook] = []
        self._http = http

    def follow(self, exchange: Exchange, response: httpx2.Response) -> httpx2.Response:
        """Label what a request has written, and return the answer to it with the labels.

        Raises:
            httpx2.HTTPStatusError: The server refuses the labels.
        """
        for webhook in self.webhooks:
            missing = self._missing(webhook, exchange, response)
            if missing:
                labelled = self._label(exchange.key, missing)
                return httpx2.Response(response.status_code, json=labelled)
        return response

    def _missing(
        self, webhook: Webhook, exchange: Exchange, response: httpx2.Response
    ) -> dict[str, str]:
        target = exchange.target
        account = webhook.account(exchange.user)
        written = exchange.method != "DELETE" and not (exchange.dry_run or target.subresource)
        if not (written and account and response.is_success):
            return {}
        if not webhook.sees(target.group, target.plural, target.namespace):
            return {}
        owner = Key("", "v1", "serviceaccounts", webhook.model, account)
        found = self._http.get(owner.path)
        return webhook.missing(found.json() if found.is_success else None, response.json())

    def _label(self, key: Key, labels: dict[str, str]) -> dict[str, Any]:
        labelled = self._patch(key, {"labels": labels})
        entries: list[dict[str, Any]] = labelled["metadata"].get("managedFields") or []
        others = [entry for entry in entries if entry.get("manager") != LABELLER]
        return self._patch(key, {"managedFields": others}) if others else labelled

    def _patch(self, key: Key, metadata: dict[str, Any]) -> dict[str, Any]:
        answer = merge_patch(self._http, key.path, {"metadata": metadata}, LABELLER)
        return answer.raise_for_status().json()


class Server(cluster_backend.ClusterBackend):
    """A `jujusim.cluster_backend.ClusterBackend` over a real API server.

    Args:
        http: The connection, with the rights of a cluster administrator.
        consent: Whether objects outside it may be made.
        own: Whether the cluster is the model's own. In any other one, what was there before is
            never changed.
        creating: Called before an object outside the namespace is created.

    Attributes:
        warnings: Every warning that the server has sent.
        created: What has been created outside the namespace and not deleted since, in order.
        knative_operator: See `kubefake.Cluster`; not where a real operator says what it has done.
    """

    def __init__(
        self,
        http: httpx2.Client,
        namespace: str,
        *,
        consent: bool,
        own: bool = False,
        creating: Callable[[Key], None] | None = None,
    ):
        self.http = http
        self.namespace = namespace
        self.consent = consent
        self.own = own
        self.journal: list[kubefake.Entry] = []
        self.warnings: list[Warned] = []
        self.created: dict[Key, None] = {}
        self._creating = creating
        self._grants = access.Grants(http)
        self._labels = Labels(http)
        self.kubelet = kubelet.Kubelet(http, namespace)
        self.knative_operator = True
        self._fault: Callable[[str, str], int | Exception | None] | None = None
        self._delay = 0
        self._hidden: dict[str, int] = {}

    # What a model needs.

    @contextlib.contextmanager
    def connected(self, user: str, namespace: str) -> Generator[None]:
        """See `cluster_backend.ClusterBackend`; here time passes while a charm sleeps."""
        self._grants.settle(user)
        transport = Transport(self.answer, user)
        with mock.patch.object(time, "sleep", _sleep), routes.routed(transport, namespace):
            yield

    def transport(self, user: str) -> Transport:
        """See `cluster_backend.ClusterBackend`."""
        self._grants.settle(user)
        return Transport(self.answer, user)

    def restrict(self, decide: Callable[[str, kubefake.Attributes], bool]) -> None:
        """See `cluster_backend.ClusterBackend`: the server has an authorizer of its own."""

    def admit(self, webhook: Webhook) -> None:
        """See `cluster_backend.ClusterBackend`."""
        self._labels.webhooks.append(webhook)

    def delay_definitions(self, requests: int) -> None:
        """See `cluster_backend.ClusterBackend`."""
        self._delay = requests

    def interrupt(self, fault: Callable[[str, str], int | Exception | None]) -> None:
        """See `cluster_backend.ClusterBackend`."""
        self._fault = fault

    def run_pods(self) -> None:
        """See `cluster_backend.ClusterBackend`."""
        for workload in self.workloads():
            self._run_pods(workload)

    def fail_pods(self, workload: str, reason: str, message: str = "") -> None:
        """See `cluster_backend.ClusterBackend`."""
        self.kubelet.failing[workload] = Failure(reason, message)
        self._run_pods(workload)

    def heal_pods(self, workload: str) -> None:
        """See `cluster_backend.ClusterBackend`."""
        self.kubelet.failing.pop(workload, None)
        self._run_pods(workload)

    def workloads(self) -> list[str]:
        """See `cluster_backend.ClusterBackend`."""
        found: list[str] = []
        for plural in ("deployments", "statefulsets"):
            path = f"/apis/apps/v1/namespaces/{self.namespace}/{plural}"
            found += [str(each["metadata"]["name"]) for each in self._items(path)]
        return found

    def has_deployment(self, name: str) -> bool:
        """See `cluster_backend.ClusterBackend`."""
        key = Key("apps", "v1", "deployments", self.namespace, name)
        return self.http.get(key.path).is_success

    def _run_pods(self, workload: str) -> None:
        for plural in ("deployments", "statefulsets"):
            self.kubelet.run(Key("apps", "v1", plural, self.namespace, workload))

    # What is asked of it.

    def everything(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        """Yield the objects in the namespace, and those that were made outside of it.

        Endpoints and events are left out: they are the controllers'.

        Raises:
            httpx2.HTTPStatusError: The server refuses to tell.
        """
        yield from self._outside()
        for version, resource in self._listed():
            if not resource["namespaced"] or resource["name"] in _CONTROLLERS:
                continue
            group, _, number = version.rpartition("/")
            key = Key(group, number, resource["name"], self.namespace, "")
            for item in self._items(f"{key.collection}/{key.plural}"):
                name = str(item["metadata"]["name"])
                kind = {"apiVersion": version, "kind": resource["kind"]}
                yield Key(group, number, key.plural, self.namespace, name), {**kind, **item}

    def _outside(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        for key in (Key("", "v1", "namespaces", "", self.namespace), *self.created):
            found = self.http.get(key.path)
            if found.is_success:
                yield key, found.json()

    def _listed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every resource that can be listed, in the version that its group prefers for it."""
        groups = self._get("/apis")["groups"]
        paths = {"v1": "/api/v1"}
        for group in groups:
            versions = [group["preferredVersion"], *group["versions"]]
            paths |= {each["groupVersion"]: f"/apis/{each['groupVersion']}" for each in versions}
        seen: set[tuple[str, str]] = set()
        for version, path in paths.items():
            for resource in self._get(path)["resources"]:
                key = (version.rpartition("/")[0], resource["name"])
                if "list" in resource["verbs"] and key not in seen:
                    seen.add(key)
                    yield version, resource

    def _items(self, path: str) -> list[dict[str, Any]]:
        return list(self._get(path)["items"] or ())

    def _get(self, path: str) -> dict[str, Any]:
        """Read; a kind that was defined a moment ago asks to come again."""
        deadline = time.monotonic() + TIMEOUT
        while (answer := self.http.get(path)).status_code == 429 and time.monotonic() < deadline:
            _sleep(0.5)
        return answer.raise_for_status().json()

    # Requests.

    def answer(self, exchange: Exchange) -> httpx2.Response:
        """Send one request, unless it is refused here, and note what came of it.

        Raises:
            Exception: What was injected, or the connection failed.
        """
        wrong = self._fault(exchange.user, exchange.method) if self._fault else None
        if isinstance(wrong, Exception):
            raise wrong
        if isinstance(wrong, int):
            return self._refuse(exchange, cluster_backend.failure(wrong))
        if self._is_hidden(exchange):
            return self._refuse(exchange, _UNDEFINED)
        return self._write(exchange) if exchange.writes else self._send(exchange, None)

    def _write(self, exchange: Exchange) -> httpx2.Response:
        juju = exchange.user == CONTROLLER
        if juju or not self.own:
            instead = kubelet.unscheduled(exchange.target, exchange.content)
            if instead is not None:
                exchange.replace(instead)
        if not within(exchange.target, self.namespace):
            if juju and not self.consent:
                # Juju's own cluster roles are not what was asked for: the server only checks them.
                exchange.dry_run = True
            if not (exchange.dry_run or self.own):
                refused = self._guard(exchange)
                if refused:
                    said = f"not sent to the cluster: {refused}"
                    error = kubefake.ApiError(403, "Forbidden", said)
                    return self._refuse(exchange, error)
        return self._send(exchange, self._version(exchange))

    def _refuse(self, exchange: Exchange, error: kubefake.ApiError) -> httpx2.Response:
        return self._note(exchange, refusal(error), changed=False)

    def _guard(self, exchange: Exchange) -> str:
        """Return why a write outside the namespace is not sent; note first what it creates."""
        key = exchange.key
        if not self.consent:
            return f"{key} is outside the namespace {self.namespace}"
        if not key.name:
            return f"all {key.resource} at once are not this preview's to delete"
        if key in self.created:
            return ""
        if self.http.get(key.path).is_success:
            return f"{key} was not made by this preview"
        if self._creating and exchange.method != "DELETE":
            self._creating(key)
        return ""

    def _version(self, exchange: Exchange) -> str | None:
        """Return the version of the object that a request may change, before it does."""
        if not exchange.target.name:
            return None
        found = self.http.get(exchange.key.path)
        if not found.is_success:
            return None
        return str(found.json()["metadata"]["resourceVersion"])

    def _send(self, exchange: Exchange, before: str | None) -> httpx2.Response:
        response = exchange.send(self.http, as_admin=exchange.user == CONTROLLER)
        if not exchange.writes:
            return self._note(exchange, response, changed=False)
        response.read()
        changed = not exchange.dry_run and exchange.has_changed(response, before)
        if changed:
            self._remember(exchange, response)
            self._report(exchange.key, response.json())
            self.kubelet.follow(exchange)
            if exchange.user == CONTROLLER:
                self._grants.note(exchange.content)
        labelled = self._labels.follow(exchange, response)
        return self._note(exchange, labelled, changed=changed)

    def _report(self, key: Key, obj: dict[str, Any]) -> None:
        """Be the load balancer of a cluster that has none, and the Knative operator: none runs."""
        spec: dict[str, Any] = obj.get("spec", {})
        balanced = self.own and key.resource == "services" and spec.get("type") == "LoadBalancer"
        operated = self.knative_operator and key.plural in knative.PLURALS
        if balanced and not obj.get("status", {}).get("loadBalancer", {}).get("ingress"):
            status, manager = services.balanced(self._items("/api/v1/services")), services.BALANCER
        elif operated and obj.get("kind") in knative.KINDS and not knative.is_reported(obj):
            status, manager = knative.status(obj), knative.MANAGER
        else:
            return
        content = {"status": status}
        merge_patch(self.http, f"{key.path}/status", content, manager).raise_for_status()

    def _remember(self, exchange: Exchange, response: httpx2.Response) -> None:
        key = exchange.key
        if exchange.method == "DELETE":
            if not exchange.target.subresource:
                self.created.pop(key, None)
        elif response.status_code == 201:
            if not within(exchange.target, self.namespace):
                self.created[key] = None
            if key.resource == "customresourcedefinitions.apiextensions.k8s.io" and self._delay:
                self._hidden[key.name] = self._delay

    def _is_hidden(self, exchange: Exchange) -> bool:
        """Tell whether a definition is still said to be unknown; each request counts."""
        self._hidden = {name: left - 1 for name, left in self._hidden.items() if left > 0}
        return exchange.key.resource in self._hidden

    def _note(
        self, exchange: Exchange, response: httpx2.Response, *, changed: bool
    ) -> httpx2.Response:
        entry = exchange.entry(response.status_code, changed=changed)
        self.journal.append(entry)
        headers = [(name.lower(), value) for name, value in response.headers.multi_items()]
        self.warnings += [Warned(entry, text) for text in kubefake.Response(0, headers).warnings]
        return response
