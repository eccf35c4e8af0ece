# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Each file of Python says whose it is, and where the licence stands."""

from __future__ import annotations

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
HEADER = """\
# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.
"""


def begins_with_header(path: pathlib.Path) -> bool:
    text = path.read_text()
    first = text.partition("\n")[2] if text.startswith("#!") else text
    return not text or first.startswith(HEADER)


def test_each_file_of_python_begins_with_the_licence_header() -> None:
    listed = subprocess.check_output(["git", "ls-files", "*.py"], cwd=ROOT, text=True).split()
    assert len(listed) > 100
    assert not [name for name in listed if not begins_with_header(ROOT / name)]
