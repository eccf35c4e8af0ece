# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a hook pays for: each is a new process, so what is heavy is loaded when it is used."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import charmkit
import pytest

HEAVY = ("bcrypt", "cryptography", "httpx2", "jinja2", "lightkube")

_PROGRAM = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def loaded(*modules: str) -> set[str]:
    """The modules that a new process has loaded after it has imported some."""
    command = [sys.executable, "-c", _PROGRAM, *modules]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout))


def test_no_module_loads_anything_heavy() -> None:
    modules = [info.name for info in pkgutil.walk_packages(charmkit.__path__, "charmkit.")]
    there = loaded("charmkit", *modules)
    assert there.issuperset(modules)
    assert there.isdisjoint(HEAVY)


@pytest.mark.parametrize("heavy", HEAVY)
def test_what_is_heavy_would_be_seen(heavy: str) -> None:
    assert heavy in loaded(heavy)
