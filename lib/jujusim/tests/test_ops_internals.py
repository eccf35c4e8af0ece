# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""One module knows private names of ops and scenario, and says which of them have changed."""

import pathlib
import re

import jujusim
import pytest
from jujusim import ops_internals, pebble
from ops import testing

SOURCES = pathlib.Path(jujusim.__file__).parent
PRIVATE_USE = re.compile(r"(from|import) (ops|scenario)\._|scenario\.(mocking|state)\b|harness\._")
# The test kit watches hook tools and Pebble's requests of charms under test.
EXCEPT = {"ops_internals.py", "testing/faults.py"}


@pytest.mark.parametrize(
    ("owner", "name"),
    [(owner, name) for owner, names in ops_internals.PRIVATE for name in names],
    ids=str,
)
def test_ops_still_has_each_private_name(owner, name):
    assert hasattr(owner, name), f"ops changed {owner!r}: no {name}, see jujusim/ops_internals.py"


def test_instances_still_have_their_private_attributes(tmp_path, charm):
    loaded = charm("server")
    context = ops_internals.Context(loaded.charm_type, dict(loaded.meta), config=None)
    instances = {
        ops_internals.PebbleEngine: pebble.Pebble("c", tmp_path),
        ops_internals.Context: context,
    }
    assert isinstance(context, testing.Context)
    for kind, names in ops_internals.PRIVATE_ATTRIBUTES.items():
        for name in names:
            changed = f"ops changed {kind.__base__}: no {name}, see jujusim/ops_internals.py"
            assert hasattr(instances[kind], name), changed


def test_no_other_module_uses_private_names():
    users = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if PRIVATE_USE.search(path.read_text())
    }
    assert users == EXCEPT
