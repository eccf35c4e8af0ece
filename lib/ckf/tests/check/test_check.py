# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf check` says what Juju would refuse, and in which line it stands."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Callable

import pytest
from ckf import bundle as bundles
from ckf.bundle import demands
from ckf.cli import check as command


def check(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))


def test_a_bundle_that_juju_takes(
    repository: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository / "bundle.yaml"
    assert check(str(path)) == 0
    said = capsys.readouterr().out
    assert said == f"{path}: 2 applications, nothing that Juju would refuse\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("[server:api, client:api]", "[serve:api, client:api]", 16, 'no application "serve"'),
        ("[server:api, client:api]", "[server:ap, client:api]", 16, 'no endpoint "ap"'),
        ("[server:api, client:api]", "[server:admin, client:api]", 16, "admin"),
        (
            "  - [server:api, client:api]\n",
            "  - [server:api, client:api]\n  - [other:api, client:api]\n",
            17,
            "other",
        ),
        ("      oci-image: example.com/server:1\n", "", 8, 'needs its resource "oci-image"'),
        ("port: 8080", "pport: 8080", 7, 'no option "pport"; did you mean "port"?'),
        ("port: 8080", "port: many", 7, "expects int"),
        ("data: 10G", "data: 1G", 11, "has 1G, its charm needs at least 10G"),
        ("data: 10G", "dat: 10G", 11, 'no storage "dat"'),
    ],
)
def test_a_bundle_that_juju_refuses(
    change: Callable[[str, str], pathlib.Path],
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    line: int,
    message: str,
) -> None:
    path = change(old, new)
    assert check(str(path)) == 1
    said = capsys.readouterr().out.splitlines()
    assert [text for text in said if text.startswith(f"{path}:{line}: ") and message in text], said


def test_a_limit_that_is_exceeded(
    repository: pathlib.Path,
    change: Callable[[str, str], pathlib.Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    change("relations:\n", "  other:\n    charm: ./charms/server\n    scale: 1\nrelations:\n")
    overlay = repository / "overlay.yaml"
    overlay.write_text("relations:\n  - [other:api, client:api]\n")
    change("charm: ./charms/server\n", "charm: ./charms/server\n    resources: {oci-image: x}\n")
    assert check(str(repository / "bundle.yaml"), "--overlay", str(overlay)) == 1
    assert f"{overlay}:2: " in capsys.readouterr().out


def test_a_charm_that_assumes_what_is_not_there(
    repository: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    charm = repository / "charms/client/charmcraft.yaml"
    charm.write_text(charm.read_text().replace("juju >= 3.6.4", "juju >= 3.7"))
    path = repository / "bundle.yaml"
    assert check(str(path)) == 1
    assert capsys.readouterr().out == (
        f'{path}:13: application "client": its charm assumes "juju >= 3.7", '
        "the platform's minimum is 3.6.4\n"
    )


@pytest.mark.parametrize(
    ("expression", "unmet"),
    [
        ("k8s-api", ""),
        ("k8s-api >= 1.30", ""),
        ("juju", ""),
        ("juju >= 3.6.4", ""),
        ("juju >= 3.1.5", ""),
        ("juju < 4", ""),
        ("juju < 3", "assumes"),
        ("juju >= 3.6.5", "minimum is 3.6.4"),
        ("lxd", 'the feature "lxd"'),
        ("juju => 3", "no expression"),
        ({"any-of": ["juju >= 4", "juju >= 3.6.4"]}, ""),
        ({"any-of": ["juju >= 4", "lxd"]}, "juju >= 4"),
        ({"all-of": ["k8s-api", {"any-of": ["juju"]}]}, ""),
        ({"all-of": ["k8s-api", "juju >= 4"]}, "juju >= 4"),
        ({"some-of": ["juju"]}, "no expression"),
    ],
)
def test_expressions(expression: object, unmet: str) -> None:
    reason = demands.unmet(expression)
    assert unmet in reason
    assert bool(unmet) == bool(reason)


@pytest.mark.parametrize("directive", ["10G", "kubernetes,10G", "kubernetes,1,10240M", "2,1T"])
def test_storage_that_is_large_enough(
    change: Callable[[str, str], pathlib.Path], directive: str
) -> None:
    assert check(str(change("data: 10G", f"data: {directive}"))) == 0


def test_a_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(bundles.InputError, match="cannot read"):
        check(str(tmp_path / "bundle.yaml"))
