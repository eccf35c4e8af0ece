# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What an archive contains, that it is always the same, and how a request is refused."""

from __future__ import annotations

import argparse
import pathlib
import stat
import zipfile
from collections.abc import Callable

import pytest
import yaml
from ckf import pack
from ckf.pack import charmcraft, command, dispatch, metadata

ROOT = pathlib.Path(__file__).parents[4]
CHARMS = sorted(path.parent for path in (ROOT / "charms").glob("*/charmcraft.yaml"))
MINIO, DEX = ROOT / "charms/minio", ROOT / "charms/dex-auth"
SITE = "venv/lib/python{}/site-packages"
EXAMPLE = {
    "name": "example",
    "title": "Example",
    "summary": "An example",
    "description": "Says how it is done.",
    "type": "charm",
    "base": "ubuntu@24.04",
    "platforms": {"amd64": None},
    "charm-user": "non-root",
    "links": {
        "contact": "me@example.com",
        "documentation": "https://example.com",
        "issues": "https://example.com/issues",
        "website": ["https://one.example.com", "https://two.example.com"],
    },
    "parts": {"charm": {"plugin": "uv", "source": "."}},
    "config": {"options": {"port": {"type": "int"}}},
}


def members(path: pathlib.Path) -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: info for info in archive.infolist()}


def read(path: pathlib.Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


@pytest.fixture
def target() -> pack.Target:
    return pack.Target.of(EXAMPLE, arch="amd64")


@pytest.fixture
def workspace() -> pack.Workspace:
    return pack.Workspace(ROOT)


def test_an_archive_has_what_a_unit_needs_and_no_more(packed: Callable[..., pack.Packed]) -> None:
    path = packed(MINIO).path
    names = set(members(path))
    site = next(name for name in names if name.endswith("/ops/__init__.py")).removesuffix(
        "/ops/__init__.py"
    )
    own = {name for name in names if not name.startswith(f"{site}/")}
    sources = (file for file in (MINIO / "src").rglob("*") if file.is_file())
    kept = {f"{f.relative_to(MINIO)}" for f in sources if "__pycache__" not in f.parts}
    files = {"actions.yaml", "config.yaml", "manifest.yaml", "metadata.yaml"}
    assert own == kept | files | {"dispatch", "venv/pyvenv.cfg"}
    top = {name.removeprefix(f"{site}/").split("/")[0] for name in names - own}
    assert {"charmkit", "ops", "yaml", "lightkube", "jinja2"} <= top
    assert not {"bcrypt", "ckf", "pytest", "rich", "bin"} & top
    assert "h2" not in top  # HTTP/2, which each hook would import and never speak
    assert not [name for name in names if "__pycache__" in name or name.endswith("/RECORD")]


def test_a_charm_has_only_its_own_dependencies(packed: Callable[..., pack.Packed]) -> None:
    names = " ".join(members(packed(DEX).path))
    assert "/bcrypt/" in names
    assert "/bcrypt/" not in " ".join(members(packed(MINIO).path))


def test_programs_can_be_run_and_nothing_else(packed: Callable[..., pack.Packed]) -> None:
    modes = {
        name: stat.S_IMODE(info.external_attr >> 16)
        for name, info in members(packed(MINIO).path).items()
    }
    assert {name for name, mode in modes.items() if mode == 0o755} == {"dispatch", "src/charm.py"}
    assert set(modes.values()) == {0o755, 0o644}


def test_the_same_files_give_the_same_bytes(
    tmp_path: pathlib.Path, workspace: pack.Workspace, target: pack.Target
) -> None:
    first = pack.pack(workspace, MINIO, target, tmp_path / "one")
    second = pack.pack(workspace, MINIO, target, tmp_path / "two")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert (first.unchanged, second.unchanged) == (False, False)


def test_an_archive_is_made_again_only_when_something_changed(
    tmp_path: pathlib.Path, workspace: pack.Workspace, target: pack.Target
) -> None:
    first = pack.pack(workspace, MINIO, target, tmp_path)
    again = pack.pack(workspace, MINIO, target, tmp_path)
    assert (again.unchanged, again.size, again.unpacked) == (True, first.size, first.unpacked)
    with first.path.open("ab") as archive:
        archive.write(b"tampered with")
    assert not pack.pack(workspace, MINIO, target, tmp_path).unchanged


def test_a_charm_for_another_machine_has_that_machines_libraries(
    tmp_path: pathlib.Path, workspace: pack.Workspace
) -> None:
    target = pack.Target.of(metadata.read(MINIO), arch="arm64", python="3.13")
    path = pack.pack(workspace, MINIO, target, tmp_path).path
    libraries = [name for name in members(path) if name.endswith(".so")]
    assert libraries
    # A library of the stable interface does not name the machine.
    named = [name for name in libraries if not name.endswith(".abi3.so")]
    assert all(name.endswith("cpython-313-aarch64-linux-gnu.so") for name in named)
    bases = yaml.safe_load(read(path, "manifest.yaml"))["bases"]
    assert bases == [{"name": "ubuntu", "channel": "24.04", "architectures": ["arm64"]}]


def test_metadata_is_what_charmcraft_makes_of_its_file(target: pack.Target) -> None:
    files = metadata.files(EXAMPLE, target)
    assert set(files) == {"metadata.yaml", "manifest.yaml", "config.yaml"}
    assert yaml.safe_load(files["metadata.yaml"]) == {
        "name": "example",
        "display-name": "Example",
        "summary": "An example",
        "description": "Says how it is done.",
        "charm-user": "non-root",
        "maintainers": ["me@example.com"],
        "docs": "https://example.com",
        "issues": ["https://example.com/issues"],
        "website": ["https://one.example.com", "https://two.example.com"],
    }
    assert yaml.safe_load(files["config.yaml"]) == {"options": {"port": {"type": "int"}}}


@pytest.mark.parametrize("charm", CHARMS, ids=lambda path: path.name)
def test_no_key_of_a_charm_is_lost(charm: pathlib.Path) -> None:
    project = metadata.read(charm)
    made = metadata.metadata(project)
    elsewhere = {"type", "title", "links", "base", "platforms", "parts", "config", "actions"}
    assert set(project) - set(made) <= elsewhere
    assert made["charm-user"] in ("non-root", "sudoer", "root")


def test_dispatch_ends_with_the_entry_point_that_linters_look_for() -> None:
    assert dispatch.DISPATCH.splitlines()[-1].split()[-1] == "src/charm.py"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base": "ubuntu@18.04"}, "base 'ubuntu@18.04' is not known"),
        ({"platforms": {"s390x": None}}, "no platform 'amd64'; it has s390x"),
    ],
)
def test_a_target_that_cannot_be(change: dict[str, object], message: str) -> None:
    with pytest.raises(pack.PackError, match=message):
        pack.Target.of(EXAMPLE | change, arch="amd64")


