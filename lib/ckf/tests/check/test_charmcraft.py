# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every charmcraft.yaml is one that charmcraft takes, and the bundle is one of this repository."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
from typing import Any

import jsonschema
import pytest
import yaml
from ckf import bundle as bundles
from ckf import pack
from ckf.bundle import demands

ROOT = pathlib.Path(__file__).parents[4]
CHARMS = sorted(path.parent for path in (ROOT / "charms").glob("*/charmcraft.yaml"))
SCHEMA = yaml.safe_load(pathlib.Path(__file__).with_name("charmcraft.schema.yaml").read_text())
LINTS = ("ok", "nonapplicable")

each_charm = pytest.mark.parametrize("charm", CHARMS, ids=lambda path: path.name)


def project(charm: pathlib.Path) -> dict[str, Any]:
    return yaml.safe_load((charm / "charmcraft.yaml").read_text())


@each_charm
def test_charmcraft_takes_each_charm(charm: pathlib.Path) -> None:
    errors = jsonschema.Draft202012Validator(SCHEMA).iter_errors(project(charm))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


@each_charm
def test_names_are_the_folders(charm: pathlib.Path) -> None:
    declared = project(charm)
    assert declared["name"] == charm.name
    assert declared["parts"]["charm"]["source-subdir"] == f"charms/{charm.name}"


@each_charm
def test_the_minimum_of_juju_is_the_same_everywhere(charm: pathlib.Path) -> None:
    assert project(charm)["assumes"] == ["k8s-api", f"juju >= {demands.MINIMUM_JUJU}"]


def test_the_readme_names_the_minimum_of_juju() -> None:
    assert f"Juju {demands.MINIMUM_JUJU} or later" in (ROOT / "README.md").read_text()


@each_charm
def test_containers_and_resources_belong_together(charm: pathlib.Path) -> None:
    declared = project(charm)
    containers = declared.get("containers", {}).values()
    assert {each["resource"] for each in containers} == set(declared.get("resources", {}))
    mounts = {mount["storage"] for each in containers for mount in each.get("mounts", [])}
    assert mounts <= set(declared.get("storage", {}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"charm-user": "root"},
        {"containers": {"a": {"resource": "a", "uid": 1000}}},
        {"config": {"options": {"port": {"type": "integer", "description": ""}}}},
        {"extra": 1},
    ],
)
def test_the_schema_refuses(wrong: dict[str, Any]) -> None:
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(project(CHARMS[0]) | wrong)


def test_the_bundle_deploys_as_it_stands() -> None:
    bundle = bundles.load(ROOT / "bundle.yaml")
    charms = bundles.load_charms(bundle)
    assert [str(problem) for problem in bundles.check(bundle, charms)] == []
    packed = {name for name, app in bundle.applications.items() if app.is_local}
    assert {bundle.applications[name].charm for name in packed} == {
        f"./build/{charms[name].name}.charm" for name in packed
    }
    remote = [app for app in bundle.applications.values() if not app.is_local]
    assert [app.name for app in remote if not app.channel] == []
    assert [name for name, app in bundle.applications.items() if not app.scale] == []


@pytest.mark.parametrize("overlay", sorted((ROOT / "overlays").glob("*.yaml")), ids=str)
def test_each_overlay_deploys(overlay: pathlib.Path) -> None:
    bundle = bundles.load(ROOT / "bundle.yaml", [overlay])
    problems = bundles.check(bundle, bundles.load_charms(bundle))
    assert [str(problem) for problem in problems] == []


@pytest.mark.skipif(
    not shutil.which("charmcraft"), reason="charmcraft's own rules need: snap install charmcraft"
)
@each_charm
def test_charmcraft_has_nothing_to_say(charm: pathlib.Path, tmp_path: pathlib.Path) -> None:
    target = pack.Target.of(project(charm))
    packed = pack.pack(pack.Workspace(ROOT), charm, target, tmp_path)
    done = subprocess.run(
        ["charmcraft", "analyse", "--format=json", packed.path],
        capture_output=True,
        text=True,
        check=False,
    )
    lints = {each["name"]: each for each in json.loads(done.stdout)}
    # It needs a pip for the base's Python, which charmcraft's own environment need not have.
    del lints["pip-check"]
    # Some options of the published charms have underscores, and keep their names.
    del lints["naming-conventions"]
    assert lints["language"]["result"] == "python"
    found = {name: each for name, each in lints.items() if each["check_type"] == "lint"}
    assert {
        name: each["text"] for name, each in found.items() if each["result"] not in LINTS
    } == {}
