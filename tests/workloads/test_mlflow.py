# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""MLflow itself, started and reached as the bundle with its overlay says.

Its charm is a fake that renders what the published one does. Two things differ from a cluster:
the database is a file, since there is no MySQL, and the object store only notes what it is sent.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import http.client
import http.server
import os
import pathlib
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

import jujusim
import pytest
from ckf import preview
from ckf.controlplane.process import Process

from ..kube.bundles import eventually
from ..model import deployment, mlflow
from . import cluster, gateway, web
from .cluster import ROOT
from .network import Namespace

GATEWAY_PORT, PUBLIC_HOST = 8080, "kubeflow.example.com"
SERVER, STORE = "mlflow-server.kubeflow.svc.cluster.local", "minio.kubeflow"
VERSIONS = ("mlflow", "mlflow3")
SCRIPT = """
import mlflow
mlflow.set_experiment("from a notebook")
with mlflow.start_run() as run:
    mlflow.log_metric("loss", 0.5)
    mlflow.log_text("hello", "greeting.txt")
found = mlflow.tracking.MlflowClient().get_run(run.info.run_id)
print(found.data.metrics, found.info.artifact_uri)
"""


@dataclasses.dataclass
class Rendered:
    """What the bundle with the overlay renders for MLflow.

    Attributes:
        service: the server's Pebble service.
        routes: the gateway's.
        notebook: the variables of a notebook with both labels.
    """

    service: dict[str, Any]
    routes: list[dict[str, Any]]
    notebook: dict[str, str]


@dataclasses.dataclass
class Running:
    """A server in a network, with the gateway and an object store."""

    rendered: Rendered
    network: Namespace
    python: pathlib.Path
    hosts: pathlib.Path
    stored: dict[str, str]

    def ask(self, path: str, *, host: str = PUBLIC_HOST) -> http.client.HTTPResponse:
        """GET something by the gateway; the body has been read."""
        with self.network.entered():
            connection = http.client.HTTPConnection("127.0.0.1", GATEWAY_PORT, timeout=20)
            with contextlib.closing(connection):
                connection.request("GET", path, headers={"Host": host})
                answer = connection.getresponse()
                answer.read()
                return answer

    def run_notebook(self) -> subprocess.CompletedProcess[str]:
        """Let MLflow's client work with a notebook's variables and no others."""
        variables = {"PATH": os.environ["PATH"], "HOME": "/tmp", **self.rendered.notebook}
        mounted = 'mount --bind "$1" /etc/hosts; exec "$2" -c "$3"'
        command = ["unshare", "--mount", "sh", "-c", mounted, "sh"]
        with self.network.entered():
            return subprocess.run(
                [*command, self.hosts, self.python, SCRIPT],
                env=variables,
                capture_output=True,
                text=True,
                timeout=180,
                check=False,
            )


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    for version in VERSIONS:
        cluster.program(version)
    model = preview.deploy(ROOT / "bundle.yaml", overlays=[ROOT / "overlays/mlflow.yaml"])
    namespace = {"metadata": {"name": "alice", "labels": mlflow.PROFILE}}
    deployment.cluster(model).install("", "namespaces", namespace)
    plan = model.units[f"{mlflow.APP}/0"].containers[mlflow.APP].plan()
    return Rendered(plan["services"][mlflow.APP], mlflow.routes(model), notebook(model))


def notebook(model: jujusim.Model) -> dict[str, str]:
    """The variables of a notebook's container, as the kubelet fills them in from Secrets."""
    objects = mlflow.dispatched(model, "alice")
    defaults = [each for (kind, _), each in objects.items() if kind == "PodDefault"]
    found = mlflow.environment(mlflow.NOTEBOOK, defaults)
    for name, value in found.items():
        secret, _, key = value.partition("/")
        if ("Secret", secret) in objects:
            found[name] = base64.b64decode(objects["Secret", secret]["data"][key]).decode()
    return found


