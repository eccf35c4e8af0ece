# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Actions."""

import jujusim
import pytest


def test_results_and_log(pair):
    result = pair.run_action("server/leader", "greet", {"times": 2})
    assert result.status == "completed"
    assert result.results["text"] == "hello you hello you"
    assert result.log == ["greeting"]
    assert pair.trace[-1].event == "greet-action"


def test_a_charm_may_refuse(pair):
    result = pair.run_action("server/0", "refuse")
    assert (result.status, result.message) == ("failed", "no")


def test_a_charm_that_raises_fails_the_action_only(model, write_charm):
    path = write_charm(
        "raiser",
        {
            "charmcraft.yaml": "name: raiser\nactions: {go: {description: d}}",
            "src/charm.py": """
                import ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        framework.observe(self.on.go_action, self._go)
                    def _go(self, _):
                        raise ValueError("oh")
            """,
        },
    )
    model.deploy(jujusim.CharmDir.load(path))
    model.settle()
    result = model.run_action("raiser/0", "go")
    assert result.status == "failed"
    assert "ValueError: oh" in result.message
    assert model.units["raiser/0"].workload_status.name != "error"


@pytest.mark.parametrize(
    ("unit", "action", "params", "message"),
    [
        ("server/7", "greet", {"times": 1}, 'unit "server/7" not found'),
        ("server/0", "dance", {}, 'action "dance" not defined'),
        ("server/0", "greet", {}, "'times' is a required property"),
        ("server/0", "greet", {"times": "two"}, "is not of type 'integer'"),
    ],
)
def test_wrong_requests_are_refused(pair, unit, action, params, message):
    since = len(pair.trace)
    with pytest.raises(jujusim.JujuError, match=message):
        pair.run_action(unit, action, params)
    assert len(pair.trace) == since
