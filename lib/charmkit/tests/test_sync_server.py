# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The sync server: what it answers, what it refuses, what it survives."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from charmkit.programs import sync_server

PASSWORD = "a-password-that-nobody-may-see"
LABEL = "user.kubeflow.org/enabled"


def secret(name: str = "store", namespace: str | None = None, **data: str) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


def write(path: pathlib.Path, *manifests: dict[str, Any], **more: str) -> None:
    """Replace the data file in one step, as Pebble does."""
    data = {"revision": "one", "label": LABEL, "manifests": manifests, **more}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(data))
    fresh.replace(path)


@pytest.fixture
def data(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "manifests.json"
    write(path, secret(key=PASSWORD))
    return path


@contextlib.contextmanager
def serving(path: pathlib.Path) -> Iterator[int]:
    server = sync_server.Server(sync_server.Store(str(path)), 0)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server.port
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def port(data: pathlib.Path) -> Iterator[int]:
    with serving(data) as number:
        yield number


def namespace(name: str = "ann", label: str | None = "true") -> dict[str, Any]:
    labels = {LABEL: label} if label else {"other": "true"}
    return {"object": {"metadata": {"name": name, "labels": labels}}, "attachments": {}}


class Client:
    """A client on one connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)

    def ask(
        self, path: str = "/sync", body: object = None, method: str = "POST"
    ) -> tuple[int, Any]:
        text = body if isinstance(body, bytes) else json.dumps(body or namespace()).encode()
        self.connection.request(method, path, text)
        response = self.connection.getresponse()
        content = response.read()
        is_json = response.headers["Content-Type"] == "application/json"
        return response.status, json.loads(content) if is_json else content.decode()

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    with contextlib.closing(Client(port)) as found:
        yield found


def names(answer: dict[str, Any]) -> list[str]:
    return [item["metadata"]["name"] for item in answer["attachments"]]


def raw(port: int, request: bytes) -> bytes:
    """Everything that is answered to some bytes, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(request)
        answer = b""
        while chunk := sock.recv(65536):
            answer += chunk
    return answer


def test_labelled_namespace_gets_every_manifest_in_itself(client: Client):
    status, answer = client.ask()
    assert status == 200
    assert answer == {"attachments": [secret(namespace="ann", key=PASSWORD)]}


@pytest.mark.parametrize("label", ["false", "True", "", None])
def test_namespace_whose_label_is_not_true_gets_nothing(client: Client, label: str | None):
    assert client.ask(body=namespace(label=label)) == (200, {"attachments": []})


def test_namespace_without_labels_gets_nothing(client: Client):
    body = {"object": {"metadata": {"name": "ann", "labels": None}}}
    assert client.ask(body=body) == (200, {"attachments": []})


def test_manifest_with_a_namespace_is_for_that_one_alone(data: pathlib.Path):
    write(data, secret(key="x"), secret(namespace="ann", key="own"), secret("more", "ann"))
    with serving(data) as port, contextlib.closing(Client(port)) as client:
        assert client.ask(body=namespace("ben"))[1]["attachments"] == [
            secret("store", "ben", key="x")
        ]
        ann = client.ask(body=namespace("ann"))[1]["attachments"]
    assert ann == [secret("store", "ann", key="own"), secret("more", "ann")]


def test_placeholder_becomes_the_name_of_the_namespace(data: pathlib.Path):
    write(data, secret(root="s3://bucket/{ns}/v2", other="{namespace}"), placeholder="{ns}")
    with serving(data) as port, contextlib.closing(Client(port)) as client:
        (found,) = client.ask()[1]["attachments"]
    assert found["data"] == {"root": "s3://bucket/ann/v2", "other": "{namespace}"}


@pytest.mark.parametrize(
    ("annotations", "owner"),
    [
        ({"owner": "ann@example.com"}, "ann@example.com"),
        ({"owner": 'a"b'}, 'a"b'),
        ({"owner": "*"}, sync_server.NOBODY),
        ({"owner": ""}, sync_server.NOBODY),
        ({}, sync_server.NOBODY),
        (None, sync_server.NOBODY),
    ],
)
def test_placeholder_becomes_the_owner_of_the_namespace(
    data: pathlib.Path, annotations: dict[str, str] | None, owner: str
):
    write(data, secret(who="{owner}"), owner_placeholder="{owner}")
    answers = sync_server.Answers(json.loads(data.read_text()))
    metadata = {"name": "ann", "labels": {LABEL: "true"}, "annotations": annotations}
    (found,) = json.loads(answers.of({"metadata": metadata}, frozenset()))["attachments"]
    assert found["data"] == {"who": owner}


def test_kinds_that_metacontroller_does_not_look_at_are_left_out(data: pathlib.Path):
    """It would make them again in each pass, or fail where nobody has defined them."""
    role = {**secret("reader"), "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
    write(data, secret(key="x"), role)
    with serving(data) as port, contextlib.closing(Client(port)) as client:
        for kinds, expected in (
            ({}, ["store", "reader"]),
            ({"Secret.v1": {}}, ["store"]),
            ({"Role.rbac.authorization.k8s.io/v1": {"other": {}}}, ["reader"]),
            ({"Pod.v1": {}}, []),
        ):
            request = {**namespace(), "attachments": kinds}
            assert names(client.ask(body=request)[1]) == expected


def test_one_connection_serves_many_requests(client: Client):
    client.ask()
    sock = client.connection.sock
    assert [client.ask()[0] for _ in range(20)] == [200] * 20
    assert client.connection.sock is sock


def test_connection_is_still_good_after_a_refused_request(client: Client):
    assert client.ask("/nothing")[0] == 404
    sock = client.connection.sock
    assert client.ask()[0] == 200
    assert client.connection.sock is sock


def test_requests_that_arrive_together_are_answered_in_order(port: int):
    body = json.dumps(namespace()).encode()
    first = b"POST /sync HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    last = b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"
    answer = raw(port, first * 3 + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 4
    assert answer.endswith(b"ok, 1 manifests\n")


def test_client_that_asks_whether_to_go_on_is_told_to(port: int):
    body = json.dumps(namespace()).encode()
    head = b"POST /sync HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(head % len(body))
        assert sock.recv(64) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert sock.recv(64).startswith(b"HTTP/1.1 200 OK")


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "no JSON": (b"{", 400, "the body is not JSON"),
    "no text": (b"\xff\xfe", 400, "the body is not JSON"),
    "deep": (b"[" * 200_000, 400, "the body is nested too deeply"),
    "a list": (b"[]", 400, "the body has no object.metadata.name"),
    "no name": (b'{"object": {"metadata": {}}}', 400, "the body has no object.metadata.name"),
    "metadata": (b'{"object": {"metadata": 1}}', 400, "the body has no object.metadata.name"),
    "name": (
        b'{"object": {"metadata": {"name": "a\\", \\"b"}}}',
        400,
        "object.metadata.name is not the name of a namespace",
    ),
    "labels": (
        b'{"object": {"metadata": {"name": "a", "labels": []}}}',
        400,
        "object.metadata.labels is not a mapping",
    ),
}


@pytest.mark.parametrize(("body", "status", "reason"), REFUSED.values(), ids=REFUSED)
def test_bad_body_is_refused_with_a_reason(client: Client, body: bytes, status: int, reason: str):
    assert client.ask(body=body) == (status, {"error": reason})
    assert client.ask()[0] == 200


REQUESTS: dict[str, tuple[bytes, bytes]] = {
    "no HTTP": (b"hello\r\n\r\n", b"400 Bad Request"),
    "version": (b"GET / HTTP/2.0\r\n\r\n", b"505 HTTP Version Not Supported"),
    "header": (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400 Bad Request"),
    "space": (b"GET / HTTP/1.1\r\nName : x\r\n\r\n", b"400 Bad Request"),
    "no length": (b"POST /sync HTTP/1.1\r\n\r\n", b"411 Length Required"),
    "length": (b"POST /sync HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400 Bad Request"),
    "two lengths": (
        b"POST /sync HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n",
        b"400 Bad Request",
    ),
    "large": (b"POST /sync HTTP/1.1\r\nContent-Length: 8388609\r\n\r\n", b"413 Content Too Large"),
    "long": (b"POST /sync HTTP/1.1\r\nContent-Length: " + b"9" * 5000, b"431"),
    "chunked": (b"POST /sync HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"501"),
    "headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 4000, b"431"),
}


@pytest.mark.parametrize(("request_", "status"), REQUESTS.values(), ids=REQUESTS)
def test_bad_request_is_refused_and_the_connection_closed(
    port: int, request_: bytes, status: bytes
):
    padding = b"x" * sync_server.MAX_HEAD if status == b"431" else b""
    answer = raw(port, request_ + padding)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"\r\nConnection: close\r\n" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/sync", 405, "POST"),
        ("POST", "/metrics", 405, "GET, HEAD"),
        ("DELETE", "/healthz", 405, "GET, HEAD"),
        ("GET", "/", 404, None),
    ],
)
def test_other_paths_and_methods_are_refused(
    client: Client, method: str, path: str, status: int, allowed: str | None
):
    client.connection.request(method, path, b"" if method == "POST" else None)
    response = client.connection.getresponse()
    assert (response.status, response.headers["Allow"]) == (status, allowed)
    response.read()


def test_revision_at_hand_is_answered(client: Client):
    assert client.ask("/sync?rev=one")[0] == 200


def test_revision_that_is_not_here_yet_is_to_be_asked_for_again(client: Client):
    client.connection.request("POST", "/sync?rev=two", json.dumps(namespace()))
    response = client.connection.getresponse()
    assert (response.status, response.headers["Retry-After"]) == (429, "2")
    response.read()


def test_revision_that_has_just_been_written_is_answered_at_once(
    client: Client, data: pathlib.Path
):
    write(data, secret("fresh"), revision="two")
    status, answer = client.ask("/sync?rev=two")
    assert (status, names(answer)) == (200, ["fresh"])


def test_changed_manifests_are_read_again(client: Client, data: pathlib.Path):
    write(data, secret("fresh"))
    deadline = time.monotonic() + 5
    while names(client.ask()[1]) != ["fresh"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_reload_drops_no_request(port: int, data: pathlib.Path):
    """Eight clients ask without pause while the data change thirty times."""
    failures: list[object] = []
    done = threading.Event()

    def ask() -> None:
        with contextlib.closing(Client(port)) as client:
            while not done.is_set():
                status, answer = client.ask()
                if status != 200 or len(answer["attachments"]) != 1:
                    failures.append((status, answer))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    with contextlib.closing(Client(port)) as client:
        for number in range(30):
            write(data, secret(f"number-{number}"), revision=str(number))
            assert names(client.ask(f"/sync?rev={number}")[1]) == [f"number-{number}"]
    done.set()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.parametrize("content", ["{", "[]", '{"revision": "2"}', '{"manifests": 1}'])
def test_malformed_data_leave_the_former_in_use(client: Client, data: pathlib.Path, content: str):
    data.write_text(content)
    client.ask("/sync?rev=2")
    assert client.ask()[0] == 200
    assert "\nsync_server_reload_failures_total 1\n" in client.ask("/metrics", method="GET")[1]


def test_server_without_data_is_up_and_says_so(tmp_path: pathlib.Path):
    path = tmp_path / "manifests.json"
    with serving(path) as port, contextlib.closing(Client(port)) as client:
        reason = {"error": "no manifests yet"}
        assert client.ask() == (503, reason)
        assert client.ask("/healthz", method="GET") == (503, reason)
        write(path, secret())
        assert client.ask()[0] == 200
        assert client.ask("/healthz", method="GET") == (200, "ok, 1 manifests\n")


def test_head_has_no_body(port: int):
    answer = raw(port, b"HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_old_client_gets_its_connection_closed(port: int):
    assert b"\r\nConnection: close\r\n" in raw(port, b"GET /healthz HTTP/1.0\r\n\r\n")


def test_metrics_count_requests_and_times(client: Client):
    for _ in range(3):
        client.ask()
    client.ask("/nothing")
    lines = client.ask("/metrics", method="GET")[1].splitlines()
    assert 'sync_server_requests_total{path="/sync",code="200"} 3' in lines
    assert 'sync_server_requests_total{path="other",code="404"} 1' in lines
    assert "sync_server_sync_seconds_count 3" in lines
    assert 'sync_server_sync_seconds_bucket{le="+Inf"} 3' in lines
    assert "sync_server_connections 1" in lines
    types = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(types) == len(set(types))


def test_half_sent_request_holds_up_nobody_and_is_given_up(
    port: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sync_server, "REQUEST_TIMEOUT", 0.3)
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(b"POST /sync HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        with contextlib.closing(Client(port)) as client:
            assert client.ask()[0] == 200
        assert sock.recv(64).startswith(b"HTTP/1.1 408 Request Timeout")


def test_idle_connection_is_closed(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sync_server, "IDLE_TIMEOUT", 0.2)
    with contextlib.closing(Client(port)) as client:
        client.ask()
        assert client.connection.sock.recv(1) == b""


def test_client_that_takes_no_answers_is_given_up(
    data: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sync_server, "REQUEST_TIMEOUT", 0.3)
    write(data, secret(key="x" * 4_000_000))
    body = json.dumps(namespace()).encode()
    request = b"POST /sync HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with serving(data) as port, socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(request * 4)
        time.sleep(1.2)
        with contextlib.closing(Client(port)) as client:
            assert "\nsync_server_connections 1\n" in client.ask("/metrics", method="GET")[1]


def test_large_answer_arrives_whole_at_a_slow_client(data: pathlib.Path):
    write(data, secret(key="x" * 4_000_000))
    with serving(data) as port, contextlib.closing(Client(port)) as client:
        client.connection.request("POST", "/sync", json.dumps(namespace()))
        time.sleep(0.3)
        answer = json.loads(client.connection.getresponse().read())
        assert len(answer["attachments"][0]["data"]["key"]) == 4_000_000
        assert client.ask("/healthz", method="GET")[0] == 200


def test_flood_of_connections_leaves_room_for_a_new_client(
    port: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sync_server, "MAX_CONNECTIONS", 20)
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            sock.sendall(b"POST /sync HTTP/1.1\r\nContent-")
        client = stack.enter_context(contextlib.closing(Client(port)))
        assert client.ask()[0] == 200
        assert "\nsync_server_connections 20\n" in client.ask("/metrics", method="GET")[1]


def test_flood_of_large_bodies_does_not_fill_the_memory(
    port: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sync_server, "MAX_HELD", 1_000_000)
    head = b"POST /sync HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n"
    answers: list[bytes] = []
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            # The server stops reading from a connection that it has refused.
            with contextlib.suppress(OSError):
                sock.sendall(head + b"x" * 600_000)
            sock.settimeout(0.5)
            with contextlib.suppress(TimeoutError):
                answers.append(sock.recv(64))
        with contextlib.closing(Client(port)) as client:
            assert client.ask()[0] == 200
    assert len(answers) >= 2
    assert all(item.startswith(b"HTTP/1.1 503") for item in answers)


def test_client_that_is_gone_before_its_answer_harms_nobody(port: int):
    body = json.dumps(namespace()).encode()
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.sendall(b"POST /sync HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    with contextlib.closing(Client(port)) as client:
        assert client.ask()[0] == 200


PROGRAM = pathlib.Path(sync_server.__file__)


@contextlib.contextmanager
def process(data: pathlib.Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The program as a charm starts it: alone in a directory, without any package."""
    alone = data.parent / "sync_server.py"
    alone.write_text(PROGRAM.read_text())
    command = [sys.executable, "-I", "-S", "-W", "error", alone, "--port", "0", "--data", data]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stderr
            lines = iter(running.stderr.readline, "")
            port = next(event["port"] for line in lines if "port" in (event := json.loads(line)))
            yield running, port
        finally:
            running.kill()


def test_program_needs_nothing_but_the_standard_library(data: pathlib.Path):
    with process(data) as (_, port), contextlib.closing(Client(port)) as client:
        assert client.ask()[0] == 200


def test_stopped_program_answers_what_is_under_way(data: pathlib.Path):
    """A request of which a part has arrived is answered; connections without one are closed."""
    body = json.dumps(namespace()).encode()
    with process(data) as (running, port), contextlib.closing(Client(port)) as idle:
        idle.ask()
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            sock.sendall(b"POST /sync HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body))
            time.sleep(0.2)
            os.kill(running.pid, signal.SIGTERM)
            assert idle.connection.sock.recv(1) == b""
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 5)
            sock.sendall(body)
            answer = sock.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"\r\nConnection: close\r\n" in answer
        assert running.wait(5) == 0


def test_stopped_program_does_not_wait_for_ever(data: pathlib.Path):
    with process(data) as (running, port):
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            sock.sendall(b"POST")
            time.sleep(0.2)
            begun = time.monotonic()
            os.kill(running.pid, signal.SIGTERM)
            assert running.wait(10) == 0
        assert time.monotonic() - begun < 5


def test_log_shows_nothing_of_requests_or_manifests(data: pathlib.Path):
    with process(data) as (running, port):
        with contextlib.closing(Client(port)) as client:
            client.ask()
            client.ask(f"/{PASSWORD}")
            client.ask(f"/sync?rev={PASSWORD}")
            client.ask(body=PASSWORD.encode())
            data.write_text(f"{PASSWORD} is no JSON")
            client.ask("/sync?rev=two")
        raw(port, PASSWORD.encode() + b"\r\n\r\n")
        time.sleep(2 * sync_server.POLL_INTERVAL)
        running.terminate()
        assert running.stderr
        log = running.stderr.read()
        assert running.wait(5) == 0
    assert PASSWORD not in log
    events = [json.loads(line) for line in log.splitlines()]
    refused = [event for event in events if event["event"] == "requests refused"]
    assert {"400 malformed request line", "400 the body is not JSON"} <= refused[0].keys()
    assert "manifests not read, the former stay in use" in [item["event"] for item in events]
