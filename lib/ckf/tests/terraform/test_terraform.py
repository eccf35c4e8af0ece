# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The module deploys the bundle: the same applications, with the same settings and relations."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ckf import bundle as bundles
from ckf import cli, pack
from ckf.cli import terraform as command
from ckf.pack import metadata

ROOT = pathlib.Path(__file__).parents[4]
MODULE = ROOT / "terraform"
BUNDLE = yaml.safe_load((ROOT / "bundle.yaml").read_text())
INVENTORY = json.loads((MODULE / command.NAME).read_text())["locals"]["bundle"]
# The values that decide what each application is deployed from, as an output.
SHOWN = {
    "output": {
        "shown": {
            "value": {
                "channels": "${local.channels}",
                "paths": "${local.paths}",
                "consumers": "${local.consumers}",
                "overrides": "${local.overrides}",
            }
        }
    }
}


def test_the_inventory_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["terraform", str(ROOT / "bundle.yaml"), "--check"]) == 0, "run ckf terraform"
    assert capsys.readouterr().out == f"{MODULE / command.NAME} is current\n"


def test_every_application_is_the_bundles() -> None:
    applications = INVENTORY["applications"]
    assert set(applications) == set(BUNDLE["applications"])
    for name, app in BUNDLE["applications"].items():
        made = applications[name]
        assert made["units"] == app["scale"], name
        assert made["trust"] == app.get("trust", False), name
        assert made["resources"] == app.get("resources", {}), name
        assert made["storage"] == app.get("storage", {}), name
        assert set(made["config"]) == set(app.get("options", {})), name
        local = app["charm"].startswith(".")
        assert (made["channel"] is None) == local, name
        assert made["charm"] == pathlib.Path(app["charm"]).stem if local else app["charm"], name


def test_every_relation_is_the_bundles() -> None:
    made = [
        {f"{end['application']}:{end['endpoint']}" for end in ends}
        for ends in INVENTORY["integrations"].values()
    ]
    wanted = [set(ends) for ends in BUNDLE["relations"]]
    assert len(made) == len(wanted)
    # A relation of the bundle may leave an endpoint to be inferred.
    for ends in wanted:
        assert any(
            all(any(full.startswith(end) for full in found) for end in ends) for found in made
        ), ends


def test_everything_that_can_be_observed_is() -> None:
    consumers = {
        (each["offer"], each["application"], each["endpoint"]) for each in INVENTORY["consumers"]
    }
    for path in (ROOT / "charms").glob("*/charmcraft.yaml"):
        declared = yaml.safe_load(path.read_text())
        if declared["name"] not in BUNDLE["applications"]:
            continue
        for role, interface, offer in (
            ("provides", "prometheus_scrape", "cos/metrics"),
            ("provides", "grafana_dashboard", "cos/dashboards"),
            ("requires", "loki_push_api", "cos/logging"),
        ):
            for endpoint, about in declared.get(role, {}).items():
                found = (offer, declared["name"], endpoint) in consumers
                assert found == (about["interface"] == interface), (declared["name"], endpoint)
    assert ("mlflow/dashboard_links", "kubeflow-dashboard", "links") in consumers


