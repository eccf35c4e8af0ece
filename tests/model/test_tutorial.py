# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The tutorial's charm, as it stands in the tutorial."""

from __future__ import annotations

import pathlib
import re
import shutil

import pytest
from ckf import preview

from . import deployment

ROOT = pathlib.Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorial/add-a-charm.md"
BLOCK = re.compile(r"^```\w+ file=(?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def checkout(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A copy of the bundle and its charms with the tutorial's files in it."""
    shutil.copytree(ROOT / "charms", tmp_path / "charms")
    shutil.copy(ROOT / "bundle.yaml", tmp_path)
    for block in BLOCK.finditer(TUTORIAL.read_text()):
        path = tmp_path / block["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["text"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_tutorials_charm_becomes_active_and_its_link_shows(checkout: pathlib.Path):
    model = preview.deploy(checkout / "bundle.yaml", overlays=[checkout / "release-notes.yaml"])
    deployment.assert_well(model)
    config = deployment.objects(model)["ConfigMap/kubeflow/centraldashboard-config"]
    assert "What is new" in config["data"]["links"]


def test_the_tutorials_charm_refuses_what_it_says(checkout: pathlib.Path):
    model = preview.deploy(checkout / "bundle.yaml", overlays=[checkout / "release-notes.yaml"])
    model.configure("release-notes", {"text": ""})
    model.settle()
    unit = model.unit("release-notes/0")
    assert unit.status.name == "blocked"
    assert "option text accepts" in unit.status.message
