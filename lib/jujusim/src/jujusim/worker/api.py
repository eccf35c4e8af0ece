# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubernetes for one hook: requests on loopback, carried on as the application's account."""

from __future__ import annotations

import contextlib
import json
import pathlib
import secrets
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from kubefake import ApiError, kubeconfig

from ..errors import Killed
from . import servers
from .hook_process import HookProcess

if TYPE_CHECKING:
    import httpx2
    from kubefake.transport import AnyTransport

# Of one connection only, or written anew.
_HOP = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "host",
        "keep-alive",
        "transfer-encoding",
    }
)


@contextlib.contextmanager
def served(transport: AnyTransport, process: HookProcess) -> Generator[tuple[str, str]]:
    """Serve a cluster to one hook; yield the URL, and the token that is asked for."""
    token = secrets.token_urlsafe(24)

    class Handler(servers.Handler):
        def _any(self) -> None:
            body = self.body()
            if not secrets.compare_digest(
                self.headers.get("authorization", ""), f"Bearer {token}"
            ):
                self.reply(401, "application/json", _UNAUTHORIZED)
                return
            _carry(self, body, transport, process)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _any  # noqa: N815

    with servers.loopback(Handler) as url:
        yield url, token


def write_kubeconfig(path: pathlib.Path, url: str, token: str, namespace: str) -> None:
    """Write the kubeconfig of a served cluster, for its owner only."""
    kubeconfig.write(path, "simulator", {"server": url}, "unit", token, namespace)


# Seconds in which a real server must go on answering; those who wait for more ask again.
_TIMEOUT = 60.0

_UNAUTHORIZED = json.dumps(ApiError(401, "Unauthorized", "Unauthorized").status()).encode()


def _carry(
    handler: servers.Handler, body: bytes, transport: AnyTransport, process: HookProcess
) -> None:
    """Carry one request on; what breaks on the way breaks the connection, as it would there."""
    import httpx2
    from kubefake import transport as routes

    headers = [(name, value) for name, value in handler.headers.items() if _passes(name)]
    request = httpx2.Request(
        handler.command,
        f"{routes.URL}{handler.path}",
        headers=headers,
        content=body,
        extensions={"timeout": httpx2.Timeout(_TIMEOUT).as_dict()},
    )
    watch = "watch" in request.url.params
    try:
        with process.turn:
            response = transport.handle_request(request)
            if not watch:
                response.read()
        # In memory an event is there at once or never; a real server's may come after answers to
        # other requests, which must not wait for it.
        turn = (
            process.turn if isinstance(transport, routes.Transport) else contextlib.nullcontext()
        )
        _give(handler, response, _parts(response, turn) if watch else None)
    except (httpx2.TransportError, OSError):
        handler.hang_up()
    except (Exception, Killed) as error:
        process.abort(error)
        handler.hang_up()


def _give(
    handler: servers.Handler, response: httpx2.Response, parts: Iterator[bytes] | None
) -> None:
    """Answer with a whole response, or with parts as they come."""
    handler.send_response(response.status_code)
    for name, value in response.headers.multi_items():
        if _passes(name):
            handler.send_header(name, value)
    if parts is None:
        handler.send_header("content-length", str(len(response.content)))
        handler.end_headers()
        handler.wfile.write(b"" if handler.command == "HEAD" else response.content)
        handler.wfile.flush()
        return
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    for part in parts:
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")
    handler.wfile.flush()


def _parts(
    response: httpx2.Response, turn: contextlib.AbstractContextManager[Any]
) -> Iterator[bytes]:
    """Yield the events of a watch, each taken in turn."""
    parts = response.iter_raw()
    while True:
        with turn:
            part = next(parts, None)
        if part is None:
            return
        if part:
            yield part


def _passes(name: str) -> bool:
    return name.lower() not in _HOP
