# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Custom resource definitions of the charms: what is admitted, dropped and refused.

Each file in `definitions` has one object in full, and a table of changes to it.
"""

from __future__ import annotations

import copy
import functools
import json
import pathlib
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from ckf import crdschema
from jujusim.testing import Charm

if TYPE_CHECKING:
    from .conftest import Answer, Object, Server

HERE = pathlib.Path(__file__).parent
FILES = sorted((HERE / "definitions").glob("*.yaml"))
CHARMS = HERE.parents[1] / "charms"
RULES = "x-kubernetes-validations"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Resource:
    """A custom resource of a charm, defined in a group of the test's own.

    Args:
        server: The server.
        table: The file's content.
        version: The version in which objects are written.
        ruled: With the rules that are written in the Common Expression Language.
    """

    def __init__(self, server: Server, table: Object, version: str, *, ruled: bool = True) -> None:
        self.server = server
        self.group = f"{server.me}.example.com"
        self.whole: Object = {**table["whole"], "apiVersion": f"{self.group}/{version}"}
        self._crd = definitions(table["charm"])[table["plural"]]
        self.name = f"{table['plural']}.{self.group}"
        scope = "" if table.get("scope") == "Cluster" else "namespaces/{ns}/"
        self.path = f"/apis/{self.group}/{version}/{scope}{table['plural']}"
        server.cleanup(f"{CRDS}/{self.name}")
        self.define(ruled=ruled)
        server.eventually(lambda: server.get(self.path).status == 200)

    def define(self, *, ruled: bool) -> None:
        """Apply the definition as the charm does, with its rules or without."""
        crd = copy.deepcopy(self._crd)
        crd["metadata"] = {"name": self.name}
        crd["spec"]["group"] = self.group
        if not ruled:
            for version in crd["spec"]["versions"]:
                version["schema"]["openAPIV3Schema"].pop(RULES, None)
        answer = self.server.apply(f"{CRDS}/{self.name}", crd, fieldValidation="Strict")
        answer.ok()
        assert not answer.warnings

    def create(self, obj: Object) -> Answer:
        return self.server.create(self.path, obj)


@functools.cache
def definitions(charm: str) -> dict[str, Object]:
    """A charm's definitions as it applies them, by plural."""
    made = Charm.at(CHARMS / charm).complete.seen["objects"].values()
    return {
        obj["spec"]["names"]["plural"]: {key: obj[key] for key in ("apiVersion", "kind", "spec")}
        for obj in made
        if obj["kind"] == "CustomResourceDefinition"
    }


def definers() -> list[str]:
    """The charms that have definitions among their templates."""
    paths = CHARMS.glob("*/src/manifests/**/*.j2")
    found = (path for path in paths if "kind: CustomResourceDefinition" in path.read_text())
    return sorted({path.relative_to(CHARMS).parts[0] for path in found})


def read(path: pathlib.Path) -> Object:
    return yaml.safe_load(path.read_text())


def tables() -> list[Any]:
    return [pytest.param(read(path), id=path.stem) for path in FILES]


def versions() -> list[Any]:
    return [
        pytest.param(read(path), version, id=f"{path.stem}-{version}")
        for path in FILES
        for version in read(path)["versions"]
    ]


