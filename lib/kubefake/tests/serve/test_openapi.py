# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""OpenAPI v3 of a served cluster, without kubectl. See tests/kube/test_serve.py."""

import json

import pytest
from kubefake import Cluster, Request
from kubefake.serve import api, openapi

THING = {
    "type": "object",
    "description": "A thing.",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["colour"],
            "properties": {"colour": {"type": "string", "enum": ["red"]}},
            "x-kubernetes-validations": [{"rule": "true"}],
        }
    },
}


def definition(schema):
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Cluster",
            "names": {"plural": "things", "kind": "Thing", "singular": "t", "listKind": "Things"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }


@pytest.fixture
def cluster():
    cluster = Cluster()
    cluster.create(definition(THING))
    return cluster


def ask(cluster, path, method="GET"):
    return api.answer(cluster, Request(method, path))


def document(cluster, place):
    entry = ask(cluster, "/openapi/v3").json()["paths"][place]
    return ask(cluster, entry["serverRelativeURL"].partition("?")[0]).json()


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from references(each)


def test_every_group_and_version_has_a_document(cluster):
    places = ask(cluster, "/openapi/v3").json()["paths"]
    served = {
        f"apis/{each.api_version}" if each.group else f"api/{each.version}"
        for each in cluster.resources().values()
    }
    assert set(places) == served
    for place in places:
        found = document(cluster, place)
        names = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}
        for reference in references(found):
            assert reference["$ref"] in names
            assert set(reference) == {"$ref"}
        assert "$defs" not in json.dumps(found)


def test_a_definition_is_explained(cluster):
    found = document(cluster, "apis/example.com/v1")
    thing = found["components"]["schemas"]["com.example.v1.Thing"]
    assert thing["description"] == "A thing."
    assert set(thing["properties"]) == {"apiVersion", "kind", "metadata", "spec"}
    assert thing["properties"]["spec"]["required"] == ["colour"]
    assert "x-kubernetes-validations" not in json.dumps(thing)
    assert set(found["paths"]) == {"/apis/example.com/v1/things/{name}"}


def test_an_address_changes_with_its_content(cluster):
    def addresses():
        return ask(cluster, "/openapi/v3").json()["paths"]

    before = addresses()
    cluster.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "x", "namespace": "default"},
        }
    )
    assert addresses() == before
    changed = json.loads(json.dumps(THING).replace("A thing.", "Another thing."))
    body = {"spec": {"versions": definition(changed)["spec"]["versions"]}}
    patched = cluster.request(
        Request(
            "PATCH",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com",
            headers={"content-type": "application/merge-patch+json"},
            body=json.dumps(body).encode(),
        )
    )
    assert patched.status == 200
    after = addresses()
    assert {place for place in after if after[place] != before[place]} == {"apis/example.com/v1"}


@pytest.mark.parametrize("path", ["/openapi/v2", "/openapi/v3/apis/none/v1", "/openapi/v9"])
def test_other_documents_are_not_there(cluster, path):
    assert ask(cluster, path).status == 404


def test_documents_are_only_read(cluster):
    assert ask(cluster, "/openapi/v3", "POST").status == 405


def test_published_schemas_are_left_as_they_are(cluster):
    before = json.dumps(openapi.document(cluster, "apps", "v1"))
    assert json.dumps(openapi.document(Cluster(), "apps", "v1")) == before
