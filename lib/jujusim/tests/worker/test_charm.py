# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Which charm and which interpreter: directories, packed charms, and what is neither."""

import pathlib
import shutil
import sys
import zipfile

import jujusim
import pytest
from jujusim import worker

CHARMS = pathlib.Path(__file__).parent / "charms"
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def pack(tmp_path):
    """Pack the rogue charm, with files of its own in its environment."""

    def pack(files=()):
        path = tmp_path / "rogue.charm"
        with zipfile.ZipFile(path, "w") as archive:
            own = {
                name: (CHARMS / "rogue" / name).read_text()
                for name in ("charmcraft.yaml", "src/charm.py")
            }
            for name, content in {**own, **dict(files)}.items():
                archive.writestr(name, content)
        return path

    return pack


@pytest.fixture
def runs(make_model):
    """Run the first hooks of a charm."""

    def run(charm):
        model = make_model()
        model.deploy(charm, "rogue")
        model.settle()
        return model

    return run


def test_a_directory_brings_its_environment(tmp_path, runs):
    root = tmp_path / "rogue"
    shutil.copytree(CHARMS / "rogue", root)
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    assert not runs(worker.load(root)).status().inactive


def test_a_directory_without_one(tmp_path):
    with pytest.raises(jujusim.CharmError, match=r"has no \.venv .* with --python"):
        worker.load(CHARMS / "rogue")


@pytest.mark.parametrize(
    "place", ["venv/lib/python3.9/site-packages", f"venv/lib/python{HERE}/site-packages", "venv"]
)
def test_a_packed_charm_brings_its_dependencies(pack, runs, place):
    program = (CHARMS / "rogue" / "src" / "charm.py").read_text()
    path = pack(
        {
            f"{place}/only_in_there.py": "WORD = 'brought along'\n",
            "src/charm.py": f"import only_in_there\n{program}".replace(
                'f"did {deed}"', "only_in_there.WORD"
            ),
        }
    )
    model = runs(worker.load(path))
    assert str(model.units["rogue/0"].workload_status) == "active: brought along"


def test_dependencies_of_another_interpreter(pack, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    path = pack({"venv/lib/python3.4/site-packages/fast.cpython-34-x86_64-linux-gnu.so": ""})
    with pytest.raises(jujusim.CharmError, match=r"built for python3\.4, which is not there"):
        worker.load(path)


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        ("no-such-program", "no-such-program is no program"),
        ("/bin/cat", "/bin/cat is no Python interpreter"),
        ("/bin/echo", "/bin/echo is no Python interpreter"),
    ],
)
def test_what_is_no_interpreter(python, reason):
    with pytest.raises(jujusim.CharmError, match=reason):
        worker.load(CHARMS / "rogue", python=python)


def test_what_is_no_charm(tmp_path):
    with pytest.raises(jujusim.CharmError, match="there is no charm at"):
        worker.load(tmp_path / "nix", python=sys.executable)
    with pytest.raises(jujusim.CharmError, match=r"has no src/charm\.py"):
        worker.load(tmp_path, python=sys.executable)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "charm.py").write_text("")
    with pytest.raises(jujusim.CharmError, match=r"neither charmcraft\.yaml nor metadata\.yaml"):
        worker.load(tmp_path, python=sys.executable)
    (tmp_path / "x.charm").write_text("no archive")
    with pytest.raises(jujusim.CharmError, match="is not a packed charm"):
        worker.load(tmp_path / "x.charm")


def test_a_unit_has_a_copy_of_what_is_the_charms(tmp_path, runs):
    root = tmp_path / "rogue"
    shutil.copytree(CHARMS / "rogue", root)
    for name in (
        ".git/config",
        "tests/test_charm.py",
        "src/tests/kept.py",
        "templates/build/kept",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    (root / "lib").symlink_to(CHARMS / "jack" / "lib")
    (root / "dangling").symlink_to("/nowhere")
    model = runs(worker.load(root, python=sys.executable))
    copy = model.units["rogue/0"].folder / "charm"
    assert {path.name for path in copy.iterdir()} == {
        "actions.yaml",
        "charmcraft.yaml",
        "config.yaml",
        "lib",
        "metadata.yaml",
        "src",
        "templates",
    }
    for name in ("src/tests/kept.py", "templates/build/kept", "lib/charms/jack/names.py"):
        assert (copy / name).is_file()
    assert not (copy / "lib").is_symlink()
