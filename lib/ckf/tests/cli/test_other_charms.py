# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`ckf preview --charm` and `--python`, from the command line to the report."""

import json
import pathlib
import sys

import pytest
from ckf import preview

ROGUE = pathlib.Path(__file__).parents[3] / "jujusim/tests/worker/charms/rogue"
STORE = pathlib.Path(__file__).parents[1] / "preview" / "charms" / "store"


@pytest.fixture
def foreign(tmp_path):
    """The store's charm in another repository, where its image and an endpoint differ."""
    root = tmp_path / "elsewhere" / "store"
    (root / "src").mkdir(parents=True)
    program = (STORE / "src" / "charm.py").read_text()
    (root / "src" / "charm.py").write_text(f"{program}\n\nops.main(Store)\n")
    text = (STORE / "charmcraft.yaml").read_text()
    (root / "charmcraft.yaml").write_text(text.replace("oci-image", "other-image"))
    return root


def test_another_charm_in_an_applications_place(ckf, foreign, tmp_path):
    words = ["--charm", f"store={foreign}", "--python", f"store={sys.executable}"]
    status, out, _ = ckf("preview", *words, "--out", str(tmp_path / "out"), "--format", "json")
    assert status == 0
    app = json.loads(out)["applications"]["store"]
    assert app["application-status"]["current"] == "active"
    assert not (foreign / "src" / "__pycache__").exists()
    # The trace says enough to run it again.
    status, out, _ = ckf("replay", str(tmp_path / "out"), "--until", "3", "--format", "json")
    assert status == 0
    assert json.loads(out)["preview"]["hook"]["number"] == 3


def test_a_charm_of_this_repository_runs_here(bundle):
    made = preview.prepare(
        preview.Request(bundle, charms={"store": bundle.parent / "charms/store"})
    )
    assert made.model.apps["store"].charm.runner is None


def test_an_interpreter_for_a_charm_of_this_repository(bundle):
    python = pathlib.Path(sys.executable)
    made = preview.prepare(preview.Request(bundle, pythons={"store": python}))
    assert made.model.apps["store"].charm.runner is not None
    assert made.model.apps["client"].charm.runner is None


def test_an_interpreter_is_for_the_charm_of_the_other_repository(bundle, foreign):
    python = pathlib.Path(sys.executable)
    ours = bundle.parent / "charms" / "store"
    request = preview.Request(
        bundle, charms={"store": foreign}, pythons={"store": python}, refreshes=(("store", ours),)
    )
    made = preview.prepare(request)
    assert made.model.apps["store"].charm.runner is not None
    assert made.steps[0].charm.runner is None


def test_a_hook_that_fails_is_reported(ckf, foreign):
    (foreign / "src" / "charm.py").write_text("import nowhere\n")
    words = ["--charm", f"store={foreign}", "--python", f"store={sys.executable}"]
    status, out, _ = ckf("preview", *words)
    assert status == 1
    assert "ModuleNotFoundError: No module named 'nowhere'" in out
    command = next(line for line in out.splitlines() if "ckf replay" in line)
    assert f"--charm store={foreign} --python store={sys.executable}" in command


def test_the_replaced_charm_says_what_fits(ckf, foreign):
    text = (foreign / "charmcraft.yaml").read_text()
    (foreign / "charmcraft.yaml").write_text(text.replace("motd:", "greeting:"))
    words = ["--charm", f"store={foreign}", "--python", f"store={sys.executable}"]
    status, out, err = ckf("preview", *words)
    assert (status, out) == (2, "")
    assert 'application "store": its charm has no option "motd"' in err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--charm", "nix=x"], 'the bundle has no application "nix"'),
        (["--python", "nix=x"], 'the bundle has no application "nix"'),
        (["--charm", "store=nowhere"], 'application "store": there is no charm at'),
        (["--charm", f"store={ROGUE}"], "has no .venv"),
        (["--python", "store=nowhere"], 'application "store": nowhere is no program'),
        (["--charm", "store"], "'store' is not of the form APP=PATH"),
        (["--charm", "store=a", "--charm", "store=b"], "--charm store is given twice"),
        (["--hook-timeout", "0"], "'0' is no number of seconds"),
        (["--files", "store/nix=."], 'charm "store" has no container "nix"'),
        (["--files", "store/web=nowhere"], "there is no directory nowhere"),
    ],
)
def test_what_is_wrong(ckf, words, reason):
    status, out, err = ckf("preview", *words)
    assert (status, out) == (2, "")
    assert reason in err


def test_files_of_an_image_are_there(bundle, tmp_path):
    (tmp_path / "image" / "etc").mkdir(parents=True)
    (tmp_path / "image" / "etc" / "os-release").write_text("ID=test\n")
    made = preview.prepare(preview.Request(bundle, files={"store/web": tmp_path / "image"}))
    made.settle()
    web = made.model.units["store/0"].containers["web"]
    assert web.files()["/etc/os-release"] == b"ID=test\n"
    assert "/etc/store/web.json" in web.files()
