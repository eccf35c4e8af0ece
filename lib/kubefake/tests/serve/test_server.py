# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The port on loopback: who may come in, and what HTTP does."""

import base64
import contextlib
import http.client
import json
import socket
import ssl
import stat
import threading
import time

import httpx2
import lightkube
import pytest
import yaml
from kubefake import Cluster, Request, Response, rbac, serve
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Namespace

MAPS = "/api/v1/namespaces/default/configmaps"
ACCOUNT = "system:serviceaccount:default:reader"


@pytest.fixture
def cluster():
    cluster = Cluster()
    cluster.authorize = rbac.Authorizer(cluster)
    return cluster


@pytest.fixture
def server(cluster):
    with serve.served(cluster) as server:
        yield server


@pytest.fixture
def config(server, tmp_path):
    return server.kubeconfig(tmp_path / "kubeconfig")


@pytest.fixture
def trust(config):
    """A context that trusts the authority which the kubeconfig carries."""
    (entry,) = yaml.safe_load(config.read_text())["clusters"]
    authority = base64.b64decode(entry["cluster"]["certificate-authority-data"])
    return ssl.create_default_context(cadata=authority.decode())


@pytest.fixture
def web(server, trust):
    headers = {"authorization": f"Bearer {server.token()}"}
    with httpx2.Client(base_url=server.url, verify=trust, headers=headers, timeout=10) as client:
        yield client


@contextlib.contextmanager
def connected(config, manager="somebody"):
    """A lightkube client with a kubeconfig; it has no method of its own that closes it."""
    client = lightkube.Client(lightkube.KubeConfig.from_file(config), field_manager=manager)
    with contextlib.closing(client._client._client):
        yield client


@pytest.fixture
def client(config):
    with connected(config) as client:
        yield client


def config_map(name, **data):
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="default"), data=data)


def lines(response):
    return [json.loads(line) for line in response.iter_lines()]


def test_a_client_library_works_with_the_kubeconfig(client, cluster):
    client.apply(config_map("a", colour="red"))
    client.patch(ConfigMap, "a", {"data": {"colour": "blue"}}, namespace="default")
    assert client.get(ConfigMap, "a", namespace="default").data == {"colour": "blue"}
    assert cluster.object("ConfigMap", "a")["data"] == {"colour": "blue"}
    client.delete(ConfigMap, "a", namespace="default")
    assert [each.metadata.name for each in client.list(ConfigMap, namespace="default")] == [
        "kube-root-ca.crt"
    ]
    with pytest.raises(ApiError, match='configmaps "a" not found'):
        client.get(ConfigMap, "a", namespace="default")


def test_a_kubeconfig_is_its_owners_only(server, config):
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    config.chmod(0o644)
    server.kubeconfig(config)
    assert stat.S_IMODE(config.stat().st_mode) == 0o600


def test_each_user_has_a_token_of_its_own(server, cluster, tmp_path):
    assert server.token(ACCOUNT) == server.token(ACCOUNT)
    assert server.token(ACCOUNT) != server.token()
    refused = pytest.raises(ApiError, match=f'User "{ACCOUNT}" cannot list resource "namespaces"')
    with connected(server.kubeconfig(tmp_path / "k", ACCOUNT, "here")) as client, refused:
        assert client.namespace == "here"
        list(client.list(Namespace))
    assert cluster.journal[-1].user == ACCOUNT


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer wrong", "Basic {}", "{}", "Bearer {}x"])
def test_without_a_token_nobody_comes_in(server, web, cluster, value):
    before = len(cluster.journal)
    headers = {"authorization": value.format(server.token())}
    for path in ("/version", "/healthz", "/openapi/v3", MAPS, "/nowhere"):
        answer = web.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["reason"] == "Unauthorized"
    assert web.post(MAPS, headers=headers, json={}).status_code == 401
    assert len(cluster.journal) == before


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{}", "127.0.0.1", "", "[::1]:{}"])
def test_a_name_that_has_been_made_to_point_here_is_refused(server, web, cluster, host):
    before = len(cluster.journal)
    answer = web.get("/version", headers={"host": host.format(server.port)})
    assert answer.status_code == 403
    assert len(cluster.journal) == before
    assert web.get("/version", headers={"host": f"localhost:{server.port}"}).status_code == 200


def test_only_loopback_is_listened_on(server):
    assert server.url == f"https://127.0.0.1:{server.port}"
    assert server.socket.getsockname() == ("127.0.0.1", server.port)


def test_a_connection_is_used_again(server, trust):
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=trust, timeout=10)
    headers = {"authorization": f"Bearer {server.token()}"}
    sockets = set()
    for _ in range(3):
        connection.request("GET", MAPS, headers=headers)
        assert connection.getresponse().read()
        sockets.add(connection.sock)
    connection.close()
    assert len(sockets) == 1


def test_who_speaks_no_tls_or_nonsense_harms_nobody(server, web):
    plain = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    plain.request("GET", "/version")
    with contextlib.closing(plain), pytest.raises((OSError, http.client.HTTPException)):
        plain.getresponse().read()
    assert web.get("/version").status_code == 200


def test_who_connects_and_says_nothing_does_not_hold_up_the_end(cluster):
    start = time.monotonic()
    with contextlib.ExitStack() as stack:
        with serve.served(cluster) as server:
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            while not server._open:
                time.sleep(0.01)
        assert time.monotonic() - start < 5


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD"])
def test_methods_that_are_not_served(web, method):
    assert web.request(method, MAPS).status_code == 405


