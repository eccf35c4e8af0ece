# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Programs of workloads are built once, from the versions that their modules require."""

from __future__ import annotations

import pathlib

import pytest
from ckf.controlplane import ControlPlaneError
from ckf.workloads import __main__, build, find, modules

MODULES = modules.load()
GO = """#!/bin/sh
test "$1" = list && echo {folder} && exit
echo called >> {calls}
while [ "$1" != -o ]; do shift; done
echo {said} >&2
echo built > "$2"
exit {status}
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def compiler(tmp_path: pathlib.Path, status: int = 0, said: str = "") -> str:
    path = tmp_path / "go"
    calls, folder = tmp_path / "calls", tmp_path / "module"
    path.write_text(GO.format(calls=calls, status=status, said=said, folder=folder))
    path.chmod(0o755)
    return str(path)


def test_a_program_is_built_once(tmp_path: pathlib.Path) -> None:
    assert find("katib-controller") is None
    go = compiler(tmp_path)
    katib = MODULES["katib"]
    assert build.build(katib, go) == build.build(katib, go)
    assert (tmp_path / "calls").read_text().splitlines() == ["called"] * len(katib.go)
    found = find("katib-controller")
    assert found
    assert found.read_text() == "built\n"


def test_folders_of_modules_are_kept_beside_the_programs(tmp_path: pathlib.Path) -> None:
    _, path = MODULES["knative-operator"].folders["knative-manifests"]
    release = tmp_path / "module" / path / "1.15"
    release.mkdir(parents=True)
    (release / "one.yaml").write_text("kind: Service")
    release.chmod(0o555)
    build.build(MODULES["knative-operator"], compiler(tmp_path))
    found = find("knative-manifests")
    assert found
    assert (found / "1.15/one.yaml").read_text() == "kind: Service"
    assert (found / "1.15").stat().st_mode & 0o200


def test_a_build_that_fails_says_why_and_leaves_nothing(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ControlPlaneError, match="no such package"):
        build.build(MODULES["pebble"], compiler(tmp_path, 1, "no such package"))
    assert find("pebble") is None


def test_without_a_compiler_one_sentence_says_what_is_missing(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert __main__.main([]) == 1
    assert capsys.readouterr().err.splitlines() == [build.ABSENT["go"]]


@pytest.mark.parametrize("module", [name for name, module in MODULES.items() if module.go])
def test_a_module_names_the_packages_that_are_built(module: str) -> None:
    """Else `go mod tidy` would drop what they require."""
    text = (MODULES[module].directory / "go.mod").read_text()
    for package in MODULES[module].go.values():
        assert package in text


UV = """#!/bin/sh
echo "$1" >> {calls}
for last; do :; done
test "$1" = venv && mkdir -p "$last/bin" && echo made > "$last/bin/mlflow"
exit 0
"""


def test_an_environment_of_python_is_made_once(tmp_path: pathlib.Path) -> None:
    assert find("mlflow") is None
    path = tmp_path / "uv"
    path.write_text(UV.format(calls=tmp_path / "calls"))
    path.chmod(0o755)
    assert build.build(MODULES["mlflow"], str(path)) == build.build(MODULES["mlflow"], str(path))
    assert (tmp_path / "calls").read_text().splitlines() == ["venv", "pip"]
    found = find("mlflow")
    assert found
    assert found.read_text() == "made\n"


@pytest.mark.parametrize("module", [name for name, module in MODULES.items() if module.python])
def test_what_an_environment_is_made_of_is_pinned(module: str) -> None:
    lines = (MODULES[module].directory / "requirements.txt").read_text().splitlines()
    assert lines
    assert all("==" in line for line in lines)


def test_a_program_is_found_in_an_environment_of_any_version_of_python() -> None:
    assert find("envoy") is None
    path = build.folder(MODULES["metadata"]) / "lib/python3.10/site-packages/envoy/_bin/envoy"
    path.parent.mkdir(parents=True)
    path.touch()
    assert find("envoy") == path
