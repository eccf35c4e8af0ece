# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""One module knows private names of ops and scenario, and says which of them have changed."""

import pathlib
import re
from typing import Any

import jujusim
import ops
import ops._main as ops_main
import pytest
import scenario._ops_main_mock as ops_mock
import scenario._runtime as scenario_runtime
import scenario.state as scenario_state
from jujusim import ops_internals, pebble
from ops import pebble as ops_pebble
from ops import testing
from ops._private import harness
from scenario import mocking

SOURCES = pathlib.Path(jujusim.__file__).parent
PRIVATE_USE = re.compile(r"(from|import) (ops|scenario)\._|scenario\.(mocking|state)\b|harness\._")
# The test kit watches hook tools and Pebble's requests of charms under test.
EXCEPT = {"ops_internals.py", "testing/faults.py"}

# Owners of private names that the simulator uses, with the names.
PRIVATE: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (ops_main, ("_Abort", "_Dispatcher", "_Manager")),
    (ops_main._Manager, ("_load_charm_meta", "_make_storage", "_framework_class")),
    (ops.Framework, ("_emit",)),
    (ops.Framework.on, ("_cache",)),
    (ops_mock, ("Ops", "CapturingFramework", "UnitStateDB")),
    (ops_mock.UnitStateDB, ("apply_state",)),
    (scenario_runtime.Runtime, ("_virtual_charm_root", "_wrap")),
    (scenario_state, ("_Event",)),
    (mocking, ("_MockModelBackend", "_MockPebbleClient")),
    (mocking._MockModelBackend, ("_storage_event_details", "relation_remote_app_name")),
    (testing.Network, ("_hook_tool_output_fmt",)),
    (harness, ("_TestingPebbleClient", "ExecHandler", "ExecArgs", "ExecResult")),
    (
        harness._TestingPebbleClient,
        ("_check_connection", "_render_services", "_render_checks", "_render_log_targets",
         "_find_exec_handler"),
    ),
    (ops_pebble.Service, ("_merge",)),
    (ops_pebble.Check, ("_merge",)),
    (ops_pebble.LogTarget, ("_merge",)),
)  # fmt: skip

# Those that only instances have.
PRIVATE_ATTRIBUTES = {
    ops_internals.PebbleEngine: (
        "_layers",
        "_service_status",
        "_check_infos",
        "_changes",
        "_notices",
    ),
    ops_internals.Context: ("_charm_spec", "_action_failure_message"),
}


@pytest.mark.parametrize(
    ("owner", "name"),
    [(owner, name) for owner, names in PRIVATE for name in names],
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
    for kind, names in PRIVATE_ATTRIBUTES.items():
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
