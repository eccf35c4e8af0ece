# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The Kubernetes API as charms use it: plain dictionaries, few calls, errors as a status.

lightkube and its HTTP client take about as long to import as ops itself, so they are loaded with
the first call and not before.
"""

from __future__ import annotations

import dataclasses
import functools
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import ops

from ._status import Blocked, Waiting

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
Answers = TypeVar("Answers")
Object = dict[str, Any]
"""A Kubernetes object, as in its manifest."""

Key = tuple[str, str, str, str]
"""What tells an object from all others: kind, API group, namespace and name."""

FIELD_MANAGER = "lightkube"
"""Who the fields belong to that charms apply: the name under which the published charms apply
theirs (lightkube's default there), so that a charm and its published namesake can take over from
each other and leave no field behind."""

RETRY_DELAYS = (0.2, 1.0)
"""Seconds before each retry of a call that the API server was too busy for."""

_BUSY = (429, 500, 502, 503, 504)
_HOOK_FAILED = "failed calling webhook"


@dataclasses.dataclass(frozen=True, order=True)
class Kind:
    """A kind of object.

    Args:
        api_version: as in a manifest, for example `apps/v1`.
        name: for example `Deployment`.
        namespaced: whether its objects live in a namespace.
    """

    api_version: str
    name: str
    namespaced: bool

    @classmethod
    def of(cls, obj: Object) -> Kind:
        """The kind of an object; one without a namespace is taken to be the cluster's."""
        return cls(obj["apiVersion"], obj["kind"], "namespace" in obj["metadata"])

    @property
    def group(self) -> str:
        """The API group; empty for Kubernetes' core."""
        return self.api_version.rpartition("/")[0]

    @property
    def plural(self) -> str:
        """The name in URLs, by the rule that all kinds of the platform follow."""
        name = self.name.lower()
        if name.endswith("y") and name[-2] not in "aeiou":
            return f"{name[:-1]}ies"
        return f"{name}es" if name.endswith(("s", "ch", "x")) else f"{name}s"


_Question = tuple[Kind, tuple[tuple[str, str], ...], str]
_ANSWERS: weakref.WeakKeyDictionary[ops.CharmBase, dict[_Question, Any]] = (
    weakref.WeakKeyDictionary()
)

_CLIENTS: weakref.WeakKeyDictionary[ops.CharmBase, Any] = weakref.WeakKeyDictionary()

DEPLOYMENT = Kind("apps/v1", "Deployment", namespaced=True)
SERVICE = Kind("v1", "Service", namespaced=True)


def key(obj: Object) -> Key:
    """What tells an object from all others."""
    metadata = obj["metadata"]
    group = obj["apiVersion"].rpartition("/")[0]
    return obj["kind"], group, metadata.get("namespace", ""), metadata["name"]


class Kube:
    """The cluster that a charm runs in. Every method raises `NotReady` when it is not served.

    Blocked: the charm lacks a permission. Waiting: the API server is busy or unreachable, a kind
    is not defined yet, or a webhook does not answer yet. Any other error is raised as it is.

    Args:
        charm: the charm; its model's name is the default namespace.
    """

    def __init__(self, charm: ops.CharmBase) -> None:
        self._charm = charm
        self._app = charm.app.name
        self._namespace = charm.model.name

    def get(self, kind: Kind, name: str, namespace: str = "") -> Object | None:
        """An object, or None if there is none."""
        resource = _resource(kind)
        found = self._call(
            lambda: self._client.get(resource, name, **self._where(kind, namespace)), missing=None
        )
        return found and {"apiVersion": kind.api_version, "kind": kind.name} | found

    def list(self, kind: Kind, labels: Mapping[str, str], namespace: str = "*") -> list[Object]:
        """The objects with these labels; none if the kind is not defined.

        Args:
            kind: their kind.
            labels: what they have.
            namespace: where they are, `*` for everywhere.
        """
        resource = _resource(kind)
        where = {"namespace": namespace} if kind.namespaced else {}
        empty: list[Object] = []
        found = self._call(
            lambda: list(self._client.list(resource, labels=dict(labels), **where)), missing=empty
        )
        return [{"apiVersion": kind.api_version, "kind": kind.name} | item for item in found]

    def list_metadata(self, kind: Kind, labels: Mapping[str, str]) -> list[Object]:
        """Return the metadata alone of cluster-scoped objects with these labels.

        For kinds whose objects are large, such as CustomResourceDefinitions: the server sends them
        as PartialObjectMetadata. lightkube has no public way to ask for that.
        """
        selector = ",".join(f"{name}={value}" for name, value in labels.items())

        def call() -> list[Object]:
            client = self._client._client
            request = client.prepare_request(
                "list",
                _resource(kind),
                params={"labelSelector": selector},
                headers={
                    "Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
                },
            )
            response = client.send(client.build_adapter_request(request))
            client.raise_for_status(response)
            return response.json()["items"] or []

        empty: list[Object] = []
        found = self._call(call, missing=empty)
        return [{**item, "apiVersion": kind.api_version, "kind": kind.name} for item in found]

    def list_once(
        self, kind: Kind, labels: Mapping[str, str], namespace: str = "*"
    ) -> list[Object]:
        """Return what `list` does; of one charm's components only the first asks the server.

        What has been written since is not in it.
        """
        question = (kind, tuple(sorted(labels.items())), namespace)
        return self._once(question, lambda: self.list(kind, labels, namespace))

    def is_defined(self, kind: Kind) -> bool:
        """Return whether the cluster serves a kind; one object of it is asked for at most."""
        resource = _resource(kind)
        where = {"namespace": "*"} if kind.namespaced else {}
        return self._call(
            lambda: _is_served(self._client.list(resource, chunk_size=1, **where)), missing=False
        )

    def serves(self, definition: str) -> bool:
        """Return whether the cluster serves what a resource definition defines.

        The definition is there a moment before. Whoever has logged in may ask for that.

        Args:
            definition: the name of the resource definition.
        """
        plural, _, group = definition.partition(".")
        return any(
            resource["name"] == plural
            for version in self._discover(f"/apis/{group}").get("versions", ())
            for resource in self._discover(f"/apis/{version['groupVersion']}").get("resources", ())
        )

    def _discover(self, path: str) -> Object:
        """Return a document of discovery, which lightkube has no public way to ask for."""

        def call() -> Object:
            response = self._client._client._client.get(path)
            return response.raise_for_status().json()

        empty: Object = {}
        return self._call(call, missing=empty)

    def get_once(self, kind: Kind, name: str) -> Object | None:
        """Return what `get` does for a cluster-scoped object; see `list_once`."""
        found = self._once((kind, (("name", name),), ""), lambda: [self.get(kind, name)])
        return found[0]

    def apply(self, obj: Object) -> Object:
        """Server-side apply: the fields of the object, and no others, become the charm's own."""
        resource = _resource(Kind.of(obj))
        return self._call(lambda: self._client.apply(resource(obj), force=True))

    def merge(self, kind: Kind, name: str, patch: Object, namespace: str = "") -> None:
        """JSON merge patch; lists are replaced as a whole."""
        resource = _resource(kind)
        self._call(
            lambda: self._client.patch(resource, name, patch, **self._merge(kind, namespace))
        )

    def delete(self, kind: Kind, name: str, namespace: str = "") -> None:
        """Delete an object; that it is gone already is as good."""
        resource = _resource(kind)
        self._call(
            lambda: self._client.delete(resource, name, **self._where(kind, namespace)),
            missing=None,
        )

    def create_token(self, account: str, audience: str, seconds: int) -> str:
        """Return a new token of a ServiceAccount of the model.

        Args:
            account: its name.
            audience: who the token is for.
            seconds: how long it is wanted for; the cluster may grant less.
        """
        from lightkube.models import authentication_v1, meta_v1
        from lightkube.resources import core_v1

        spec = authentication_v1.TokenRequestSpec(audiences=[audience], expirationSeconds=seconds)
        metadata = meta_v1.ObjectMeta(namespace=self._namespace)
        request = core_v1.ServiceAccountToken(spec=spec, metadata=metadata)
        answer = self._call(lambda: self._client.create(request, account))
        return str(answer.status.token)

    @property
    def _client(self) -> Any:
        """The connection of all of a charm's components: each would read certificates anew."""
        if self._charm not in _CLIENTS:
            import logging

            import lightkube

            # The HTTP client logs each request, and a log line is a process in a real unit.
            logging.getLogger("httpx2").setLevel(logging.WARNING)
            _CLIENTS[self._charm] = lightkube.Client(
                namespace=self._namespace, field_manager=FIELD_MANAGER
            )
        return _CLIENTS[self._charm]

    def _once(self, question: _Question, ask: Callable[[], Answers]) -> Answers:
        answers = _ANSWERS.setdefault(self._charm, {})
        if question not in answers:
            answers[question] = ask()
        return answers[question]

    def _where(self, kind: Kind, namespace: str) -> dict[str, Any]:
        return {"namespace": namespace or self._namespace} if kind.namespaced else {}

    def _merge(self, kind: Kind, namespace: str) -> dict[str, Any]:
        from lightkube import types

        return self._where(kind, namespace) | {"patch_type": types.PatchType.MERGE}

    def _call(self, call: Callable[[], T], **missing: T) -> T:
        """Call the API, again after a pause if it is too busy.

        Args:
            call: does one request.
            missing: what stands for an answer of 404, if anything does.
        """
        import httpx2

        for delay in (*RETRY_DELAYS, None):
            try:
                return call()
            except httpx2.HTTPStatusError as error:
                code = error.response.status_code
                if code == 404 and "missing" in missing:
                    return missing["missing"]
                if code not in _BUSY or delay is None:
                    raise self._reason(error) from error
            except httpx2.TransportError as error:
                if delay is None:
                    raise Waiting(f"Kubernetes API does not answer: {error}") from error
            time.sleep(delay)
        raise AssertionError("the last attempt returns or raises")

    def _reason(self, error: httpx2.HTTPStatusError) -> Exception:
        code, message = error.response.status_code, _message(error)
        if code == 403 and "because it is being terminated" not in message:
            trust = f"juju trust {self._app} --scope=cluster"
            return Blocked(f"Kubernetes denied a request, run: {trust}")
        if code in _BUSY or code == 409:
            busy = "a webhook" if _HOOK_FAILED in message else "the Kubernetes API"
            return Waiting(f"waiting for {busy}: {message[:100]}")
        if code in (403, 404):
            return Waiting(f"waiting for Kubernetes: {message[:100]}")
        return error


def _message(error: httpx2.HTTPStatusError) -> str:
    """What the API server says; paths that it does not know and overload it answers in text."""
    from lightkube.core import exceptions

    if isinstance(error, exceptions.ApiError):
        return error.status.message or ""
    return error.response.text.strip()


def _is_served(found: Iterable[Any]) -> bool:
    next(iter(found), None)
    return True


@functools.cache
def _resource(kind: Kind) -> Any:
    from lightkube import generic_resource

    group, _, version = kind.api_version.rpartition("/")
    base = (
        generic_resource.GenericNamespacedResource
        if kind.namespaced
        else generic_resource.GenericGlobalResource
    )
    # Made by hand: lightkube's own functions register the class for the whole process, where it
    # would stand in the way of lightkube.resources.
    info = generic_resource.create_api_info(group, version, kind.name, kind.plural)  # pyright: ignore[reportUnknownMemberType]
    return type(kind.name, (base,), {"_api_info": info})