@contextlib.contextmanager
def running(rendered: Rendered, program: str, more: Mapping[str, str]) -> Iterator[Running]:
    """Start a version of MLflow with what the charm renders."""
    command, network = cluster.program(program), cluster.network()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        place = pathlib.Path(folder)
        (place / "hosts").write_text(f"127.0.0.1 localhost {SERVER} {STORE}\n")
        stored = stack.enter_context(storing(network))
        stack.enter_context(gateway.listening(network, rendered.routes, GATEWAY_PORT))
        environment = rendered.service["environment"] | {
            "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{place}/mlflow.db"
        }
        name, *arguments = shlex.split(rendered.service["command"])
        assert name == "mlflow"
        variables = {"PATH": os.environ["PATH"], "HOME": folder, **environment, **more}
        given = [f"{key}={value}" for key, value in variables.items()]
        with network.entered():
            log = place / "server.log"
            started = ["-i", f"--chdir={folder}", *given, str(command), *arguments]
            server = Process(pathlib.Path("/usr/bin/env"), [*started, "--workers", "1"], log)
        stack.callback(server.kill)
        made = Running(rendered, network, command.with_name("python"), place / "hosts", stored)
        try:
            eventually(lambda: server.ended or made.ask("/mlflow/health").status == 200)
            assert not server.ended, log.read_text()
        except AssertionError:
            print(log.read_text())
            raise
        yield made


@contextlib.contextmanager
def storing(network: Namespace) -> Iterator[dict[str, str]]:
    """Stand in for the object store: who has put something where."""
    stored: dict[str, str] = {}

    class Handler(web.Quiet, http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            stored[self.path] = self.headers["Authorization"]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with web.served(network, Handler, 9000):
        yield stored


@pytest.fixture(scope="module")
def server(rendered: Rendered) -> Iterator[Running]:
    with running(rendered, "mlflow", {}) as made:
        yield made


def test_the_page_answers_behind_the_gateway(server: Running) -> None:
    answer = server.ask("/mlflow/")
    assert answer.status == 200
    assert answer.getheader("Content-Type", "").startswith("text/html")


def test_the_path_without_a_slash_leads_to_the_page(server: Running) -> None:
    answer = server.ask("/mlflow?search=one")
    assert answer.status == 301
    assert answer.getheader("Location") == "/mlflow/?search=one"
    assert server.ask(answer.getheader("Location", "")).status == 200


def test_a_path_of_another_application_is_not_mlflows(server: Running) -> None:
    assert server.ask("/mlflows").status == 404


def test_the_page_reaches_the_api_below_its_own_path(server: Running) -> None:
    """Its scripts ask for paths relative to the page."""
    answer = server.ask("/mlflow/ajax-api/2.0/mlflow/experiments/search?max_results=1")
    assert answer.status == 200
    assert answer.getheader("Content-Type", "").startswith("application/json")


def test_a_notebook_works_with_the_variables_that_it_has(server: Running) -> None:
    done = server.run_notebook()
    assert done.returncode == 0, done.stderr
    metrics, _, uri = done.stdout.splitlines()[-1].rpartition(" ")
    assert metrics == "{'loss': 0.5}"
    assert uri.startswith("s3://mlflow/")
    (path,) = [path for path in server.stored if path.endswith("/greeting.txt")]
    assert path.startswith(f"/{uri.removeprefix('s3://')}")
    key = server.rendered.notebook["AWS_ACCESS_KEY_ID"]
    assert f"Credential={key}/" in server.stored[path]


def test_mlflow_3_takes_requests_only_for_hosts_that_it_is_told_of(rendered: Rendered) -> None:
    """By default it refuses what comes by a Service's name or a public one."""
    with running(rendered, "mlflow3", {}) as made:
        assert made.ask("/mlflow/").status == 403
        assert made.ask("/mlflow/", host="localhost").status == 200
        done = made.run_notebook()
        assert done.returncode != 0
        assert "Invalid Host header" in done.stderr


def test_mlflow_3_serves_the_gateway_and_notebooks_once_it_is_told(rendered: Rendered) -> None:
    hosts = {"MLFLOW_SERVER_ALLOWED_HOSTS": f"{PUBLIC_HOST},{SERVER}:5000"}
    with running(rendered, "mlflow3", hosts) as made:
        assert made.ask("/mlflow/").status == 200
        assert made.ask("/mlflow/", host="elsewhere.example.com").status == 403
        done = made.run_notebook()
        assert done.returncode == 0, done.stderr
