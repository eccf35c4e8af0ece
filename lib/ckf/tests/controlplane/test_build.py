# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Built once, found again, and complete or absent; `go` is a script here."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from concurrent import futures
from pathlib import Path

import pytest
from ckf import controlplane
from ckf.controlplane import ControlPlaneError, __main__, build

COMPILES = """
echo "$@" >> "$CALLS"
while [ "$1" != -o ]; do shift; done
echo k8s.io/api >&2
echo "$CGO_ENABLED $GOWORK" > "$2"
"""
FAILS = """
echo "go: downloading k8s.io/api v0.34.4" >&2
echo "main.go:3:1: undefined: thing" >&2
exit 1
"""
Go = Callable[[str], None]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the script that stands for Go notes its calls."""
    path = tmp_path / "calls"
    monkeypatch.setenv("CALLS", str(path))
    return path


@pytest.fixture
def go(
    tmp_path: Path,
    script: Callable[[Path, str], None],
    monkeypatch: pytest.MonkeyPatch,
    calls: Path,
) -> Go:
    """Put a script first on the path as `go`."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return lambda body: script(tmp_path / "bin" / "go", body)


@pytest.fixture
def no_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def wait_for(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def in_cache() -> list[str]:
    """Return what the cache holds beside locks."""
    return [path.name for path in build.cache().glob("*") if not path.name.endswith(".lock")]


def test_every_program_is_a_name_of_the_binary(module: Path, go: Go) -> None:
    go(COMPILES)
    made = build.build("1.34.4")
    assert made == build.folder("1.34.4")
    assert (made / "controlplane").read_text() == "0 off\n"
    for program in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        assert (made / program).read_text() == "0 off\n"
    assert in_cache() == [made.name]


def test_the_version_is_linked_in(module: Path, go: Go, calls: Path) -> None:
    go(COMPILES)
    build.build("1.34.4")
    (call,) = lines(calls)
    assert f"-modfile={module / 'releases' / '1.34.4.mod'}" in call
    for setting in ("gitVersion=v1.34.4", "gitMajor=1", "gitMinor=34"):
        assert f"-X k8s.io/component-base/version.{setting}" in call


def test_a_second_build_needs_no_go(
    module: Path, go: Go, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    go(COMPILES)
    made = build.build("1.34.4")
    monkeypatch.setenv("PATH", "")
    capsys.readouterr()
    assert __main__.main(["build", "--kubernetes", "1.34.4"]) == 0
    assert capsys.readouterr().out == f"Kubernetes 1.34.4 is in {made}\n"


def test_changed_source_is_built_again(module: Path, go: Go) -> None:
    go(COMPILES)
    first = build.build("1.34.4")
    (module / "main.go").write_text("package main // changed\n")
    assert build.build("1.34.4") != first


def test_builds_at_the_same_time_are_one(
    module: Path, go: Go, calls: Path, tmp_path: Path
) -> None:
    go(f"while [ ! -e {tmp_path}/go-on ]; do sleep 0.01; done\n{COMPILES}")
    said: list[str] = []
    with futures.ThreadPoolExecutor(3) as pool:
        made = [pool.submit(build.build, "1.34.4", said.append) for _ in range(3)]
        try:
            wait_for(lambda: said.count("Waiting for another build of the same") == 2)
        finally:
            (tmp_path / "go-on").touch()
    assert [each.result() for each in made] == [build.folder("1.34.4")] * 3
    assert len(lines(calls)) == 1


def test_a_failed_build_leaves_nothing_and_says_why(
    module: Path, go: Go, capsys: pytest.CaptureFixture[str]
) -> None:
    go(FAILS)
    assert __main__.main(["build", "--kubernetes", "1.34.4"]) == 1
    assert "undefined: thing" in capsys.readouterr().err
    assert in_cache() == []
    go(COMPILES)
    assert build.build("1.34.4").is_dir()


def test_progress_is_told_every_hundred_packages(module: Path, go: Go) -> None:
    go(COMPILES.replace("echo k8s.io/api", "seq 250"))
    said: list[str] = []
    build.build("1.34.4", said.append)
    told = [line.split(" done")[0] for line in said if "packages" in line]
    assert told == ["  100 modules and packages", "  200 modules and packages"]


@pytest.mark.usefixtures("module", "no_go")
def test_without_go_one_sentence_names_setup_envtest(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["build"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Go is not installed")
    assert "setup-envtest" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.usefixtures("module", "no_go")
def test_an_unknown_release_is_told_before_a_missing_go() -> None:
    with pytest.raises(ControlPlaneError, match=r"1\.35\.0 cannot be built here"):
        build.build("1.35.0")


def test_a_bad_command_line_has_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(["bake"])
    assert ended.value.code == 2
    assert "bake" in capsys.readouterr().err


def test_the_cache_is_in_the_users_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert build.cache() == tmp_path / "cache/charmed-kubeflow/controlplane"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert build.cache() == Path("/home/ada/.cache/charmed-kubeflow/controlplane")


def test_assets_are_what_was_built(module: Path, go: Go) -> None:
    assert controlplane.assets("1.9.1") is None
    go(COMPILES)
    made = build.build("1.9.1")
    assert controlplane.assets("1.9.1") == made
    assert controlplane.assets() is None
    shutil.rmtree(made)
    assert controlplane.assets("1.9.1") is None


def test_assets_that_the_environment_names_go_first(
    module: Path, go: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(COMPILES)
    build.build("1.34.4")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    assert controlplane.assets() == tmp_path


def test_assets_that_the_environment_names_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", "/no/such/folder")
    with pytest.raises(ControlPlaneError, match="names /no/such/folder, which is not a folder"):
        controlplane.assets()
