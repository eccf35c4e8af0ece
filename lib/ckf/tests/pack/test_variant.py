# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A charm with the endpoints only that a published one has."""

from __future__ import annotations

import argparse
import pathlib
from typing import Any

import pytest
import yaml
from ckf import pack
from ckf.pack import command, variant

PUBLISHED = {
    "name": "example",
    "requires": {"logging": {"interface": "loki_push_api"}},
    "provides": {"old": {"interface": "gone"}},
}
OURS = {
    "name": "example",
    "summary": "An example",
    "requires": {"logging": {"interface": "loki_push_api", "optional": True}},
    "provides": {"metrics": {"interface": "prometheus_scrape"}},
    "peers": {"peers": {"interface": "charmkit_peers"}},
}


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return parser.parse_args(arguments)


def test_endpoints_that_the_published_charm_lacks_are_left_out() -> None:
    expected: dict[str, Any] = {key: OURS[key] for key in ("name", "summary", "requires")}
    assert variant.limited(OURS, PUBLISHED) == expected
    assert variant.left_out(OURS, PUBLISHED) == ["metrics", "peers"]


def test_the_same_endpoints_leave_the_charm_as_it_is() -> None:
    assert variant.limited(OURS, OURS) == OURS
    assert variant.left_out(OURS, OURS) == []


def test_the_endpoints_of_another_charm_are_refused() -> None:
    with pytest.raises(pack.PackError, match="those of another, the charm is example"):
        variant.limited(OURS, {"name": "another"})


@pytest.mark.parametrize("name", ["metadata.yaml", "charmcraft.yaml"])
def test_metadata_is_read_from_a_file_or_its_folder(tmp_path: pathlib.Path, name: str) -> None:
    (tmp_path / name).write_text(yaml.safe_dump(PUBLISHED))
    assert variant.read(tmp_path) == variant.read(tmp_path / name) == PUBLISHED


@pytest.mark.parametrize("text", ["[]", "{}", "{", "summary: none"])
def test_what_is_no_metadata_is_refused(tmp_path: pathlib.Path, text: str) -> None:
    path = tmp_path / "metadata.yaml"
    path.write_text(text)
    with pytest.raises(pack.PackError, match=r"metadata\.yaml"):
        variant.read(path)
    with pytest.raises(pack.PackError, match="neither a file nor a folder"):
        variant.read(tmp_path / "absent")


def test_it_is_for_one_charm_and_not_for_charmcraft(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "metadata.yaml"
    path.write_text(yaml.safe_dump(PUBLISHED))
    with pytest.raises(pack.PackError, match="for one charm"):
        command.run(options("minio", "dex-auth", "--endpoints-of", str(path)))
    with pytest.raises(pack.PackError, match="--charmcraft"):
        command.run(options("--charmcraft", "--endpoints-of", str(path)))


def test_a_charm_that_needs_its_peers_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "metadata.yaml"
    path.write_text(yaml.safe_dump({"name": "minio", "provides": {"object-storage": {}}}))
    assert variant.lost_peers(OURS, PUBLISHED) == ["peers"]
    assert variant.lost_peers(OURS, OURS) == []
    with pytest.raises(pack.PackError, match="minio needs its peer relation peers"):
        command.run(options("--endpoints-of", str(path)))
