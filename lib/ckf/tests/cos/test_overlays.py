# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Both overlays of the observability stack have every endpoint of the bundle's charms."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ckf import bundle as bundles
from ckf import cli
from ckf.cos import overlays

ROOT = pathlib.Path(__file__).parents[4]
BUNDLE = ROOT / "bundle.yaml"
ENDS = {
    "cos": ["prometheus:metrics-endpoint", "grafana:grafana-dashboard", "loki:logging"],
    "cos-collector": [
        "otelcol:metrics-endpoint",
        "otelcol:grafana-dashboards-consumer",
        "otelcol:receive-loki-logs",
    ],
}
SIDES = [
    ("provides", "prometheus_scrape"),
    ("provides", "grafana_dashboard"),
    ("requires", "loki_push_api"),
]


def test_what_is_generated_is_current() -> None:
    assert cli.main(["cos", str(BUNDLE), "--check"]) == 0, "run ckf cos"


@pytest.mark.parametrize("name", ENDS)
def test_every_endpoint_of_every_charm_is_in_the_overlay(name: str) -> None:
    related = yaml.safe_load((ROOT / f"overlays/{name}.yaml").read_text())["relations"]
    applications = yaml.safe_load(BUNDLE.read_text())["applications"]
    for app, about in applications.items():
        if not about["charm"].startswith("."):
            continue
        path = ROOT / "charms" / pathlib.Path(about["charm"]).stem / "charmcraft.yaml"
        charm = yaml.safe_load(path.read_text())
        for (role, interface), end in zip(SIDES, ENDS[name], strict=True):
            for endpoint, declared in charm.get(role, {}).items():
                found = [f"{app}:{endpoint}", end] in related
                assert found == (declared["interface"] == interface), f"{app}:{endpoint}"


def test_a_new_application_is_in_both(tmp_path: pathlib.Path) -> None:
    added = {"charm": str(ROOT / "charms/dex-auth"), "scale": 1, "trust": True}
    path = tmp_path / "bundle.yaml"
    path.write_text(yaml.safe_dump({"bundle": "kubernetes", "applications": {"login": added}}))
    made = overlays.files(bundles.load_charms(bundles.load(path)))
    assert "[login:metrics-endpoint, prometheus:metrics-endpoint]" in made["cos.yaml"]
    assert "[login:logging, otelcol:receive-loki-logs]" in made["cos-collector.yaml"]


@pytest.mark.parametrize("name", ENDS)
def test_juju_takes_the_overlay(name: str) -> None:
    overlay = ROOT / f"overlays/{name}.yaml"
    assert cli.main(["check", str(BUNDLE), "--overlay", str(overlay)]) == 0
