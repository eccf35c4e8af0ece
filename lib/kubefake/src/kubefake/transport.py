# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""lightkube on a cluster in memory: an HTTP transport, and a context in which clients use it."""

import contextlib
import functools
from collections.abc import Generator, Iterator
from typing import Any, cast
from unittest import mock

import httpx2
from lightkube.config import client_adapter
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.core.generic_client import GenericSyncClient

from .cluster import Cluster
from .wire import Request

URL = "https://cluster.invalid"


AnyTransport = httpx2.BaseTransport
"""Carries requests to an API server."""


class Transport(AnyTransport):
    """Carries one user's requests to a cluster.

    A watch ends when nothing more is known. One that would have nothing at all to tell raises
    `httpx2.ReadTimeout`, because on a single thread nothing can happen while its reader waits;
    with `timeoutSeconds` it ends once without an error, as time passes at once.
    """

    def __init__(self, cluster: Cluster, user: str = "admin") -> None:
        self.cluster = cluster
        self.user = user
        self._fruitless = ""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        url, query = request.url, dict(request.url.params)
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(request.method, url.path, query, headers, request.read(), self.user)
        given = self.cluster.request(asked)
        content = given.body if given.stream is None else self._told(request, given.stream)
        return httpx2.Response(given.status, headers=given.headers, content=content)

    def _told(self, request: httpx2.Request, lines: Iterator[bytes]) -> Iterator[bytes]:
        """Yield what a watch has to tell, if it has anything."""
        first = next(lines, b"")
        asked = f"{self.cluster.store.revision} {request.url}"
        if not first and ("timeoutSeconds" not in request.url.params or asked == self._fruitless):
            message = "the watch has nothing to tell and nothing more can happen"
            raise httpx2.ReadTimeout(message, request=request)
        if first:
            yield first
            yield from lines
        else:
            self._fruitless = asked


class _Client(httpx2.Client):
    """Reads each address once: charms ask the same few questions in every hook."""

    def build_request(
        self, method: str, url: httpx2.URL | str, *, params: Any = None, **others: Any
    ) -> httpx2.Request:
        """Return a request; `params` are as `httpx2.Client` takes them."""
        if isinstance(url, str) and isinstance(params, dict):
            pairs = cast("dict[str, str]", params).items()
            url, params = _address(url, tuple(pairs)), None
        return super().build_request(method, url, params=params, **others)


@functools.lru_cache(maxsize=4096)
def _address(path: str, params: tuple[tuple[str, str], ...]) -> httpx2.URL:
    """Return the address of a path below `URL`."""
    return httpx2.URL(f"{URL}/{path.lstrip('/')}", params=dict(params))


def connected(
    cluster: Cluster, user: str = "admin", namespace: str = "default"
) -> contextlib.AbstractContextManager[None]:
    """Let every lightkube client that is built inside the context talk to a cluster.

    The clients are the user, in the namespace where they give none.
    """
    return routed(Transport(cluster, user), namespace)


@contextlib.contextmanager
def routed(transport: AnyTransport, namespace: str) -> Generator[None]:
    """Let every lightkube client that is built inside the context send its requests this way.

    lightkube's own seams are replaced: the detection of its configuration and the HTTP client that
    it makes. A client's arguments other than its connection keep their meaning.

    Args:
        transport: Answers the requests; their paths are those of the API, at `URL`.
        namespace: The clients' default namespace, where they give none.
    """
    config = KubeConfig.from_server(URL, namespace)

    def detected(*_: Any, **__: Any) -> KubeConfig:
        return config

    def client(_: SingleConfig, given: client_adapter.ConnectionParams) -> httpx2.Client:
        return _Client(base_url=URL, transport=transport, timeout=given.timeout, trust_env=False)

    with (
        mock.patch.object(KubeConfig, "from_env", detected),
        mock.patch.object(KubeConfig, "from_file", detected),
        mock.patch.object(GenericSyncClient, "AdapterClient", staticmethod(client)),
    ):
        yield
