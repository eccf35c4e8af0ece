# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Answer Metacontroller's sync hook: the objects that a namespace should have.

This file is also a program of its own. Charms push it into the workload container beside its data
(see `charmkit.decorator`), and that image's Python, 3.10 or later, runs it with the standard
library alone:

    python3 sync_server.py --port 8080 --data manifests.json

The data are a JSON mapping: `manifests`, the objects; `label`, the namespace label that must be
"true" (anything else gets no objects); `revision`, what `/sync?rev=` asks for; `placeholder`, text
in the objects that stands for the namespace's name, if any; `owner_placeholder`, text that stands
for its owner, whom the profile controller writes into the annotation `owner`. An object with a
namespace is for that namespace alone and goes before one of its name that is for all. Kinds that
Metacontroller does not look at (`attachments` of the request names those that it does) are left
out.

`POST /sync` answers the hook, `GET /healthz` and `GET /metrics` what their names say. A request
for another revision than the one at hand gets 429 with Retry-After: Metacontroller then asks again
after that time, while it queues what meets any other error behind all others, ten a second.
Source: metacontroller v4.11.22, pkg/hooks/webhook.go and pkg/controller/decorator/controller.go.

One thread serves all connections. Answers are prepared when the data are read, so that a request
costs one JSON parse. Nothing of a request or of the data is ever logged.
"""

from __future__ import annotations

import argparse
import bisect
import collections
import functools
import json
import os
import re
import resource
import selectors
import signal
import socket
import sys
import time
import urllib.parse
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_HEAD = 16 * 1024
"""Bytes of a request's line and headers."""

MAX_BODY = 8 * 1024 * 1024
"""Bytes of a request's body: a parent with its attachments; one Secret may be 1 MiB."""

MAX_HELD = 24 * 1024 * 1024
"""Bytes of unfinished requests and unsent answers, over all connections."""

SMALL = 64 * 1024
"""Bytes of an unfinished request that is served even then."""

MAX_CONNECTIONS = 512
REQUEST_TIMEOUT = 10.0
"""Seconds in which a request must have arrived whole, and an answer been taken."""

IDLE_TIMEOUT = 120.0
"""Seconds after which a connection without a request is closed; Go's client keeps them for 90."""

LINGER_TIMEOUT = 2.0
"""Seconds in which a client must have read the last answer of a connection."""

STOP_TIMEOUT = 3.0
"""Seconds for what is under way when the server is told to stop; Pebble kills after 5."""

RETRY_AFTER = 2
"""Seconds until a revision that is not at hand is asked for again."""

NOBODY = "(nobody)"
"""Stands for the owner of a namespace that has none; no user is called so."""

MAX_SHARED = 16
"""Sets of kinds for which answers are kept; one controller asks with one."""

POLL_INTERVAL = 0.5
"""Seconds between two looks at the data file."""

BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1)
"""Upper bounds of the histogram of answer times, in seconds."""

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_REASONS = {
    100: "Continue",
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}
_METHODS = {"/sync": ("POST",), "/healthz": ("GET", "HEAD"), "/metrics": ("GET", "HEAD")}
_NOTHING = b'{"attachments": []}'

JsonObject = dict[str, Any]
Texts = dict[tuple[str, str], str]
"""Manifests as text, by kind and name."""


