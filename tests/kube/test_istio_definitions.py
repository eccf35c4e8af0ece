# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What istiod reads, by the whole of the definitions that Istio publishes. Takes a go command."""

from __future__ import annotations

import copy
import json
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jujusim.testing import Charm

if TYPE_CHECKING:
    from .conftest import Object, Server

HERE = pathlib.Path(__file__).parent
PILOT = Charm.at(HERE.parents[1] / "charms/istio-pilot")
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
READ = ("EnvoyFilter", "Gateway", "VirtualService")


@pytest.fixture(scope="module")
def published() -> dict[str, Object]:
    """The definitions by kind, from the module in which Istio publishes them."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no go command here: get one from https://go.dev/dl")
    call = [go, "mod", "download", "-json", "istio.io/api"]
    found = subprocess.run(call, cwd=HERE / "istio", check=True, capture_output=True, text=True)
    path = pathlib.Path(json.loads(found.stdout)["Dir"])
    text = (path / "kubernetes/customresourcedefinitions.gen.yaml").read_text()
    every = [crd for crd in yaml.load_all(text, yaml.CSafeLoader) if crd]
    return {crd["spec"]["names"]["kind"]: crd for crd in every}


@pytest.fixture
def defined(server: Server, published: dict[str, Object]) -> dict[str, str]:
    """A server that has them, in a group of the test's own; where each kind's objects go."""
    paths: dict[str, str] = {}
    for kind in READ:
        crd = copy.deepcopy(published[kind])
        names, group = crd["spec"]["names"], f"{server.me}.example.com"
        crd["metadata"] = {"name": f"{names['plural']}.{group}"}
        crd["spec"]["group"] = group
        server.cleanup(f"{CRDS}/{crd['metadata']['name']}")
        server.create(CRDS, crd).ok()
        paths[kind] = f"/apis/{group}/{{version}}/namespaces/{{ns}}/{names['plural']}"
    return paths


def objects() -> list[Object]:
    """What the charm makes with every relation."""
    made = PILOT.complete.seen["objects"].values()
    return [obj for obj in made if obj["kind"] in READ]


def refused(server: Server, defined: dict[str, str], obj: Object) -> list[str]:
    """What is wrong with an object, by the server."""
    version = obj["apiVersion"].partition("/")[2]
    sent = copy.deepcopy(obj)
    sent["apiVersion"] = f"{server.me}.example.com/{version}"
    sent["metadata"] = {"name": obj["metadata"]["name"]}
    path = defined[obj["kind"]].replace("{version}", version)
    server.eventually(lambda: server.get(path).status == 200)
    answer = server.create(path, sent, dryRun="All", fieldValidation="Strict")
    return [] if answer.status < 300 else [answer.message]


def test_definitions_admit_what_is_made(server: Server, defined: dict[str, str]) -> None:
    made = objects()
    assert {obj["kind"] for obj in made} == set(READ)
    assert [text for obj in made for text in refused(server, defined, obj)] == []


def _gateway_without_ports(spec: Any) -> None:
    del spec["servers"][0]["port"]


def _route_of_no_field(spec: Any) -> None:
    spec["http"][0]["rewrites"] = {}


def _filter_for_nothing(spec: Any) -> None:
    spec["configPatches"][0]["applyTo"] = "HTTP"


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("Gateway", _gateway_without_ports),
        ("VirtualService", _route_of_no_field),
        ("EnvoyFilter", _filter_for_nothing),
    ],
)
def test_definitions_refuse_what_is_wrong(
    server: Server, defined: dict[str, str], kind: str, change: Callable[[Any], None]
) -> None:
    obj = next(copy.deepcopy(obj) for obj in objects() if obj["kind"] == kind)
    change(obj["spec"])
    assert refused(server, defined, obj)


def test_ours_have_the_names_versions_and_columns_of_the_published(
    published: dict[str, Object],
) -> None:
    made = PILOT.complete.seen["objects"].values()
    ours = {obj["spec"]["names"]["kind"]: obj for obj in made if obj["kind"].startswith("Custom")}
    assert set(ours) == set(published)
    for kind, crd in ours.items():
        assert _outline(crd) == _outline(published[kind]), kind


def _outline(crd: Object) -> Object:
    spec = crd["spec"]
    versions = {
        version["name"]: [
            version["served"],
            version["storage"],
            sorted(version.get("subresources") or {}),
            [column["jsonPath"] for column in version.get("additionalPrinterColumns", ())],
        ]
        for version in spec["versions"]
    }
    names = {key: spec["names"].get(key) for key in ("kind", "plural", "shortNames")}
    return {"group": spec["group"], "scope": spec["scope"], "names": names, "versions": versions}
