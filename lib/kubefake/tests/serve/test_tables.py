# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Tables, without kubectl: what becomes of requests."""

import json

import pytest
from kubefake import Cluster, Request
from kubefake.serve import api

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.mark.parametrize(
    ("accept", "preferred"),
    [
        (TABLE, True),
        (f"{TABLE},application/json", True),
        (f"application/json,{TABLE}", False),
        (TABLE.replace("v=v1", "v=v9"), False),
        (f"{TABLE.replace('v=v1', 'v=v9')}, {TABLE}", True),
        (TABLE.replace("meta.k8s.io", "example.com"), False),
        ("application/json", False),
        ("", False),
        ("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", False),
    ],
)
def test_a_table_is_made_where_it_is_preferred(cluster, accept, preferred):
    assert (ask(cluster, PODS, accept).json()["kind"] == "Table") is preferred


@pytest.fixture
def cluster():
    cluster = Cluster()
    for name in ("a", "b"):
        meta = {"name": name, "namespace": "default", "labels": {"name": name}}
        cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {}})
    return cluster


def ask(cluster, path, accept=TABLE, **query):
    return api.answer(cluster, Request("GET", path, query, {"accept": accept}))


def test_a_table_of_a_selection(cluster):
    table = ask(cluster, MAPS, labelSelector="name=b").json()
    assert table["kind"] == "Table"
    assert table["metadata"]["resourceVersion"] == str(cluster.store.revision)
    assert [row["cells"][0] for row in table["rows"]] == ["b"]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_a_time_of_creation_is_by_the_clock_of_the_cluster(cluster):
    start = cluster.object("ConfigMap", "a")["metadata"]["creationTimestamp"]
    (row,) = ask(cluster, MAPS, labelSelector="name=a").json()["rows"]
    assert row["cells"] == ["a", start]


def test_a_watch_tells_of_each_object_as_a_row(cluster):
    lines = [json.loads(line) for line in ask(cluster, MAPS, watch="1").stream or ()]
    (columns,) = {json.dumps(line["object"]["columnDefinitions"]) for line in lines}
    assert [column["name"] for column in json.loads(columns)] == ["Name", "Created At"]
    assert [line["object"]["rows"][0]["cells"][0] for line in lines][:2] == ["a", "b"]


def test_what_is_no_object_stays_as_it_is(cluster):
    for path in ("/version", "/api/v1", "/apis", f"{MAPS}/none", "/nowhere"):
        plain = ask(cluster, path, "application/json")
        assert ask(cluster, path).body == plain.body
