# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Loading charm directories."""

import pathlib
import sys
import zipfile

import jujusim
import pytest

META = """
    name: {name}
    type: charm
    summary: s
    description: d
"""
CHARM = """
    import ops
    import helper

    class Charm(ops.CharmBase):
        def __init__(self, framework):
            super().__init__(framework)
            framework.observe(self.on.start, self._start)

        def _start(self, _):
            import lazy
            self.unit.status = ops.ActiveStatus(helper.WORD + lazy.WORD)
"""


def two(write_charm):
    """Two charms whose helper modules have the same names."""
    return [
        write_charm(
            name,
            {
                "charmcraft.yaml": META.format(name=name),
                "src/charm.py": CHARM,
                "src/helper.py": f"WORD = '{name}'",
                "src/lazy.py": f"WORD = '{name.upper()}'",
            },
        )
        for name in ("one", "two")
    ]


def test_metadata_of_charmcraft(charm):
    server = charm("server")
    assert server.name == "server"
    assert set(server.containers) == {"web", "sidecar"}
    assert server.endpoints["api"] == jujusim.Endpoint("api", "provides", "http", 0)
    assert server.defaults["port"] == 80
    assert set(server.actions) == {"greet", "refuse"}


def test_metadata_in_three_files(write_charm):
    path = write_charm(
        "old",
        {
            "metadata.yaml": "name: old\nrequires: {db: {interface: sql, limit: 1}}",
            "config.yaml": "options: {size: {type: int, default: 3}}",
            "actions.yaml": "backup: {description: b}",
            "src/charm.py": "import ops\nclass C(ops.CharmBase): pass",
        },
    )
    loaded = jujusim.CharmDir.load(path)
    assert loaded.endpoints["db"].limit == 1
    assert loaded.defaults == {"size": 3}
    assert set(loaded.actions) == {"backup"}


def test_a_directory_is_loaded_once(charm):
    assert charm("server") is charm("server")


def test_modules_of_one_name_are_kept_apart(write_charm, model):
    for path in two(write_charm):
        model.deploy(jujusim.CharmDir.load(path))
    model.settle()
    assert model.status().apps["one"].status.message == "oneONE"
    assert model.status().apps["two"].status.message == "twoTWO"


def test_nothing_of_a_charm_stays_importable(write_charm):
    jujusim.CharmDir.load(two(write_charm)[0])
    assert "helper" not in sys.modules
    assert not any("one/src" in path for path in sys.path)


def test_modules_loaded_outside_are_put_back(write_charm, monkeypatch):
    ours = type(sys)("helper")
    monkeypatch.setitem(sys.modules, "helper", ours)
    jujusim.CharmDir.load(two(write_charm)[0])
    assert sys.modules["helper"] is ours


def test_hooks_run_in_the_charm_directory_and_leave_it_alone(charm, model):
    model.deploy(charm("server"))
    model.settle()
    root, here = charm("server").root, pathlib.Path.cwd()
    before = sorted(root.rglob("*"))
    result = model.run_action("server/0", "greet", {"times": 1})
    assert result.results["template"] == "a template\n"
    assert sorted(path for path in root.rglob("*")) == before
    assert pathlib.Path.cwd() == here


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"src/charm.py": ""}, "neither charmcraft.yaml nor metadata.yaml"),
        ({"charmcraft.yaml": "name: a"}, "no src/charm.py"),
        ({"charmcraft.yaml": "name: [", "src/charm.py": ""}, "not valid YAML"),
        ({"charmcraft.yaml": "- a", "src/charm.py": ""}, "not a mapping"),
        ({"charmcraft.yaml": "name: a", "src/charm.py": "import nothing_here"}, "nothing_here"),
        ({"charmcraft.yaml": "name: a", "src/charm.py": "x = 1"}, "0 charm classes"),
        (
            {
                "charmcraft.yaml": "name: a",
                "src/charm.py": "import ops\n"
                "class A(ops.CharmBase): pass\nclass B(ops.CharmBase): pass",
            },
            "2 charm classes",
        ),
    ],
)
def test_what_cannot_be_loaded_is_an_error(write_charm, files, message):
    with pytest.raises(jujusim.CharmError, match=message):
        jujusim.CharmDir.load(write_charm("broken", files))


def test_a_base_class_in_the_same_file_is_not_the_charm(write_charm):
    path = write_charm(
        "based",
        {
            "charmcraft.yaml": "name: based",
            "src/charm.py": "import ops\nclass Base(ops.CharmBase): pass\nclass C(Base): pass",
        },
    )
    assert jujusim.CharmDir.load(path).charm_type.__name__ == "C"


def test_a_packed_charm_brings_its_dependencies(write_charm, model, tmp_path):
    folder = write_charm(
        "packed",
        {
            "metadata.yaml": "name: packed",
            "src/charm.py": CHARM.replace("import helper", "import helper, brought_along"),
            "src/helper.py": "WORD = 'a'",
            "src/lazy.py": "WORD = 'b'",
            "venv/brought_along.py": "",
            "venv/ops.py": "raise RuntimeError('not this one')",
        },
    )
    archive = tmp_path / "packed_amd64.charm"
    with zipfile.ZipFile(archive, "w") as content:
        for path in folder.rglob("*"):
            content.write(path, path.relative_to(folder))
    model.deploy(jujusim.CharmDir.load(archive))
    model.settle()
    assert model.status().apps["packed"].status.message == "ab"


def test_a_file_that_is_no_archive(tmp_path):
    path = tmp_path / "broken.charm"
    path.write_text("nothing")
    with pytest.raises(jujusim.CharmError, match="is not a packed charm"):
        jujusim.CharmDir.load(path)
