# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Measure the sync server against models of the published ones, on the same requests.

Each server runs on one core, the load generator on another where there is one. The bars are those
that the project has set itself; `--save` writes the results.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
import importlib
import json
import os
import pathlib
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable
from typing import Any

import yaml
from charmkit.programs import sync_server

from . import load

HERE = pathlib.Path(__file__).parent
RESULTS = HERE / "SYNC_SERVERS.md"
PROFILE_SOURCES = HERE.parents[1] / "charms/kfp-profile-controller/src"
BARS = {"dispatcher": 30, "profile": 5}
"""The requests a second must be so many times the published server's."""

MAX_P99 = 0.003
MAX_MEMORY = 40 * 1024 * 1024
CONNECTIONS = 8
PUBLISHED_CONNECTIONS = 4
"""Less than its queue of five holds: clients that find it full wait a second and more."""

Object = dict[str, Any]

REPORT = """# What a sync server does on one core

On {today} with Python {python}: the sync server of kfp-profile-controller and
resource-dispatcher with {ours} connections, and models of the published ones
(`published_servers.py`) with {published}, on the same requests in the same run. The bars:
{dispatcher} times the published dispatcher (five manifests), {profile} times the published profile
controller, 99 of 100 requests within {milliseconds} ms, and {mebibytes} MiB.
`python -m tests.benchmarks.sync_servers --save` writes this file.

{table}
"""


@dataclasses.dataclass(frozen=True)
class Row:
    """One server under load.

    Args:
        name: which.
        load: what it did.
        memory: bytes that were resident at most; 0 where it was not asked for.
    """

    name: str
    load: load.Load
    memory: int = 0


def main() -> int:
    """Measure, print, and compare with the bars.

    Returns:
        The exit status: 1 if a bar is not reached.
    """
    arguments = _arguments()
    results = {what: compare(what, arguments.seconds) for what in BARS}
    lines = list(_lines(results))
    print(_table(lines))
    if arguments.save:
        RESULTS.write_text(_report(lines))
    missed = list(_missed(results))
    print("\n".join(missed))
    return 1 if missed else 0


def compare(what: str, seconds: float) -> tuple[Row, Row]:
    """Measure the published server's model and ours on the same manifests and request."""
    manifests = MANIFESTS[what]()
    request = _request(manifests)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        command = _published(what, directory, manifests)
        published = _measured(
            f"{what}, published", command, request, seconds, PUBLISHED_CONNECTIONS
        )
        command = _ours(directory, manifests)
        ours = _measured(f"{what}, ours", command, request, seconds, CONNECTIONS)
    return published, ours


def _measured(
    name: str, command: list[str], request: bytes, seconds: float, connections: int
) -> Row:
    with _running(command) as (process, port):
        load.run(port, request, connections=connections, seconds=min(1, seconds))
        measured = load.run(port, request, connections=connections, seconds=seconds)
        return Row(name, measured, _peak_memory(process.pid))