class Refusal(Exception):
    """A request that is not answered.

    Args:
        status: the HTTP status.
        reason: what is wrong with it, for the client; never a part of the request.
        close: the connection cannot be used any further.
    """

    def __init__(self, status: int, reason: str, *, close: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.close = close


class Answers:
    """Prepared answers.

    Args:
        data: the content of the data file; see the module.

    Raises:
        KeyError, TypeError, ValueError: if it is malformed.
    """

    def __init__(self, data: JsonObject) -> None:
        self.revision = str(data["revision"])
        self.label = str(data["label"])
        self._marker = os.urandom(16).hex()
        self._owner_marker = os.urandom(16).hex()
        self._placeholders = [
            (json.dumps(data.get(key) or "")[1:-1], marker)
            for key, marker in (
                ("placeholder", self._marker),
                ("owner_placeholder", self._owner_marker),
            )
        ]
        manifests: list[JsonObject] = data["manifests"]
        self.manifests = len(manifests)
        self._common: Texts = {}
        self._own: dict[str, Texts] = collections.defaultdict(dict)
        for manifest in manifests:
            namespace = manifest["metadata"].get("namespace")
            table = self._own[namespace] if namespace else self._common
            table[_key(manifest)] = self._prepared(manifest)
        self._shared: dict[frozenset[str], list[str]] = {}

    def of(self, parent: JsonObject, kinds: frozenset[str]) -> bytes:
        """Return the hook's response for a namespace.

        Args:
            parent: the namespace.
            kinds: those that Metacontroller looks at, as it writes them; it would make objects of
                others again and again. Empty means all.
        """
        metadata = parent["metadata"]
        labels: JsonObject = metadata.get("labels") or {}
        if labels.get(self.label) != "true":
            return _NOTHING
        name: str = metadata["name"]
        own = self._own.get(name)
        parts = self._split({**self._common, **own}, kinds) if own else self._parts(kinds)
        text = name.join(parts)
        if self._owner_marker in text:
            text = text.replace(self._owner_marker, json.dumps(_owner(metadata))[1:-1])
        return text.encode()

    def _parts(self, kinds: frozenset[str]) -> list[str]:
        """Return the answer that most namespaces get, in pieces between their name."""
        parts = self._shared.get(kinds)
        if parts is None:
            parts = self._split(self._common, kinds)
            if len(self._shared) < MAX_SHARED:
                self._shared[kinds] = parts
        return parts

    def _split(self, texts: Texts, kinds: frozenset[str]) -> list[str]:
        chosen = [text for key, text in texts.items() if not kinds or key[0] in kinds]
        return f'{{"attachments": [{", ".join(chosen)}]}}'.split(self._marker)

    def _prepared(self, manifest: JsonObject) -> str:
        metadata = {**manifest["metadata"], "namespace": self._marker}
        text = json.dumps({**manifest, "metadata": metadata})
        for placeholder, marker in self._placeholders:
            text = text.replace(placeholder, marker) if placeholder else text
        return text


def _owner(metadata: JsonObject) -> str:
    """Return who owns a namespace; one whose name would match others' in a policy is nobody."""
    annotations: JsonObject = metadata.get("annotations") or {}
    owner = str(annotations.get("owner") or "")
    return owner if owner and "*" not in owner else NOBODY


class Store:
    """The data file, read again when it has changed.

    What cannot be read leaves the former answers in use.

    Args:
        path: the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None
        self.answers: Answers | None = None
        self.reloads = 0
        self.failures = 0
        self.refresh()

    def refresh(self) -> None:
        """Read the file if it is another than the one read last."""
        try:
            stat = os.stat(self._path)  # noqa: PTH116
            seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        except OSError:
            return
        if seen != self._seen:
            self._seen = seen
            self._load()

    def ready(self, revision: str | None) -> Answers:
        """Return the answers of a revision, or of the one at hand if none is given.

        Raises:
            Refusal: if it is not at hand.
        """
        if self.answers is None or (revision and self.answers.revision != revision):
            self.refresh()
        if self.answers is None:
            raise Refusal(503, "no manifests yet")
        if revision and self.answers.revision != revision:
            raise Refusal(429, "this revision of the manifests is not here yet")
        return self.answers

    def _load(self) -> None:
        try:
            with open(self._path, "rb") as file:  # noqa: PTH123  pathlib costs memory
                self.answers = Answers(json.loads(file.read()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.failures += 1
            log("manifests not read, the former stay in use", error=type(error).__name__)
        else:
            self.reloads += 1
            log("manifests read", manifests=self.answers.manifests)


class Head(NamedTuple):
    """A request's line and headers, as far as they matter."""

    method: str
    path: str
    revision: str | None
    length: int
    close: bool
    expects: bool


@functools.lru_cache(maxsize=64)
def parse_head(head: bytes) -> Head:
    """Parse what precedes the body; a client's requests mostly have the same.

    Raises:
        Refusal: if it is malformed, or says something that this server does not do.
    """
    line, *lines = head.decode("latin-1").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        raise Refusal(400, "malformed request line", close=True)
    method, target, version = words
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise Refusal(505, "only HTTP/1.1 and HTTP/1.0 are spoken", close=True)
    headers = _headers(lines)
    path, _, query = target.partition("?")
    revision = urllib.parse.parse_qs(query).get("rev", [""])[0]
    connection = headers.get("connection", "").lower()
    close = "close" in connection or (version == "HTTP/1.0" and "keep-alive" not in connection)
    expects = headers.get("expect", "").lower() == "100-continue"
    return Head(method, path, revision or None, _length(method, headers), close, expects)


def _headers(lines: Iterable[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Refusal(400, "malformed header", close=True)
        name, value = name.lower(), value.strip()
        if name == "content-length" and headers.get(name, value) != value:
            raise Refusal(400, "two different Content-Length headers", close=True)
        headers[name] = value
    return headers


def _length(method: str, headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise Refusal(501, "send a Content-Length, no Transfer-Encoding", close=True)
    text = headers.get("content-length")
    if text is None:
        if method in ("POST", "PUT", "PATCH"):
            raise Refusal(411, "send a Content-Length", close=True)
        return 0
    if not (text.isascii() and text.isdigit()):
        raise Refusal(400, "Content-Length is not a number", close=True)
    if len(text) > 12 or int(text) > MAX_BODY:
        raise Refusal(413, f"a body may have {MAX_BODY} bytes", close=True)
    return int(text)


def parse_request(body: bytes) -> tuple[JsonObject, frozenset[str]]:
    """Parse a hook's request.

    Returns:
        The parent, a namespace with at least a name, and the kinds that Metacontroller looks at.

    Raises:
        Refusal: if it is none.
    """
    try:
        request = json.loads(body)
        parent, kinds = request["object"], frozenset(request.get("attachments") or ())
        name, labels = parent["metadata"]["name"], parent["metadata"].get("labels")
    except RecursionError:
        raise Refusal(400, "the body is nested too deeply") from None
    except ValueError:
        raise Refusal(400, "the body is not JSON") from None
    except (KeyError, TypeError, AttributeError, IndexError):
        raise Refusal(400, "the body has no object.metadata.name") from None
    if not isinstance(name, str) or not _NAMESPACE.fullmatch(name):
        raise Refusal(400, "object.metadata.name is not the name of a namespace")
    if not isinstance(labels, (dict, type(None))):
        raise Refusal(400, "object.metadata.labels is not a mapping")
    return parent, kinds


class Metrics:
    """What Prometheus is told."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, int], int] = collections.defaultdict(int)
        self._counts = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def answered(self, path: str, status: int) -> None:
        """Count a request; paths that do not exist count as one."""
        self.requests[path if path in _METHODS else "other", status] += 1

    def took(self, seconds: float) -> None:
        """Count the time of one answered sync."""
        self._seconds += seconds
        self._counts[bisect.bisect_left(BUCKETS, seconds)] += 1

    def text(self, store: Store, connections: int) -> str:
        """Return everything in Prometheus' text format."""
        manifests = store.answers.manifests if store.answers else 0
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu = usage.ru_utime + usage.ru_stime
        lines = [
            *self._requests(),
            *self._histogram(),
            *_metric("sync_server_connections", "gauge", connections),
            *_metric("sync_server_ready", "gauge", int(store.answers is not None)),
            *_metric("sync_server_manifests", "gauge", manifests),
            *_metric("sync_server_reloads_total", "counter", store.reloads),
            *_metric("sync_server_reload_failures_total", "counter", store.failures),
            *_metric("process_cpu_seconds_total", "counter", cpu),
            *_metric("process_resident_memory_bytes", "gauge", _resident()),
        ]
        return "\n".join(lines) + "\n"

    def _requests(self) -> Iterable[str]:
        yield "# TYPE sync_server_requests_total counter"
        for (path, status), count in sorted(self.requests.items()):
            yield f'sync_server_requests_total{{path="{path}",code="{status}"}} {count}'

    def _histogram(self) -> Iterable[str]:
        name, total = "sync_server_sync_seconds", 0
        yield f"# TYPE {name} histogram"
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), self._counts, strict=True):
            total += count
            yield f'{name}_bucket{{le="{bound}"}} {total}'
        yield f"{name}_sum {self._seconds}"
        yield f"{name}_count {total}"


class Connection:
    """One client's connection: its unfinished request, its unsent answer, its deadline."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.received = bytearray()
        self.unsent = b""
        self.head: Head | None = None
        self.held = 0
        self.closing = False
        self.allow(REQUEST_TIMEOUT)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self.received and not self.unsent and self.head is None

    def allow(self, seconds: float) -> None:
        """Set the deadline."""
        self.deadline = time.monotonic() + seconds

    def take_head(self) -> Head | None:
        """Return the request's head, or None if it has not arrived whole.

        Raises:
            Refusal: if it is malformed or too large.
        """
        if self.head is None:
            end = self.received.find(b"\r\n\r\n", 0, MAX_HEAD)
            if end < 0:
                if len(self.received) >= MAX_HEAD:
                    raise Refusal(431, f"headers may have {MAX_HEAD} bytes", close=True)
                return None
            self.head = parse_head(bytes(self.received[:end]))
            del self.received[: end + 4]
            if self.head.expects and len(self.received) < self.head.length:
                self.socket.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self.head

    def take_request(self) -> tuple[Head, bytes] | None:
        """Return the next request, or None if it has not arrived whole.

        Raises:
            Refusal: if it is malformed or too large.
        """
        head = self.take_head()
        if head is None or len(self.received) < head.length:
            return None
        body = bytes(self.received[: head.length])
        del self.received[: head.length]
        self.head = None
        return head, body

    def send(self) -> bool:
        """Send what the client takes now; return whether that is all."""
        if self.unsent:
            try:
                self.unsent = self.unsent[self.socket.send(self.unsent) :]
            except BlockingIOError:
                return False
        return not self.unsent


class Server:
    """Serves until it is told to stop.

    Args:
        store: where the answers come from.
        port: the TCP port; 0 takes a free one.
    """

    def __init__(self, store: Store, port: int) -> None:
        self._store = store
        self._metrics = Metrics()
        self._refused: dict[str, int] = collections.defaultdict(int)
        self._connections: dict[int, Connection] = {}
        self._held = 0
        self._stop_at: float | None = None
        self._selector = selectors.DefaultSelector()
        self._listener = _listener(port)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, self._stopping)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._listener.getsockname()[1]

    def stop(self) -> None:
        """Stop soon; may be called from a signal handler or another thread."""
        self._waker.send(b"\0")

    def serve(self) -> None:
        """Serve; return once stopped, with everything under way answered or given up."""
        next_look = 0.0
        while self._stop_at is None or (self._connections and time.monotonic() < self._stop_at):
            for key, _ in self._selector.select(POLL_INTERVAL):
                key.data()
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + POLL_INTERVAL
                self._look_around()
        for connection in list(self._connections.values()):
            self._drop(connection)
        self._selector.close()
        self._woken.close()
        self._waker.close()

    def _stopping(self) -> None:
        self._woken.recv(64)
        if self._stop_at is None:
            log("stopping", connections=len(self._connections))
            self._stop_at = time.monotonic() + STOP_TIMEOUT
            self._selector.unregister(self._listener)
            self._listener.close()
            for connection in [item for item in self._connections.values() if item.idle]:
                self._drop(connection)

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:
            # The client is gone again, or no descriptor is left until a deadline frees one.
            return
        if len(self._connections) >= MAX_CONNECTIONS:
            # What has been unfinished or idle for longest makes room.
            self._drop(min(self._connections.values(), key=lambda item: item.deadline))
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        self._connections[sock.fileno()] = connection
        self._selector.register(sock, selectors.EVENT_READ, self._handler(self._read, connection))

    def _handler(self, method: Callable[[Connection], None], connection: Connection) -> Any:
        def handle() -> None:
            try:
                # It may have been dropped in the same round, to make room.
                if connection.socket.fileno() >= 0:
                    method(connection)
            except OSError:
                self._drop(connection)

        return handle

    def _drop(self, connection: Connection) -> None:
        if self._connections.pop(connection.socket.fileno(), None) is not None:
            self._hold(connection, 0)
            self._selector.unregister(connection.socket)
            connection.socket.close()

    def _hold(self, connection: Connection, held: int) -> None:
        self._held += held - connection.held
        connection.held = held

    def _read(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(65536)
        except BlockingIOError:
            return
        if not data:
            self._drop(connection)
        elif not connection.closing:
            if connection.idle:
                connection.allow(REQUEST_TIMEOUT)
            connection.received += data
            self._serve(connection)

    def _serve(self, connection: Connection) -> None:
        """Answer the requests that have arrived whole, as long as the client takes the answers."""
        while not connection.closing and self._answer_next(connection):
            if not connection.send():
                self._wait_for(connection, self._write, selectors.EVENT_WRITE)
                return
        if connection.closing:
            self._close(connection)
            return
        self._hold(connection, len(connection.received))
        if connection.idle:
            connection.allow(IDLE_TIMEOUT)
            if self._stop_at is not None:
                self._drop(connection)

    def _write(self, connection: Connection) -> None:
        if connection.send():
            self._wait_for(connection, self._read, selectors.EVENT_READ)
            self._serve(connection)

    def _wait_for(
        self, connection: Connection, method: Callable[[Connection], None], event: int
    ) -> None:
        self._selector.modify(connection.socket, event, self._handler(method, connection))
        self._hold(connection, len(connection.received) + len(connection.unsent))
        connection.allow(REQUEST_TIMEOUT)

    def _close(self, connection: Connection) -> None:
        """Close once the client has read the answer: bytes that nobody reads would reset it."""
        connection.socket.shutdown(socket.SHUT_WR)
        connection.received.clear()
        self._hold(connection, 0)
        connection.allow(LINGER_TIMEOUT)

    def _answer_next(self, connection: Connection) -> bool:
        """Answer one request; return whether there was one."""
        path = ""
        try:
            request = connection.take_request()
            if self._held > MAX_HELD and len(connection.received) > SMALL:
                raise Refusal(503, "too much is under way", close=True)
            if request is None:
                return False
            head, body = request
            path, connection.closing = head.path, head.close or self._stop_at is not None
            connection.unsent = self._response(head, body, close=connection.closing)
            self._metrics.answered(path, 200)
        except Refusal as refusal:
            self._refuse(connection, path, refusal)
        return True

    def _response(self, head: Head, body: bytes, *, close: bool) -> bytes:
        _check(head)
        if head.path == "/sync":
            begun = time.perf_counter()
            answer = self._store.ready(head.revision).of(*parse_request(body))
            self._metrics.took(time.perf_counter() - begun)
            return _message(200, answer, "application/json", close=close)
        text = self._health() if head.path == "/healthz" else self._metrics_text()
        message = _message(200, text.encode(), "text/plain; version=0.0.4", close=close)
        return (
            message.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if head.method == "HEAD" else message
        )

    def _health(self) -> str:
        return f"ok, {self._store.ready(None).manifests} manifests\n"

    def _metrics_text(self) -> str:
        return self._metrics.text(self._store, len(self._connections))

    def _refuse(self, connection: Connection, path: str, refusal: Refusal) -> None:
        connection.closing = connection.closing or refusal.close
        self._metrics.answered(path, refusal.status)
        self._refused[f"{refusal.status} {refusal}"] += 1
        body = json.dumps({"error": str(refusal)}).encode()
        connection.unsent = _message(
            refusal.status,
            body,
            "application/json",
            *_more(refusal, path),
            close=connection.closing,
        )

    def _look_around(self) -> None:
        """Do what is due now and then: changed data, passed deadlines, what was refused."""
        self._store.refresh()
        now = time.monotonic()
        for connection in [item for item in self._connections.values() if item.deadline < now]:
            self._handler(self._expire, connection)()
        if self._refused:
            log("requests refused", **self._refused)
            self._refused.clear()

    def _expire(self, connection: Connection) -> None:
        if connection.idle or connection.unsent or connection.closing:
            self._drop(connection)
            return
        self._refuse(connection, "", Refusal(408, "the request is unfinished", close=True))
        connection.send()
        self._close(connection)


def log(event: str, **fields: object) -> None:
    """Write one line to standard error; fields must hold nothing of a request or of the data."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    sys.stderr.write(json.dumps({"time": stamp, "event": event, **fields}) + "\n")
    sys.stderr.flush()


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(description="Metacontroller's sync hook for namespaces")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", required=True, help="the JSON file with the manifests")
    options = parser.parse_args(arguments)
    server = Server(Store(options.data), options.port)

    def stop(*_: object) -> None:
        server.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    log("serving", port=server.port)
    server.serve()
    log("stopped")
    return 0


def _check(head: Head) -> None:
    """Refuse a path or method that there is not."""
    if head.path not in _METHODS:
        raise Refusal(404, "there are /sync, /healthz and /metrics")
    if head.method not in _METHODS[head.path]:
        raise Refusal(405, f"{head.path} takes {' or '.join(_METHODS[head.path])}")


def _more(refusal: Refusal, path: str) -> Iterable[str]:
    if refusal.status == 429:
        yield f"Retry-After: {RETRY_AFTER}"
    if refusal.status == 405:
        yield f"Allow: {', '.join(_METHODS[path])}"


def _metric(name: str, kind: str, value: float) -> Iterable[str]:
    yield f"# TYPE {name} {kind}"
    yield f"{name} {value}"


def _key(manifest: JsonObject) -> tuple[str, str]:
    """Return kind and name; the kind as Metacontroller writes it, such as `Role.<group>/v1`."""
    return f"{manifest['kind']}.{manifest['apiVersion']}", manifest["metadata"]["name"]


def _message(status: int, body: bytes, kind: str, *headers: str, close: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        *headers,
        *(["Connection: close"] if close else []),
        "\r\n",
    ]
    return "\r\n".join(lines).encode() + body


def _listener(port: int) -> socket.socket:
    """Listen on IPv6 and IPv4 where there is IPv6, else on IPv4."""
    dual = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if dual else socket.AF_INET
    listener = socket.create_server(("", port), family=family, backlog=1024, dualstack_ipv6=dual)
    listener.setblocking(False)
    return listener


def _resident() -> int:
    """Return the resident memory in bytes, or 0 where there is no /proc."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
