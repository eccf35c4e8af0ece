# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What charmcraft is asked to do for a release, with a program that stands in for it."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Callable

import pytest
from ckf import pack
from ckf.pack import metadata, release

ROOT = pathlib.Path(__file__).parents[4]
PROFILES = ROOT / "charms/kubeflow-profiles"
CHARMCRAFT = """#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/asked"
count=$(wc -l < "$here/asked")
case "$1" in
release) exit 0;;
*) %s;;
esac
"""
Install = Callable[[str], pathlib.Path]


@pytest.fixture
def install(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    def install(answer: str) -> pathlib.Path:
        program = tmp_path / "charmcraft"
        program.write_text(CHARMCRAFT % answer)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return tmp_path / "asked"

    return install


def test_a_charm_is_released_with_its_images(install: Install) -> None:
    asked = install('echo "{\\"revision\\": $((40 + count))}"')
    project = metadata.read(PROFILES)
    images = {name: each["upstream-source"] for name, each in project["resources"].items()}
    assert release.release(project, pathlib.Path("packed.charm"), "1.11/edge") == 41
    name = "kubeflow-profiles"
    lines = asked.read_text().splitlines()
    assert lines[0] == "upload packed.charm --format=json"
    assert lines[1:3] == [
        f"upload-resource {name} {resource} --image=docker://{image} --format=json"
        for resource, image in images.items()
    ]
    resources = "--resource=profile-image:42 --resource=kfam-image:43"
    assert lines[3:] == [f"release {name} --revision=41 --channel=1.11/edge {resources}"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("echo 'not logged in' >&2; exit 1", "charmcraft upload packed.charm: not logged in"),
        ("echo '{}'", "charmcraft upload names no revision: {}"),
    ],
)
def test_what_charmhub_refuses(install: Install, answer: str, message: str) -> None:
    install(answer)
    with pytest.raises(pack.PackError, match=message):
        release.release(metadata.read(PROFILES), pathlib.Path("packed.charm"), "latest/edge")


def test_a_charm_that_is_not_packed(
    install: Install, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("exit 1")
    charm = tmp_path / "charms/one"
    charm.mkdir(parents=True)
    (charm / "charmcraft.yaml").write_text("name: one\n")
    (tmp_path / "uv.lock").touch()
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    release.configure(parser)
    with pytest.raises(pack.PackError, match=r"build/one.charm is not there: run ckf pack first"):
        release.run(parser.parse_args(["latest/edge"]))
