# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Kubernetes on loopback for one hook: only with its token, and as its account."""

import httpx2
import jujusim
import kubefake
import pytest
from jujusim.worker import api
from jujusim.worker.hook_process import HookProcess
from kubefake.transport import Transport

USER = "system:serviceaccount:m:app"
SECRETS = "/api/v1/namespaces/m/secrets"


@pytest.fixture
def cluster():
    """A cluster with a namespace."""
    made = kubefake.Cluster()
    body = b'{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "m"}}'
    assert made.request(kubefake.Request("POST", "/api/v1/namespaces", body=body)).status == 201
    return made


@pytest.fixture
def life():
    """The life of a hook."""
    return HookProcess()


@pytest.fixture
def client(cluster, life):
    """A client with the token."""
    with api.served(Transport(cluster, USER), life) as (url, token):
        headers = {"authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=url, headers=headers, trust_env=False) as client:
            yield client


def secret(name):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic x"])
def test_nobody_is_answered_without_the_token(client, cluster, header):
    since = len(cluster.journal)
    answer = client.get(SECRETS, headers={"authorization": header})
    assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")
    assert len(cluster.journal) == since


def test_requests_are_the_accounts(client, cluster):
    assert client.post(SECRETS, json=secret("a")).status_code == 201
    assert [item["metadata"]["name"] for item in client.get(SECRETS).json()["items"]] == ["a"]
    assert client.delete(f"{SECRETS}/a").status_code == 200
    assert client.get(f"{SECRETS}/a").status_code == 404
    assert {entry.user for entry in cluster.journal[-4:]} == {USER}


def test_a_watch_tells_what_is_known_and_breaks(client):
    for name in ("a", "b"):
        client.post(SECRETS, json=secret(name))
    with client.stream("GET", SECRETS, params={"watch": "true"}) as answer:
        names = [line.split('"name":"')[1].split('"')[0] for line in answer.iter_lines()]
    assert names == ["a", "b"]
    version = client.get(SECRETS).json()["metadata"]["resourceVersion"]
    query = {"watch": "true", "resourceVersion": version}
    with (
        pytest.raises(httpx2.TransportError),
        client.stream("GET", SECRETS, params=query) as answer,
    ):
        answer.read()


def test_a_hook_that_is_killed_at_a_request(client, cluster, life):
    def killed(request):
        raise jujusim.Killed("now")

    cluster.faults = killed
    with pytest.raises(httpx2.TransportError):
        client.get(SECRETS)
    assert isinstance(life.error, jujusim.Killed)


def test_the_kubeconfig_is_its_owners_only(tmp_path):
    path = tmp_path / "kubeconfig"
    api.write_kubeconfig(path, "http://127.0.0.1:1", "token", "m")
    assert path.stat().st_mode & 0o777 == 0o600
