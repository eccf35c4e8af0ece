"""What overlays add works beside the platform, and leaves nothing behind."""

from __future__ import annotations

import json
import pathlib

import jujusim
import pytest
import yaml
from ckf import bundle as bundles

from . import deployment

OVERLAYS = ("cos", "cos-collector")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> jujusim.Model:
    """The bundle with all overlays at once: a deployment is too slow for one each."""
    folder = tmp_path_factory.mktemp("overlays")
    related: list[list[str]] = []
    for name in OVERLAYS:
        overlay = yaml.safe_load(pathlib.Path(f"overlays/{name}.yaml").read_text())
        # Juju takes no relation twice.
        overlay["relations"] = [ends for ends in overlay["relations"] if ends not in related]
        related += overlay["relations"]
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(overlay))
    model = deployment.deploy(overlays=tuple(folder / f"{name}.yaml" for name in OVERLAYS))
    deployment.assert_well(model)
    return model


def added(overlay: str) -> list[str]:
    whole = bundles.load("bundle.yaml", [f"overlays/{overlay}.yaml"])
    return [app for app in whole.applications if app not in deployment.applications()]


def text(model: jujusim.Model, unit: str, container: str, path: str) -> str:
    return model.units[unit].containers[container].files()[path].decode()


def test_prometheus_and_the_collector_scrape_the_same(model: jujusim.Model) -> None:
    config = yaml.safe_load(
        text(model, "prometheus/0", "prometheus", "/etc/prometheus/prometheus.yml")
    )
    collector = yaml.safe_load(text(model, "otelcol/0", "otelcol", "/etc/otelcol/config.yaml"))
    theirs = collector["receivers"]["prometheus"]["config"]["scrape_configs"]
    assert targets(config["scrape_configs"]) == targets(theirs)
    assert len(targets(theirs)) > 20


def targets(jobs: list[dict[str, object]]) -> list[str]:
    return sorted(json.dumps([job["metrics_path"], job["static_configs"]]) for job in jobs)


def test_logs_go_to_both_until_one_is_removed(model: jujusim.Model) -> None:
    plan = model.units["dex-auth/0"].containers["dex"].plan()
    urls = {target["location"] for target in plan["log-targets"].values()}
    assert {url.partition("//")[2].partition("-0")[0] for url in urls} == {"loki", "otelcol"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_without_the_overlays_applications_the_platform_is_active(
    model: jujusim.Model, overlay: str
) -> None:
    for app in added(overlay):
        model.remove_application(app)
    model.settle()
    assert not set(added(overlay)) & set(model.apps)
    deployment.assert_well(model)


def test_nothing_of_the_overlays_is_left(model: jujusim.Model) -> None:
    gone = {app for name in OVERLAYS for app in added(name)}
    assert set(model.apps) == set(deployment.applications())
    left = [name for name in deployment.objects(model) if name.split("/")[-1] in gone]
    assert not left
    for unit in model.units.values():
        for pebble in unit.containers.values():
            targets = pebble.plan().get("log-targets", {})
            assert all(target["services"] == ["-all"] for target in targets.values())
