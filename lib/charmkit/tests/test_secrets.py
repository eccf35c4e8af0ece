# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Values that are made once, kept in a secret of the application, and read by every unit."""

from __future__ import annotations

import itertools
from typing import Any

import charmkit
import ops
import pytest
from ops import testing

META = {"peers": {"peers": {"interface": "charmkit_peers"}}}


@pytest.fixture
def ctx(context: Any) -> testing.Context[Any]:
    """A charm whose secret `password` is another one each time that it is made."""
    numbers = itertools.count(1)

    def components(charm: ops.CharmBase) -> list[charmkit.Component]:
        relation = charmkit.Peers(charm)

        def make() -> dict[str, str]:
            return {"value": f"made-{next(numbers)}"}

        return [charmkit.GeneratedSecret(charm, relation, "password", create=make)]

    return context(components, meta=META)


def state(
    secret: testing.Secret | None = None, *, leader: bool = True, bag: dict[str, str] | None = None
) -> testing.State:
    data = {"password": secret.id} if secret else bag or {}
    relation = testing.PeerRelation("peers", local_app_data=data)
    kept = [secret] if secret else []
    return testing.State(leader=leader, relations=[relation], secrets=kept)


def run(ctx: testing.Context[Any], before: testing.State) -> testing.State:
    return ctx.run(ctx.on.update_status(), before)


def kept() -> testing.Secret:
    return testing.Secret({"value": "kept"}, owner="app", label="password")


def test_random_text_is_of_letters_and_digits_and_never_twice_the_same() -> None:
    texts = {charmkit.random_text() for _ in range(50)}
    assert len(texts) == 50
    assert {len(text) for text in texts} == {30}
    assert "".join(texts).isalnum()
    assert "".join(texts).isascii()
    assert len(charmkit.random_text(8)) == 8


def test_the_leader_makes_it(ctx: testing.Context[Any]) -> None:
    after = run(ctx, state())
    (secret,) = after.secrets
    assert (secret.owner, secret.label) == ("app", "password")
    assert secret.latest_content == {"value": "made-1"}
    (relation,) = after.relations
    assert relation.local_app_data == {"password": secret.id}
    assert after.unit_status == ops.ActiveStatus()


def test_it_is_made_once(ctx: testing.Context[Any]) -> None:
    first = run(ctx, state())
    second = run(ctx, first)
    assert (second.secrets, second.relations) == (first.secrets, first.relations)


def test_nothing_is_made_before_the_peer_relation_is_there(ctx: testing.Context[Any]) -> None:
    after = run(ctx, testing.State(leader=True))
    assert after.secrets == frozenset()
    message = "waiting for Juju to set up the relation peers"
    assert after.unit_status == ops.WaitingStatus(message)


def test_another_unit_waits(ctx: testing.Context[Any]) -> None:
    after = run(ctx, state(leader=False))
    assert after.secrets == frozenset()
    message = "waiting for the leader to create the secret password"
    assert after.unit_status == ops.WaitingStatus(message)


@pytest.mark.parametrize("leader", [True, False])
def test_every_unit_reads_it(ctx: testing.Context[Any], leader: bool) -> None:
    with ctx(ctx.on.update_status(), state(kept(), leader=leader)) as manager:
        assert manager.charm.made[0].content == {"value": "kept"}
        assert manager.run().unit_status == ops.ActiveStatus()


def test_every_unit_reads_the_newest(ctx: testing.Context[Any]) -> None:
    secret = testing.Secret(
        {"value": "old"}, latest_content={"value": "new"}, owner="app", label="password"
    )
    with ctx(ctx.on.update_status(), state(secret, leader=False)) as manager:
        assert manager.charm.made[0].content == {"value": "new"}


def test_it_hears_of_the_peer_relation(ctx: testing.Context[Any]) -> None:
    before = state()
    (relation,) = before.relations
    after = ctx.run(ctx.on.relation_created(relation), before)
    assert len(after.secrets) == 1


def test_it_is_replaced(ctx: testing.Context[Any]) -> None:
    with ctx(ctx.on.update_status(), state(kept())) as manager:
        manager.charm.made[0].replace({"value": "new"})
        assert manager.charm.made[0].content == {"value": "new"}
        after = manager.run()
    (secret,) = after.secrets
    assert secret.latest_content == {"value": "new"}


def test_it_is_not_replaced_before_it_is_made(ctx: testing.Context[Any]) -> None:
    with (
        ctx(ctx.on.update_status(), state(leader=False)) as manager,
        pytest.raises(charmkit.Waiting, match="create the secret password"),
    ):
        manager.charm.made[0].replace({"value": "new"})


def test_what_fails_in_making_is_a_bug(context: Any) -> None:
    def make() -> dict[str, str]:
        raise RuntimeError("bug")

    ctx = context(
        lambda charm: [
            charmkit.GeneratedSecret(charm, charmkit.Peers(charm), "password", create=make)
        ],
        meta=META,
    )
    with pytest.raises(testing.errors.UncaughtCharmError):
        run(ctx, state())


def test_no_value_is_logged(ctx: testing.Context[Any]) -> None:
    run(ctx, run(ctx, state()))
    assert ctx.juju_log == []
