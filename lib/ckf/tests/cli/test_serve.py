# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf preview --serve`: a cluster for other programs, until it is interrupted."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys

import lightkube
import pytest
from ckf.cli import main
from lightkube.resources.core_v1 import Pod, Service

CKF = [sys.executable, "-c", "import sys; from ckf.cli import main; sys.exit(main())"]


@pytest.fixture
def serving(bundle):
    """Start the command, and wait until it serves."""

    @contextlib.contextmanager
    def start(*words):
        with subprocess.Popen(
            [*CKF, "preview", "--serve", *words],
            cwd=bundle.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "error"},
        ) as process:
            assert process.stderr
            for line in process.stderr:
                found = re.fullmatch(r"  export KUBECONFIG=(.+)\n", line)
                if found:
                    break
            else:
                pytest.fail("it does not serve")
            assert process.stderr.readline() == "  kubectl get all -A\n"
            try:
                yield process, pathlib.Path(found[1])
            finally:
                process.kill()

    return start


def pods(config):
    client = lightkube.Client(lightkube.KubeConfig.from_file(config))
    with contextlib.closing(client._client._client):
        assert client.namespace == "ml"
        client.patch(Service, "store", {"metadata": {"labels": {"by": "hand"}}})
        return [pod.metadata.name for pod in client.list(Pod) if pod.metadata]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_cluster_is_there_until_an_interrupt(serving, number):
    with serving("--model", "ml") as (process, config):
        assert pods(config) == ["client-0", "store-0"]
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out.endswith("All 2 applications are active.\n")
    assert err == ""
    assert not config.parent.exists()


def test_the_exit_status_is_the_previews_and_json_stays_json(serving):
    with serving("--model", "ml", "--scale", "client=0", "--format", "json") as (process, config):
        assert pods(config) == ["store-0"]
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert out.startswith("{")
    assert out.endswith("}\n")


def test_faults_end_where_serving_begins(serving):
    with serving("--model", "ml", "--faults", "3", "--seed", "2") as (process, config):
        for _ in range(10):
            assert pods(config) == ["client-0", "store-0"]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def test_a_real_cluster_is_not_served(bundle, capsys):
    assert main(["preview", str(bundle), "--serve", "--kube", "envtest"]) == 2
    assert "does not go with --kube" in capsys.readouterr().err