@contextlib.contextmanager
def _running(command: list[str]) -> Generator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    words = [word.replace("PORT", str(port)) for word in command]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(process.pid, cores[:1])
        os.sched_setaffinity(0, cores[1:] or cores)
        try:
            _wait(port)
            yield process, port
        finally:
            process.terminate()
            os.sched_setaffinity(0, cores)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _peak_memory(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _published(what: str, directory: pathlib.Path, manifests: list[Object]) -> list[str]:
    place = directory / "published"
    if what == "dispatcher":
        place.mkdir()
        for index, manifest in enumerate(manifests):
            (place / f"{index}.yaml").write_text(yaml.safe_dump(manifest))
    else:
        place.write_text(json.dumps(manifests))
    return [sys.executable, str(HERE / "published_servers.py"), what, "PORT", str(place)]


def _ours(directory: pathlib.Path, manifests: list[Object]) -> list[str]:
    data = directory / "manifests.json"
    content = {"revision": "1", "label": "pipelines.kubeflow.org/enabled", "manifests": manifests}
    data.write_text(json.dumps(content))
    program = str(pathlib.Path(sync_server.__file__))
    return [sys.executable, "-I", program, "--port", "PORT", "--data", str(data)]


def dispatched() -> list[Object]:
    """Return five manifests, as mlflow-server and kserve-controller hand them over."""
    secrets = [
        _object(
            "v1",
            "Secret",
            name,
            data={"AWS_ACCESS_KEY_ID": "bWluaW8=", "AWS_SECRET_ACCESS_KEY": "a2V5" * 8},
        )
        for name in ("mlflow-server-minio-artifact", "kserve-controller-s3")
    ]
    account = _object(
        "v1", "ServiceAccount", "kserve-controller-s3", secrets=[{"name": "kserve-controller-s3"}]
    )
    defaults = [
        _object(
            "kubeflow.org/v1alpha1",
            "PodDefault",
            name,
            spec={
                "desc": "Allow access to MLflow",
                "selector": {"matchLabels": {name: "true"}},
                "env": [
                    {
                        "name": "MLFLOW_S3_ENDPOINT_URL",
                        "value": "http://mlflow-minio.kubeflow:9000",
                    },
                    {
                        "name": "MLFLOW_TRACKING_URI",
                        "value": "http://mlflow-server.kubeflow.svc.cluster.local:5000",
                    },
                ],
            },
        )
        for name in ("mlflow-server-access-minio", "mlflow-server-minio")
    ]
    return [*secrets, account, *defaults]


def profile() -> list[Object]:
    """Return what a profile has for pipelines, with both optional pods, as published."""
    sys.path.insert(0, str(PROFILE_SOURCES))
    profile_objects = importlib.import_module("profile_objects")
    store = profile_objects.Store("minio.kubeflow", 9000, False, "us-east-1", "minio", "key" * 10)
    amounts = {"cpu": "50m", "memory": "200Mi"}
    pod = profile_objects.Pod(
        "registry/image:1", "IfNotPresent", {"requests": amounts, "limits": amounts}
    )
    return [
        profile_objects.keys(store),
        profile_objects.launcher(store, "minio://mlpipeline/v2/artifacts"),
        profile_objects.metadata_server("metadata-grpc-service.kubeflow", 8080),
        profile_objects.pod_default(),
        profile_objects.owner_policy(),
        *profile_objects.artifact_proxy(store, pod),
        *profile_objects.visualization_server(pod),
    ]


MANIFESTS = {"dispatcher": dispatched, "profile": profile}


def _object(api_version: str, kind: str, name: str, **fields: Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **fields}


def _request(manifests: Iterable[Object]) -> bytes:
    """Return what Metacontroller sends for a namespace that has everything already."""
    labels = {"pipelines.kubeflow.org/enabled": "true", "user.kubeflow.org/enabled": "true"}
    attachments: dict[str, Object] = {}
    for manifest in manifests:
        group, _, version = manifest["apiVersion"].rpartition("/")
        kind = f"{manifest['kind']}.{group}/{version}" if group else f"{manifest['kind']}.v1"
        attachments.setdefault(kind, {})[manifest["metadata"]["name"]] = _observed(manifest)
    request = {
        "controller": {"metadata": {"name": "controller"}, "spec": {}},
        "object": _observed(_object("v1", "Namespace", "alice", labels=labels), labels=labels),
        "attachments": attachments,
        "related": {},
        "finalizing": False,
    }
    body = json.dumps(request).encode()
    head = (
        f"POST /sync HTTP/1.1\r\nHost: sync\r\nUser-Agent: Go-http-client/1.1\r\n"
        f"Content-Length: {len(body)}\r\nContent-Type: application/json\r\n\r\n"
    )
    return head.encode() + body


def _observed(manifest: Object, **metadata: Any) -> Object:
    """Return an object as the Kubernetes API has it, with what Metacontroller leaves in it."""
    applied = {"metacontroller.k8s.io/last-applied-configuration": json.dumps(manifest)}
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": "alice", "uid": "0" * 36}
    fields = {"f:metadata": {"f:annotations": {".": {}}, "f:ownerReferences": {".": {}}}}
    managed = {"manager": "metacontroller", "operation": "Update", "fieldsV1": fields}
    system = {
        "namespace": "alice",
        "uid": "1" * 36,
        "resourceVersion": "12345",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "annotations": applied,
        "ownerReferences": [owner],
        "managedFields": [managed],
    }
    return {**manifest, "metadata": {**manifest["metadata"], **system, **metadata}}


def _missed(results: dict[str, tuple[Row, Row]]) -> Iterable[str]:
    for what, (published, ours) in results.items():
        ratio = ours.load.rate / published.load.rate
        if ratio < BARS[what]:
            yield f"{what}: {ratio:.1f} times the published server, not {BARS[what]}"
        if ours.load.p99 > MAX_P99:
            yield f"{what}: 99 of 100 requests take {ours.load.p99 * 1000:.1f} ms"
        if ours.memory > MAX_MEMORY:
            yield f"{what}: {ours.memory / 1024 / 1024:.0f} MiB"


def _lines(results: dict[str, tuple[Row, Row]]) -> Iterable[tuple[str, ...]]:
    yield "server", "requests/s", "ratio", "median, ms", "p99, ms", "memory, MiB"
    for published, ours in results.values():
        for row in (published, ours):
            yield (
                row.name,
                f"{row.load.rate:.0f}",
                f"{row.load.rate / published.load.rate:.1f}",
                f"{row.load.median * 1000:.2f}",
                f"{row.load.p99 * 1000:.2f}",
                f"{row.memory / 1024 / 1024:.0f}",
            )


def _table(lines: Iterable[tuple[str, ...]]) -> str:
    head, *body = lines
    rule = ("---", *("---:" for _ in head[1:]))
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *body))


def _report(lines: Iterable[tuple[str, ...]]) -> str:
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return REPORT.format(
        today=today,
        python=platform.python_version(),
        ours=CONNECTIONS,
        published=PUBLISHED_CONNECTIONS,
        milliseconds=round(MAX_P99 * 1000),
        mebibytes=MAX_MEMORY // 1024 // 1024,
        table=_table(lines),
        **BARS,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.sync_servers", description=__doc__
    )
    parser.add_argument("--seconds", type=float, default=5, help="how long each server is loaded")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