def test_a_charm_that_is_too_large_is_refused(
    tmp_path: pathlib.Path,
    workspace: pack.Workspace,
    target: pack.Target,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ckf.pack.build.PACKED_LIMIT", 1024 * 1024)
    with pytest.raises(pack.PackError, match=r"minio.charm has \d\.\d MB, at most 1 MB"):
        pack.pack(workspace, MINIO, target, tmp_path)


def test_a_package_that_is_not_there_for_the_target(
    tmp_path: pathlib.Path, workspace: pack.Workspace
) -> None:
    target = pack.Target.of(EXAMPLE, arch="amd64", python="3.7")
    with pytest.raises(pack.PackError, match="uv pip: "):
        pack.pack(workspace, MINIO, target, tmp_path)


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return parser.parse_args(arguments)


def test_the_command_packs_what_it_is_asked_to(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT / "charms")
    assert command.run(parse("minio", "dex-auth", "--output", str(tmp_path))) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"[1/2] {tmp_path}/minio.charm: ")
    assert lines[1].startswith(f"[2/2] {tmp_path}/dex-auth.charm: ")
    assert {path.name for path in tmp_path.glob("*.charm")} == {"minio.charm", "dex-auth.charm"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mino"], "no charm 'mino'; there are admission-webhook"),
        (["minio", "--arch", "m68k"], "no platform 'm68k'"),
        (["minio", "--charmcraft", "--python-version", "3.13"], "cannot be used with"),
    ],
)
def test_a_command_line_that_is_wrong(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(pack.PackError, match=message):
        command.run(parse(*arguments))


def test_outside_a_repository(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pack.PackError, match=r"is in no repository with uv.lock"):
        command.run(parse())


CHARMCRAFT = """#!/bin/sh
if [ "$1" = --version ]; then echo "charmcraft %s"; exit; fi
for argument; do last=$argument; done
echo "$CHARMCRAFT_EXPERIMENTAL_MONOREPO $*" > "$last/asked"
[ -e "$last/broken" ] && exit 1
echo packed > "$last/minio_amd64.charm"
"""


@pytest.fixture
def install(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a program that behaves as charmcraft of a version on the path."""

    def install(version: str) -> None:
        program = tmp_path / "bin/charmcraft"
        program.parent.mkdir()
        program.write_text(CHARMCRAFT % version)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=":")

    return install


def test_charmcraft_sees_the_whole_repository(
    tmp_path: pathlib.Path, target: pack.Target, install: Callable[[str], None]
) -> None:
    install("4.5.1")
    path = charmcraft.pack(MINIO, target, tmp_path)
    assert path.read_text() == "packed\n"
    assert path.name == "minio.charm"
    assert (tmp_path / "asked").read_text().startswith(f"1 pack --project-dir {MINIO} --platform ")


def test_charmcraft_that_fails(
    tmp_path: pathlib.Path, target: pack.Target, install: Callable[[str], None]
) -> None:
    install("4.10")
    (tmp_path / "broken").touch()
    with pytest.raises(pack.PackError, match="charmcraft cannot pack minio"):
        charmcraft.pack(MINIO, target, tmp_path)


def test_charmcraft_that_is_too_old(
    tmp_path: pathlib.Path, target: pack.Target, install: Callable[[str], None]
) -> None:
    install("4.4.0")
    with pytest.raises(pack.PackError, match=r"4\.5 or later is needed, this is charmcraft 4\.4"):
        charmcraft.pack(MINIO, target, tmp_path)


def test_no_charmcraft(
    tmp_path: pathlib.Path, target: pack.Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pack.PackError, match="snap install charmcraft"):
        charmcraft.pack(MINIO, target, tmp_path)
