# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Where secret values may be: in Juju secrets, and in the containers; nowhere else."""

from __future__ import annotations

from jujusim.testing import Charm, Result, leaves
from jujusim.testing.options import Option
from ops import testing


def generated(charm: Charm, result: Result) -> set[str]:
    """The values in the secrets of the application; a user's name from an option is not one."""
    own = [item for item in result.state.secrets if item.owner]
    values = {value for item in own for value in (item.latest_content or {}).values()}
    return values - {str(value) for value in charm.directory.defaults.values()}


def received(result: Result) -> set[str]:
    others = [item for item in result.state.secrets if not item.owner]
    return {value for item in others for value in item.latest_content.values()}  # pyright: ignore[reportOptionalMemberAccess]


def test_generated_values_are_in_no_databag(charm: Charm):
    """Every neighbour speaks the newest version, which has a Juju secret."""
    result = charm.complete
    texts = leaves(result.seen["databags"])
    assert [
        value for value in generated(charm, result) if any(value in text for text in texts)
    ] == []


def test_generated_values_are_handed_over_by_grant(charm: Charm):
    """Whoever is told a secret's id by relation can read it, and nobody else."""
    result = charm.complete
    for relation in result.state.relations:
        if isinstance(relation, testing.PeerRelation):
            continue
        text = str(relation.local_app_data)
        for secret in result.state.secrets:
            told = secret.id in text
            assert (relation.id in secret.remote_grants) == told


def test_no_value_in_cluster_or_log(charm: Charm):
    result = charm.complete
    texts = leaves(result.seen["objects"]) + [line for _, line in result.log]
    values = generated(charm, result) | received(result)
    assert [value for value in values if any(value in text for text in texts)] == []


def test_option_is_in_no_databag_status_or_log(charm: Charm, option: Option):
    """An option that is a secret is treated like a generated one."""
    state = charm.state(config=option.change)
    result = charm.run(state, "config_changed", cluster=charm.defined)
    if option.parser.secret:
        texts = [result.status[1], *(line for _, line in result.log)]
        texts += leaves(result.seen["databags"]) + leaves(result.seen["objects"])
        assert not [text for text in texts if str(option.change[option.name]) in text]


def test_units_that_do_not_lead_own_nothing(charm: Charm):
    result = charm.run(charm.state(leader=False), "config_changed")
    assert not generated(charm, result)


def test_nothing_is_generated_twice(charm: Charm):
    first = charm.complete
    for event in ("update_status", "leader_elected", "upgrade_charm"):
        again = charm.run(first.state, event, cluster=first.cluster)
        assert again.seen["secrets"] == first.seen["secrets"]
