# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Objects by name, and one request on its way from a charm's client to the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx2
import kubefake
from kubefake import wire
from kubefake.transport import AnyTransport

_NO_RESOURCE = wire.Target("", "", "", "", "", "")
# What belongs to the charm's connection, which is none, or is set anew.
_OWN_HEADERS = ("host", "authorization", "content-length", "connection", "accept-encoding")
_MUTATING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, order=True)
class Key:
    """One object.

    Attributes:
        group: Its API group; empty for the core group.
        version: The version in which it was written.
        namespace: Empty if it is the whole cluster's.
    """

    group: str
    version: str
    plural: str
    namespace: str
    name: str

    @classmethod
    def of(cls, target: wire.Target, name: str = "") -> Key:
        """Return the object of a request; ``name`` is that of one which is created."""
        return cls(
            target.group, target.version, target.plural, target.namespace, target.name or name
        )

    @classmethod
    def parse(cls, text: str) -> Key:
        """Return the object whose path `text` is.

        Raises:
            ValueError: It is the path of no object.
        """
        target = wire.target(text)
        if target is None or not target.name:
            raise ValueError(f"{text} is not the path of an object")
        return cls.of(target)

    @property
    def collection(self) -> str:
        """The path of the objects of its kind in its namespace."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{base}/namespaces/{self.namespace}" if self.namespace else base

    @property
    def path(self) -> str:
        """Its path."""
        return f"{self.collection}/{self.plural}/{self.name}"

    @property
    def resource(self) -> str:
        """Its resource, with the group after a dot."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.resource} {self.name}{where}"


REVIEWS = ("authentication.k8s.io", "authorization.k8s.io")
"""API groups whose objects are questions: nothing of them is stored."""


def within(target: wire.Target | kubefake.Entry, namespace: str) -> bool:
    """Tell whether something lies in a namespace, is the namespace, or is only a question."""
    if target.group in REVIEWS:
        return True
    plural = target.plural if isinstance(target, wire.Target) else target.resource
    is_it = plural.partition("/")[0] == "namespaces" and target.name == namespace
    return target.namespace == namespace or (is_it and not target.group)


class Transport(AnyTransport):
    """Carries one user's requests to a server, which answers them."""

    def __init__(self, answer: Callable[[Exchange], httpx2.Response], user: str):
        self.answer = answer
        self.user = user

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        return self.answer(Exchange(self.user, request, request.read()))


class Exchange:
    """A request, understood.

    Attributes:
        target: The resource in its path; one without a plural for other paths.
        dry_run: Whether nothing is to be stored.
    """

    def __init__(self, user: str, request: httpx2.Request, body: bytes):
        self.user = user
        self.method = request.method
        self.target = wire.target(request.url.path) or _NO_RESOURCE
        self._request = request
        self._body = body
        self._query = list(request.url.params.multi_items())
        self.dry_run = ("dryRun", "All") in self._query
        self._content: dict[str, Any] | None = None

    @property
    def writes(self) -> bool:
        """Tell whether it may change something."""
        return self.method in _MUTATING and bool(self.target.plural)

    @property
    def key(self) -> Key:
        """The object that it is about."""
        name = str(self.content.get("metadata", {}).get("name", ""))
        return Key.of(self.target, name if self.method == "POST" else "")

    @property
    def content(self) -> dict[str, Any]:
        """The body, where it is a JSON object; it may be changed before the request is sent."""
        if self._content is None:
            try:
                found: object = json.loads(self._body or b"{}")
            except ValueError:
                found = None
            self._content = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
        return self._content

    def replace(self, content: dict[str, Any]) -> None:
        """Send another body."""
        self._content = content
        self._body = json.dumps(content).encode()

    def send(self, http: httpx2.Client, *, as_admin: bool) -> httpx2.Response:
        """Send it.

        Args:
            http: The administrator's connection.
            as_admin: Whether the administrator asks, and not the user whom it impersonates.

        Raises:
            httpx2.TransportError: There was no answer.
        """
        headers = [
            item for item in self._request.headers.multi_items() if item[0] not in _OWN_HEADERS
        ]
        if not as_admin:
            # Of a service account the server adds the groups.
            headers.append(("impersonate-user", self.user))
        query = [*self._query]
        if self.dry_run and ("dryRun", "All") not in query:
            query.append(("dryRun", "All"))
        path = self._request.url.raw_path.decode().partition("?")[0]
        request = http.build_request(
            self.method,
            path,
            params=tuple(query) or None,
            headers=headers,
            content=self._body,
            timeout=httpx2.Timeout(**self._request.extensions["timeout"]),
        )
        found = http.send(request, stream=True)
        # The same response for another client.
        return httpx2.Response(found.status_code, headers=found.headers, stream=found.stream)

    def has_changed(self, response: httpx2.Response, before: str | None) -> bool:
        """Tell whether the server has stored something; ``before`` is the version until then."""
        if not response.is_success:
            return False
        answer: dict[str, Any] = response.json()
        if self.method == "DELETE":
            return bool(self.target.name) or bool(answer.get("items"))
        after = answer.get("metadata", {}).get("resourceVersion")
        return after is not None and after != before

    def entry(self, status: int, *, changed: bool) -> kubefake.Entry:
        """Return the line of the journal."""
        target = self.target
        subresource = f"/{target.subresource}" if target.subresource else ""
        return kubefake.Entry(
            self.user,
            self._verb,
            target.group,
            target.plural + subresource,
            target.namespace,
            self.key.name if target.plural else "",
            status,
            changed,
            self._request.url.path,
        )

    @property
    def _verb(self) -> str:
        if not self.target.plural:
            return self.method.lower()
        asked = kubefake.Request(
            self.method, self._request.url.path, dict(self._request.url.params)
        )
        return wire.verb_of(asked, "" if self.method == "POST" else self.target.name)


def refusal(error: kubefake.ApiError) -> httpx2.Response:
    """Return an error as the API server reports it."""
    return httpx2.Response(error.code, headers=error.headers, json=error.status())


def merge_patch(
    http: httpx2.Client, path: str, content: Mapping[str, Any], manager: str
) -> httpx2.Response:
    """Change what lies at a path, as a field manager of its own."""
    kind = {"Content-Type": "application/merge-patch+json"}
    return http.patch(path, json=content, headers=kind, params={"fieldManager": manager})
