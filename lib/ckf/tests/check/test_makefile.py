# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`make` sets .venv up with a Python that will do, or says which one it needs."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[4]
# Says of itself whether it is recent, and makes an environment that is.
PYTHON = """\
#!/bin/sh
case "$1" in
-c) exit {status} ;;
-m) test "$2 $3 $4" = "venv --clear .venv" || exit 9
    mkdir -p .venv/bin
    for name in python uv; do
      printf '#!/bin/sh\\nexit 0\\n' > .venv/bin/$name
      chmod +x .venv/bin/$name
    done ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: pathlib.Path) -> pathlib.Path:
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def interpreter(path: pathlib.Path, *, recent: bool) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PYTHON.format(status=0 if recent else 1))
    path.chmod(0o755)
    return path


def make(folder: pathlib.Path, python: pathlib.Path) -> subprocess.CompletedProcess[str]:
    if not shutil.which("make"):
        pytest.skip("there is no make; install it with: apt install make")
    words = ["make", ".venv/.ready", f"PYTHON={python}"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def test_a_python_that_is_too_old_is_refused_and_leaves_nothing(checkout: pathlib.Path):
    done = make(checkout, interpreter(checkout / "old", recent=False))
    assert done.returncode == 2
    assert "is not Python 3.10 or later: name one, as in make PYTHON=" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_environment_of_a_python_that_is_too_old_is_made_anew(checkout: pathlib.Path):
    old = interpreter(checkout / ".venv/bin/python", recent=False).read_text()
    done = make(checkout, interpreter(checkout / "new", recent=True))
    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv/bin/python").read_text() != old
    assert (checkout / ".venv/.ready").exists()


def test_an_environment_that_will_do_needs_no_other_python(checkout: pathlib.Path):
    interpreter(checkout / ".venv/bin/python", recent=True)
    interpreter(checkout / ".venv/bin/uv", recent=True)
    done = make(checkout, interpreter(checkout / "old", recent=False))
    assert done.returncode == 0, done.stderr