def changed(whole: Object, at: str, value: Any) -> Object:
    """Return a copy with a field set at a dotted path; None removes it."""
    obj = copy.deepcopy(whole)
    place: Any = obj
    way: list[Any] = [int(step) if step.isdigit() else step for step in steps(at)]
    last = way.pop()
    for step in way:
        place = place[step] if isinstance(place, list) else place.setdefault(step, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return obj


def steps(at: str) -> list[str]:
    return at.split(".")


def found(obj: Object, at: str) -> Any:
    place: Any = obj
    for step in steps(at):
        place = place[int(step)] if isinstance(place, list) else place.get(step)
        if place is None:
            break
    return place


def named(at: str) -> str:
    """Return the path as the server writes it: `a.0.b` is `a[0].b`."""
    return "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps(at))[1:]


@pytest.mark.parametrize("charm", definers())
def test_every_definition_is_taken_without_a_warning(server: Server, charm: str) -> None:
    for plural, crd in definitions(charm).items():
        crd = copy.deepcopy(crd)
        crd["metadata"] = {"name": f"{plural}.{server.me}.example.com"}
        crd["spec"]["group"] = f"{server.me}.example.com"
        path = f"{CRDS}/{crd['metadata']['name']}"
        server.cleanup(path)
        answer = server.apply(path, crd, fieldValidation="Strict")
        assert answer.ok()["spec"]["versions"] == crd["spec"]["versions"]
        assert not answer.warnings
        conditions = server.eventually(
            lambda path=path: server.get(path).ok()["status"]["conditions"]
        )
        found = {each["type"]: each["status"] for each in conditions}
        assert found.get("NonStructuralSchema", "False") == "False"


@pytest.mark.parametrize(("table", "version"), versions())
def test_a_whole_object_is_stored_as_it_is(server: Server, table: Object, version: str) -> None:
    resource = Resource(server, table, version)
    answer = resource.create(resource.whole)
    made = answer.ok()
    assert not answer.warnings
    assert {key: made[key] for key in resource.whole if key != "metadata"} == {
        key: value for key, value in resource.whole.items() if key != "metadata"
    }
    stored = server.get(f"{resource.path}/{resource.whole['metadata']['name']}").ok()
    assert stored == made


@pytest.mark.parametrize("table", tables())
def test_a_mistyped_object_is_refused_with_words(server: Server, table: Object) -> None:
    resource = Resource(server, table, table["versions"][0])
    for row in table["refused"]:
        answer = resource.create(changed(resource.whole, row["at"], row["value"]))
        assert (answer.status, answer.reason) == (422, "Invalid"), row
        causes = answer.body["details"]["causes"]
        field = row.get("field", named(row["at"]))
        said = [cause["message"] for cause in causes if cause["field"] == field]
        assert any(row["says"] in message for message in said), (row, causes)
    assert server.get(resource.path).ok()["items"] == []


@pytest.mark.parametrize("table", tables())
def test_a_field_that_nobody_reads_is_dropped(server: Server, table: Object) -> None:
    resource = Resource(server, table, table["versions"][0])
    for number, row in enumerate(table["dropped"]):
        obj = changed(resource.whole, row["at"], row["value"])
        obj["metadata"] = {"name": f"x{number}"}
        made = resource.create(obj).ok()
        assert found(made, row["at"]) in (row.get("leaves"), {}), row


def test_profiles_from_before_the_rules_stay(server: Server) -> None:
    table = next(each for each in map(read, FILES) if each["plural"] == "profiles")
    resource = Resource(server, table, "v1", ruled=False)
    good = resource.whole["metadata"]["name"]
    resource.create(resource.whole).ok()
    for name, spec in (("jane.doe", resource.whole["spec"]), ("nobodys", {})):
        obj = {**resource.whole, "metadata": {"name": name}, "spec": spec}
        resource.create(obj).ok()
    resource.define(ruled=True)
    server.eventually(lambda: resource.create(another(resource, "x.y")).status == 422)
    for name in ("jane.doe", "nobodys"):
        path = f"{resource.path}/{name}"
        server.merge(path, {"metadata": {"labels": {"a": "b"}}}).ok()
        server.merge(path, {"spec": {"resourceQuotaSpec": {"hard": {"cpu": 2}}}}).ok()
        server.merge(f"{path}/status", {"status": {"conditions": [{"type": "Failed"}]}}).ok()
    owner = {"spec": {"owner": {"kind": "User", "name": ""}}}
    server.merge(f"{resource.path}/nobodys", owner).ok()
    assert server.merge(f"{resource.path}/{good}", owner).status == 422


def another(resource: Resource, name: str) -> Object:
    return {**resource.whole, "metadata": {"name": name}}


@pytest.mark.only_real("what is compared is what a real server publishes")
def test_the_types_are_those_that_the_server_publishes(server: Server) -> None:
    data = json.loads(crdschema.path().read_text())
    release = server.get("/version").ok()
    if data["kubernetes"] != f"{release['major']}.{release['minor']}":
        pytest.skip(f"the types are those of Kubernetes {data['kubernetes']}")
    published: Object = {}
    for path in ("api/v1", "apis/apps/v1", "apis/autoscaling/v2", "apis/batch/v1"):
        published.update(server.get(f"/openapi/v3/{path}").ok()["components"]["schemas"])
    here = {name.rpartition(".")[2]: spec for name, spec in published.items()}
    compared = data["types"].keys() & here.keys() - {"IntOrString", "Quantity"}
    assert {"Container", "CronJobSpec", "MetricSpec", "PodTemplateSpec", "Volume"} <= compared
    for name in sorted(compared):
        assert essence(data["types"][name]) == essence(here[name]), name


def essence(part: Object) -> Object:
    """What a part of a type says of values, in the words of both publications."""
    if "allOf" in part:
        part = {**part, **part["allOf"][0]}
    if "$ref" in part:
        return {"$ref": part["$ref"].rpartition("/")[2].rpartition(".")[2]}
    kept = ("type", "format", "x-kubernetes-list-type", "x-kubernetes-list-map-keys")
    found: Object = {key: part[key] for key in kept if key in part}
    found["required"] = sorted(part.get("required", ()))
    for key in ("items", "additionalProperties"):
        if isinstance(part.get(key), dict):
            found[key] = essence(part[key])
    found["properties"] = {
        name: essence(field) for name, field in part.get("properties", {}).items()
    }
    return found