def test_what_is_too_large_or_has_no_length(web):
    large = b"{" + b" " * 3_200_000 + b"}"
    assert web.post(MAPS, content=large).status_code == 413
    assert web.post(MAPS, content=iter([b"{}"])).status_code == 411


def test_paths_are_decoded(web, cluster):
    name = "system:node-proxier"
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    body = {"metadata": {"name": name}, "rules": []}
    assert web.post(path, json=body).status_code == 201
    assert web.get(f"{path}/system%3Anode-proxier").json()["metadata"]["name"] == name


def test_pages(web, cluster):
    for name in "abc":
        cluster.create(config_map(name).to_dict() | {"apiVersion": "v1", "kind": "ConfigMap"})
    first = web.get(MAPS, params={"limit": 2}).json()
    token = first["metadata"]["continue"]
    rest = web.get(MAPS, params={"limit": 2, "continue": token}).json()
    names = [item["metadata"]["name"] for item in first["items"] + rest["items"]]
    assert names == ["a", "b", "c", "kube-root-ca.crt"]


def test_dry_run_and_field_validation(web, cluster):
    body = {"metadata": {"name": "a"}, "data": {}, "colour": {}}
    answer = web.post(MAPS, json=body, params={"fieldValidation": "Strict"})
    assert answer.status_code == 400
    assert 'unknown field "colour"' in answer.json()["message"]
    assert web.post(MAPS, json=body, params={"dryRun": "All"}).status_code == 201
    assert web.get(f"{MAPS}/a").status_code == 404


def test_a_watch_tells_what_happens_while_it_is_open(web, client, cluster):
    version = web.get(MAPS).json()["metadata"]["resourceVersion"]
    query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": "5"}
    with web.stream("GET", MAPS, params=query) as response:
        assert response.headers["transfer-encoding"] == "chunked"
        told = response.iter_lines()
        client.create(config_map("a"))
        assert json.loads(next(told))["type"] == "ADDED"
        client.patch(ConfigMap, "a", {"data": {"x": "y"}}, namespace="default")
        assert json.loads(next(told))["object"]["data"] == {"x": "y"}
        client.create(Namespace(metadata=ObjectMeta(name="other")))
        client.delete(ConfigMap, "a", namespace="default")
        event = json.loads(next(told))
        assert (event["type"], event["object"]["metadata"]["name"]) == ("DELETED", "a")


def test_a_watch_ends_when_its_time_is_over(web):
    start = time.monotonic()
    query = {"watch": "1", "timeoutSeconds": "1", "allowWatchBookmarks": "true"}
    with web.stream("GET", MAPS, params=query) as response:
        events = lines(response)
    assert [event["type"] for event in events] == ["ADDED", "BOOKMARK"]
    assert 0.9 < time.monotonic() - start < 5


def test_a_watch_whose_reader_has_gone_is_given_up(server, web):
    with web.stream("GET", MAPS, params={"watch": "1"}) as response:
        next(response.iter_lines())
    end = time.monotonic() + 5
    while len(server._open) > 0 and time.monotonic() < end:
        time.sleep(0.05)
    assert not server._open


def test_the_end_of_the_server_ends_watches(cluster, config, server, web):
    ended = threading.Event()

    def watch():
        with web.stream("GET", MAPS, params={"watch": "1"}) as response:
            lines(response)
        ended.set()

    reader = threading.Thread(target=watch)
    reader.start()
    while not cluster.journal or cluster.journal[-1].verb != "watch":
        time.sleep(0.01)
    server.stopping = True
    assert ended.wait(5)
    reader.join()


def test_many_at_once(server, config, cluster):
    def work(number):
        with connected(config, f"worker-{number}") as own:
            for turn in range(5):
                own.apply(config_map(f"m-{number}-{turn}", n=str(turn)))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(cluster.objects("ConfigMap", "default")) == 31


@pytest.mark.parametrize("program", ["log", "exec", "attach", "portforward", "proxy"])
def test_what_only_a_running_program_could_answer_is_refused(web, program):
    answer = web.get(f"/api/v1/namespaces/default/pods/a/{program}")
    assert answer.status_code == 501
    assert answer.json()["message"] == (
        f"nothing runs in the simulator: there is no {program} of pods a"
    )


def test_protobuf_is_refused_with_a_way_out(web):
    headers = {"content-type": "application/vnd.kubernetes.protobuf"}
    answer = web.post("/api/v1/namespaces", content=b"k8s\x00", headers=headers)
    assert answer.status_code == 415
    assert "apply a manifest" in answer.json()["message"]


def test_an_injected_fault_breaks_the_connection(server, web, cluster):
    told = []
    server.on_fault = told.append
    cluster.faults = lambda _: KeyError("planted")
    with pytest.raises(httpx2.TransportError):
        web.get(MAPS)
    assert [str(fault) for fault in told] == ["'planted'"]
    cluster.faults = lambda request: Response(429, [], b"{}") if request.user == "admin" else None
    assert web.get(MAPS).status_code == 429
    cluster.faults = None
    assert web.get(MAPS).status_code == 200


def test_a_cluster_is_served_as_it_is(cluster, server, web):
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "late"}})
    same = cluster.request(Request("GET", "/api/v1/namespaces/late")).json()
    assert web.get("/api/v1/namespaces/late").json() == same