def test_an_inventory_that_is_not_current(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["terraform", str(ROOT / "bundle.yaml"), "--out", str(tmp_path)]
    assert cli.main([*arguments, "--check"]) == 1
    assert capsys.readouterr().out.endswith("is not current: run ckf terraform\n")
    assert cli.main(arguments) == 0
    assert cli.main([*arguments, "--check"]) == 0
    assert (tmp_path / command.NAME).read_text() == (MODULE / command.NAME).read_text()


def test_options_are_text(tmp_path: pathlib.Path) -> None:
    overlay = {**BUNDLE, "applications": dict(BUNDLE["applications"])}
    dex = overlay["applications"]["dex-auth"]
    overlay["applications"]["dex-auth"] = {**dex, "options": {"enable-password-db": False}}
    for app in overlay["applications"].values():
        if app["charm"].startswith("."):
            app["charm"] = str(ROOT / "charms" / pathlib.Path(app["charm"]).stem)
    path = tmp_path / "bundle.yaml"
    path.write_text(yaml.safe_dump(overlay))
    assert cli.main(["terraform", str(path)]) == 0
    made = json.loads((tmp_path / "terraform" / command.NAME).read_text())
    applications = made["locals"]["bundle"]["applications"]
    assert applications["dex-auth"]["config"] == {"enable-password-db": "false"}


def test_a_bundle_that_juju_refuses_is_not_rendered(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.yaml"
    path.write_text("bundle: kubernetes\napplications: {a: {charm: ./nothing.charm, scale: 1}}\n")
    assert cli.main(["terraform", str(path)]) == 2
    assert "there is no charm at" in capsys.readouterr().err
    assert not (tmp_path / "terraform").exists()


def test_the_module_is_formatted(terraform: Callable[..., Any]) -> None:
    done = terraform("fmt", "-check", "-diff", str(MODULE), check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def evaluate(
    terraform: Callable[..., Any], copy: Callable[..., None], tmp_path: pathlib.Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Let Terraform evaluate the module's values, without its resources and their provider."""
    copy("variables.tf", "locals.tf", "*.json")
    (tmp_path / "shown.tf.json").write_text(json.dumps(SHOWN))
    terraform("init")

    def apply(**variables: Any) -> subprocess.CompletedProcess[str]:
        given = tmp_path / "terraform.tfvars.json"
        given.write_text(json.dumps({"model_uuid": "0f4c", **variables}))
        return terraform("apply", "-auto-approve", "-no-color", check=False)

    return apply


def shown(terraform: Callable[..., Any]) -> dict[str, Any]:
    return json.loads(terraform("output", "-json", "shown").stdout)


def test_charms_are_the_packed_ones_unless_it_is_said_otherwise(
    terraform: Callable[..., Any], evaluate: Callable[..., Any]
) -> None:
    assert evaluate().returncode == 0
    values = shown(terraform)
    local = {name for name, app in INVENTORY["applications"].items() if app["channel"] is None}
    assert {name for name, channel in values["channels"].items() if channel is None} == local
    assert values["paths"]["minio"] == "./../build/minio.charm"
    assert values["consumers"] == {}


def test_charms_from_channels_and_paths(
    terraform: Callable[..., Any], evaluate: Callable[..., Any]
) -> None:
    done = evaluate(
        charms="/packed",
        channel="1.11/stable",
        applications={
            "minio": {"path": "/mine/minio.charm"},
            "dex-auth": {"channel": "latest/edge", "config": {"port": "5557"}},
        },
    )
    assert done.returncode == 0, done.stderr
    values = shown(terraform)
    assert values["channels"]["kubeflow-roles"] == "1.11/stable"
    assert values["channels"]["dex-auth"] == "latest/edge"
    assert values["channels"]["minio"] is None
    assert values["paths"]["minio"] == "/mine/minio.charm"
    assert values["overrides"]["dex-auth"]["config"] == {"port": "5557"}


def test_offers_reach_those_who_can_take_them(
    terraform: Callable[..., Any], evaluate: Callable[..., Any]
) -> None:
    done = evaluate(
        cos={"logging": "admin/cos.loki-logging"},
        mlflow={"dashboard_links": "admin/mlflow.links"},
    )
    assert done.returncode == 0, done.stderr
    consumers = shown(terraform)["consumers"]
    assert {each["offer"] for each in consumers.values()} == {
        "cos/logging",
        "mlflow/dashboard_links",
    }
    assert "cos/logging kubeflow-dashboard:logging" in consumers


@pytest.mark.parametrize(
    ("applications", "message"),
    [
        ({"mino": {"units": 3}}, "The bundle has no application mino."),
        ({"minio": {"path": "a", "channel": "b"}}, "a path or a channel, not both."),
    ],
)
def test_variables_that_are_wrong(
    evaluate: Callable[..., Any], applications: dict[str, Any], message: str
) -> None:
    done = evaluate(applications=applications)
    assert done.returncode == 1
    assert message in done.stderr


def test_the_module_is_valid_and_asks_juju_for_what_it_should(
    terraform: Callable[..., Any], copy: Callable[..., None], tmp_path: pathlib.Path
) -> None:
    copy("*.tf", "*.json")
    shutil.copytree(MODULE / "tests", tmp_path / "tests")
    # It fails without a registry; a provider may still be here, by the configuration's overrides.
    terraform("init", "-backend=false", check=False)
    done = terraform("validate", "-no-color", check=False)
    if "Missing required provider" in done.stderr:
        pytest.skip("the Juju provider of Terraform cannot be had here")
    assert done.returncode == 0, done.stderr
    bundle = bundles.load(ROOT / "bundle.yaml")
    for app in bundle.applications.values():
        if app.is_local:
            folder = ROOT / "charms" / pathlib.Path(app.charm).stem
            target = pack.Target.of(metadata.read(folder))
            pack.pack(pack.Workspace(ROOT), folder, target, tmp_path / "build")
    done = terraform("test", "-no-color", f"-var=charms={tmp_path / 'build'}", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
