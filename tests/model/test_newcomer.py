# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A newcomer's first hour: README and tutorial line by line, in a fresh clone with a new home."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from .test_tutorial import BLOCK, ROOT, TUTORIAL

FENCED = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
CHARM = "release-notes"
OURS = ("PYTEST", "PYTHON", "TOX", "VIRTUAL_ENV", "XDG")
"""What a test's environment has and a newcomer's has not."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("a clone needs git, and a repository")
    folder = tmp_path_factory.mktemp("newcomer")
    # The clone may belong to somebody else than who tests it.
    trust = {"KEY_0": "safe.directory", "VALUE_0": "*", "COUNT": "1"}
    environment = {**os.environ, **{f"GIT_CONFIG_{name}": text for name, text in trust.items()}}
    command = ["git", "clone", "--quiet", "--depth=1", ROOT.as_uri(), str(folder / "clone")]
    subprocess.run(command, check=True, env=environment)
    return folder / "clone"


def run(clone: pathlib.Path, line: str) -> str:
    """Run a line as it stands, at home in an empty directory; packages may be in a cache."""
    home = clone.parent / "home"
    home.mkdir(exist_ok=True)
    cache = os.environ.get("UV_CACHE_DIR") or str(pathlib.Path.home() / ".cache/uv")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=clone,
        env={**kept, "UV_CACHE_DIR": cache, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert not done.returncode, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_readme_and_tutorial_work_as_they_stand(clone: pathlib.Path) -> None:
    assert "make preview" in (clone / "README.md").read_text()
    assert "applications are active" in run(clone, "make preview")
    tutorial = TUTORIAL.read_text()
    for block in BLOCK.finditer(tutorial):
        path = clone / block["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["text"])
    (commands,) = [each["text"] for each in FENCED.finditer(tutorial) if not each["info"]]
    said = [run(clone, line) for line in commands.splitlines() if line]
    assert re.search(rf"{CHARM} +active", said[-1])
    # What `make unit` does for this charm, and what `make lint` does.
    run(clone, f".venv/bin/pytest -q charms/{CHARM} tests/charms -k '{CHARM} or release_notes'")
    run(
        clone,
        f".venv/bin/ruff check charms/{CHARM} && .venv/bin/ruff format --check charms/{CHARM}",
    )
