"""Tables, without kubectl: ages, paths, and what becomes of requests."""

import datetime
import json

import pytest
from kubefake import Cluster, Request
from kubefake.serve import ages, api, jsonpath, tables

NOW = datetime.datetime(2025, 1, 10, tzinfo=datetime.timezone.utc)
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-0.5, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (599, "9m59s"),
        (600, "10m"),
        (3 * 3600 - 1, "179m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 60, "3h1m"),
        (8 * 3600, "8h"),
        (47 * 3600, "47h"),
        (48 * 3600, "2d"),
        (50 * 3600, "2d2h"),
        (8 * 86400, "8d"),
        (729 * 86400, "729d"),
        (730 * 86400, "2y"),
        (731 * 86400, "2y1d"),
        (8 * 365 * 86400, "8y"),
    ],
)
def test_ages_are_kubectls(seconds, text):
    assert ages.human(seconds) == text


def test_ages_of_times():
    assert ages.since("2025-01-09T23:58:00Z", NOW) == "2m"
    assert ages.since("2025-01-09T23:58:00.123456Z", NOW) == "119s"
    for nothing in (None, "", "soon", 3):
        assert ages.since(nothing, NOW) == "<unknown>"


OBJECT = {
    "metadata": {"labels": {"example.com/x": "y", "plain": "z"}},
    "spec": {"list": [{"n": 1}, {"n": 2}], "flags": {"a": True, "b": False}},
    "status": {
        "conditions": [
            {"type": "Ready", "status": "True", "n": 1},
            {"type": "Other", "status": "False", "n": 2},
        ]
    },
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.list[0].n", [1]),
        (".spec.list[-1].n", [2]),
        (".spec.list[7].n", []),
        (".spec.list[*].n", [1, 2]),
        (".spec.flags.*", [True, False]),
        (".metadata.labels.example\\.com/x", ["y"]),
        (".metadata.labels['example\\.com/x']", ["y"]),
        ('.metadata.labels["plain"]', ["z"]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type=='Other')].status", ["False"]),
        (".status.conditions[?(@.type != 'Other')].status", ["True"]),
        (".status.conditions[?(@.n==2)].type", ["Other"]),
        (".status.conditions[?(@.type==Ready)].n", [1]),
        (".none.at.all", []),
        (".spec.list.n", []),
        ("..n", []),
        ("spec", []),
    ],
)
def test_paths(path, found):
    assert jsonpath.find(path, OBJECT) == found


@pytest.mark.parametrize(
    ("accept", "version"),
    [
        (TABLE, "v1"),
        (f"{TABLE},application/json", "v1"),
        (f"application/json,{TABLE}", ""),
        (TABLE.replace("v=v1", "v=v1beta1"), "v1beta1"),
        (TABLE.replace("v=v1", "v=v9"), ""),
        (f"{TABLE.replace('v=v1', 'v=v9')}, {TABLE}", "v1"),
        (TABLE.replace("meta.k8s.io", "example.com"), ""),
        ("application/json", ""),
        ("", ""),
        ("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", ""),
    ],
)
def test_a_table_is_made_where_it_is_preferred(accept, version):
    assert tables.asked(Request("GET", PODS, headers={"accept": accept})) == version


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
    assert [row["cells"][:2] for row in table["rows"]] == [["b", 0]]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_an_age_is_by_the_clock_of_the_cluster(cluster):
    start = cluster.object("ConfigMap", "a")["metadata"]["creationTimestamp"]
    for name in ("x", "y", "z"):
        meta = {"name": name, "namespace": "default"}
        cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    (row,) = ask(cluster, MAPS, labelSelector="name=a").json()["rows"]
    assert row["cells"][2] == "5s"
    assert start < cluster.now()


def test_a_watch_names_its_columns_once(cluster):
    lines = [json.loads(line) for line in ask(cluster, MAPS, watch="1").stream or ()]
    columns = [line["object"]["columnDefinitions"] for line in lines]
    assert [column["name"] for column in columns[0]] == ["Name", "Data", "Age"]
    assert columns[1:] == [None] * (len(lines) - 1)
    assert [line["object"]["rows"][0]["cells"][0] for line in lines][:2] == ["a", "b"]


def test_what_is_no_object_stays_as_it_is(cluster):
    for path in ("/version", "/api/v1", "/apis", f"{MAPS}/none", "/nowhere"):
        plain = ask(cluster, path, "application/json")
        assert ask(cluster, path).body == plain.body


def test_a_kind_without_columns_has_a_name_and_an_age():
    cluster = Cluster()
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "things", "kind": "Thing", "singular": "t", "listKind": "TL"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object"}},
                }
            ],
        },
    }
    cluster.create(crd)
    table = ask(cluster, "/apis/example.com/v1/things").json()
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Age"]
