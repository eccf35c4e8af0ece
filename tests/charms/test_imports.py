# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a hook does not need, it does not import: every hook is a process of its own."""

from __future__ import annotations

import subprocess
import sys

from jujusim.testing import Charm

LATE = ("bcrypt", "cosl", "cryptography", "httpx2", "jinja2", "jsonschema", "lightkube")
"""What is imported with its first use."""

SCRIPT = """
import sys
sys.path.insert(0, {source!r})
import charm
print(*sorted(set(sys.modules) & {late!r}))
"""


def test_import_is_light(charm: Charm):
    source = str(charm.directory.root / "src")
    script = SCRIPT.format(source=source, late=set(LATE))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.split() == []


def test_helper_modules_have_names_of_their_own(charm: Charm):
    """All charms can be loaded in one process by their plain names."""
    root = charm.directory.root
    mine = {path.stem for path in (root / "src").glob("*.py")} - {"charm"}
    others = {path.stem for path in root.parent.glob("*/src/*.py") if root not in path.parents}
    assert not mine & others
