# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The two ends of a relation: what is written, what is read, and secrets handed over."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import charmkit
import ops
import pytest
import yaml
from charmkit import relations, wire
from ops import testing


@dataclasses.dataclass(frozen=True)
class Address:
    host: str
    port: int = wire.field("port-number")
    path: str | None = wire.field(default=None)


@dataclasses.dataclass(frozen=True)
class Guest:
    name: str = ""


@dataclasses.dataclass(frozen=True)
class Account:
    user: str
    password: str = wire.field("pass-word", secret=True)


INTERFACES: dict[str, charmkit.Interface[Any, Any]] = {
    "plain": charmkit.Interface("plain", provider=Address, requirer=Guest),
    "sdi": charmkit.Interface(
        "sdi", codec=wire.Sdi(("v1", "v2")), provider=Address, requirer=Guest
    ),
    "greetings": charmkit.Interface(
        "greetings", codec=wire.Sdi(("v1",)), provider=Guest, requirer=Guest
    ),
    "accounts": charmkit.Interface(
        "accounts", codec=wire.Sdi(("v1", "v2"), secret_version="v2"), provider=Account
    ),
}
HERE = Address("here", 80)
THERE = Address("there", 443, "/a")


class Ends:
    """Contexts of charms with one end of an interface, and what the end read in the last hook."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.read: Any = None
        self.juju = "3.6.14"

    def provider(self, name: str, sends: Any = None, read: str = "") -> testing.Context[Any]:
        class Provider(relations.Provider[Any, Any]):
            interface = INTERFACES[name]

        return self._made("provides", name, sends, read, Provider)

    def requirer(
        self, name: str, sends: Any = None, read: str = "get_or_none", *, required: bool = False
    ) -> testing.Context[Any]:
        class Requirer(relations.Requirer[Any, Any]):
            interface = INTERFACES[name]

        end = functools.partial(Requirer, required=required)
        return self._made("requires", name, sends, read, end)

    def _made(self, role: str, name: str, sends: Any, read: str, end: Any) -> testing.Context[Any]:
        def send() -> Any:
            if isinstance(sends, Exception):
                raise sends
            return sends

        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            made = end(charm, "end", data=send if sends else None)
            reader = [_Reader(charm, getattr(made, read), self)] if read else []
            return [made, *reader]

        return self.context(
            components, meta={role: {"end": {"interface": name}}}, juju_version=self.juju
        )


class _Reader(charmkit.Component):
    """Reads, as a workload would, and keeps what was read or why it could not be."""

    def __init__(self, charm: ops.CharmBase, read: Any, ends: Ends) -> None:
        super().__init__(charm)
        self._read = read
        self._ends = ends

    def reconcile(self) -> None:
        try:
            self._ends.read = self._read()
        except charmkit.NotReady as reason:
            self._ends.read = reason


@pytest.fixture
def ends(context: Any) -> Ends:
    return Ends(context)


def related(
    theirs: dict[str, str] | None = None,
    ours: dict[str, str] | None = None,
    app: str = "remote",
    interface: str = "plain",
) -> testing.Relation:
    return testing.Relation(
        "end",
        interface,
        remote_app_name=app,
        remote_app_data=theirs or {},
        local_app_data=ours or {},
    )


def run(
    ctx: testing.Context[Any],
    *relations: testing.Relation,
    leader: bool = True,
    secrets: Any = (),
) -> testing.State:
    state = testing.State(leader=leader, relations=relations, secrets=secrets)
    return ctx.run(ctx.on.update_status(), state)


def written(state: testing.State) -> dict[str, str]:
    """The application databag of the only relation."""
    (relation,) = state.relations
    return dict(relation.local_app_data)


def sdi(data: Any = None, versions: str = "[v1, v2]") -> dict[str, str]:
    """A databag of a serialized-data-interface relation."""
    bag = {"_supported_versions": versions}
    return bag if data is None else {**bag, "data": yaml.safe_dump(data)}


# Writing


def test_plain_keys_are_written(ends: Ends) -> None:
    assert written(run(ends.provider("plain", THERE), related())) == {
        "host": "there",
        "port-number": "443",
        "path": "/a",
    }
    assert written(run(ends.requirer("plain", Guest("me")), related())) == {"name": "me"}


def test_only_the_leader_writes(ends: Ends) -> None:
    for name in INTERFACES:
        state = run(ends.provider(name, THERE), related(sdi()), leader=False)
        assert written(state) == {}


def test_what_is_no_longer_sent_is_removed(ends: Ends) -> None:
    ours = {"host": "old", "port-number": "1", "path": "/old", "other": "not ours"}
    state = run(ends.provider("plain", HERE), related(ours=ours))
    assert written(state) == {"host": "here", "port-number": "80", "other": "not ours"}
    assert written(run(ends.provider("plain"), related(ours=ours))) == {"other": "not ours"}


def test_what_can_not_be_sent_yet_leaves_what_was_sent(ends: Ends) -> None:
    waiting = charmkit.Waiting("waiting for something")
    for name, bag in (("plain", {"host": "old"}), ("sdi", sdi({"host": "old"}))):
        # The versions are written as this side does.
        bag = bag if name == "plain" else {**bag, "_supported_versions": "- v1\n- v2\n"}
        state = run(ends.provider(name, waiting), related(sdi(), ours=bag))
        assert written(state) == bag
        assert state.unit_status == ops.WaitingStatus("waiting for something")


def test_versions_are_written_before_anything_can_be_sent(ends: Ends) -> None:
    state = run(ends.provider("sdi", charmkit.Waiting("waiting")), related())
    assert yaml.safe_load(written(state)["_supported_versions"]) == ["v1", "v2"]


def test_a_payload_is_written_once_the_other_side_speaks(ends: Ends) -> None:
    ctx = ends.provider("sdi", THERE)
    assert set(written(run(ctx, related()))) == {"_supported_versions"}
    bag = written(run(ctx, related(sdi())))
    assert set(bag) == {"_supported_versions", "data"}
    assert yaml.safe_load(bag["data"]) == {"host": "there", "port-number": 443, "path": "/a"}


def test_an_end_that_sends_nothing_writes_its_versions(ends: Ends) -> None:
    state = run(ends.requirer("sdi"), related(sdi()))
    assert set(written(state)) == {"_supported_versions"}


@pytest.mark.parametrize("name", INTERFACES)
def test_a_second_hook_writes_nothing(
    ends: Ends, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends = Account("u", "p") if name == "accounts" else THERE
    ctx = ends.provider(name, sends)
    # The hook after the one that creates a secret says that it is granted.
    state = ctx.run(ctx.on.update_status(), run(ctx, related(sdi())))

    def refuse(*_: Any) -> None:
        raise AssertionError("something is written")

    monkeypatch.setattr(ops.RelationDataContent, "update", refuse)
    monkeypatch.setattr(ops.RelationDataContent, "__setitem__", refuse)
    monkeypatch.setattr(ops.Secret, "set_content", refuse)
    assert ctx.run(ctx.on.update_status(), state).relations == state.relations


def test_every_relation_is_written(ends: Ends) -> None:
    relations = [related(app=name) for name in ("a", "b")]
    state = run(ends.provider("plain", HERE), *relations)
    assert [relation.local_app_data["host"] for relation in state.relations] == ["here"] * 2


def test_one_that_is_malformed_does_not_stall_the_other(ends: Ends) -> None:
    bad, good = related(sdi(versions="[}"), app="bad"), related(sdi(), app="good")
    state = run(ends.provider("sdi", HERE), bad, good)
    assert "data" in state.get_relation(good.id).local_app_data
    assert "data" not in state.get_relation(bad.id).local_app_data
    assert isinstance(state.unit_status, ops.BlockedStatus)
    assert state.unit_status.message.startswith("relation end: bad data from bad: ")


def test_versions_that_do_not_meet_are_named(ends: Ends) -> None:
    state = run(ends.provider("sdi", HERE), related(sdi(versions="[v3, v4]")))
    message = "relation end: bad data from remote: it speaks v3, v4, this charm v1, v2"
    assert state.unit_status == ops.BlockedStatus(message)


# Reading


def test_what_the_other_side_sends_is_read(ends: Ends) -> None:
    bag = {"host": "there", "port-number": "443", "path": "/a", "ingress-address": "10.0.0.1"}
    for read in ("get", "get_or_none"):
        state = run(ends.requirer("plain", read=read), related(bag))
        assert ends.read == THERE
        assert state.unit_status == ops.ActiveStatus()
        run(ends.requirer("sdi", read=read), related(sdi({"host": "here", "port-number": 80})))
        assert ends.read == HERE


def test_other_units_read_it_too(ends: Ends) -> None:
    bag = {"host": "here", "port-number": "80"}
    assert run(ends.requirer("plain"), related(bag), leader=False).unit_status == (
        ops.ActiveStatus()
    )
    assert ends.read == HERE


def test_a_provider_reads_what_the_requirer_says(ends: Ends) -> None:
    run(ends.provider("plain", read="get"), related({"name": "me"}))
    assert ends.read == Guest("me")


def test_without_a_relation_nothing_is_read(ends: Ends) -> None:
    state = run(ends.requirer("plain"))
    assert ends.read is None
    assert state.unit_status == ops.ActiveStatus()
    run(ends.requirer("plain", read="by_app"))
    assert ends.read == {}
    run(ends.requirer("plain", read="get"))
    message = "relate end to an application that offers plain"
    assert str(ends.read) == message
    assert isinstance(ends.read, charmkit.Blocked)


def test_a_required_relation_that_is_missing_blocks(ends: Ends) -> None:
    state = run(ends.requirer("plain", required=True))
    message = "relate end to an application that offers plain"
    assert state.unit_status == ops.BlockedStatus(message)


@pytest.mark.parametrize(
    ("name", "bag"),
    [
        ("plain", {}),
        ("plain", {"ingress-address": "10.0.0.1"}),
        ("sdi", {}),
        ("sdi", {"_supported_versions": "[v1]"}),
        ("sdi", {"data": "host: there"}),
    ],
)
def test_data_that_is_not_there_yet_is_waited_for(
    ends: Ends, name: str, bag: dict[str, str]
) -> None:
    waiting = ops.WaitingStatus("relation end: waiting for data from remote")
    for required in (True, False):
        ctx = ends.requirer(name, read="get", required=required)
        assert run(ctx, related(bag)).unit_status == waiting
        assert ends.read.status == waiting


@pytest.mark.parametrize("required", [False, True])
def test_one_that_need_not_send_anything_must_have_written_its_versions(
    ends: Ends, required: bool
) -> None:
    ctx = ends.requirer("greetings", required=required)
    waiting = ops.WaitingStatus("relation end: waiting for data from remote")
    assert run(ctx, related()).unit_status == waiting
    assert ends.read.status == waiting
    assert run(ctx, related(sdi(versions="[v1]"))).unit_status.name == "active"
    assert ends.read == Guest()


def test_where_nothing_is_required_an_empty_databag_says_it_all(ends: Ends) -> None:
    state = run(ends.provider("plain", read="get"), related())
    assert ends.read == Guest()
    assert state.unit_status == ops.ActiveStatus()


@pytest.mark.parametrize(
    ("name", "bag", "problem"),
    [
        ("plain", {"host": "there", "port-number": "x"}, "port-number is not JSON"),
        ("plain", {"host": "there", "port-number": '"1"'}, "port-number is not a whole number"),
        ("sdi", sdi({"host": "there"}), "port-number is missing"),
        ("sdi", sdi({"host": 1, "port-number": 1}), "host is not text"),
        ("sdi", sdi([1]), "data is not a mapping"),
        ("sdi", {"_supported_versions": "[v1]", "data": "[}"}, "data is not YAML, line 1"),
        (
            "sdi",
            sdi({}, versions="v1"),
            "_supported_versions is not a list of versions",
        ),
        ("sdi", sdi({}, versions="[v9]"), "it speaks v9, this charm v1, v2"),
    ],
)
def test_malformed_data_is_named(ends: Ends, name: str, bag: dict[str, str], problem: str) -> None:
    state = run(ends.requirer(name, read="get"), related(bag))
    blocked = ops.BlockedStatus(f"relation end: bad data from remote: {problem}")
    assert ends.read.status == blocked
    assert state.unit_status == blocked


def test_a_key_that_has_not_come_yet_is_waited_for(ends: Ends) -> None:
    """Each key of a plain databag may be written in a hook of its own."""
    state = run(ends.requirer("plain", read="get"), related({"host": "there"}))
    waiting = ops.WaitingStatus("relation end: waiting for port-number from remote")
    assert ends.read.status == waiting
    assert state.unit_status == waiting


def test_more_than_one_application_blocks_where_one_is_taken(ends: Ends) -> None:
    bag = {"host": "there", "port-number": "443"}
    for read in ("get", "get_or_none"):
        run(ends.requirer("plain", read=read), related(bag, app="b"), related(bag, app="a"))
        message = "relation end takes one application, remove some of: a, b"
        assert ends.read.status == ops.BlockedStatus(message)


def test_all_applications_are_read_as_far_as_they_are_ready(ends: Ends) -> None:
    good = {"host": "there", "port-number": "443", "path": "/a"}
    state = run(
        ends.requirer("plain", read="by_app"),
        related(app="empty"),
        related({"host": "there"}, app="bad"),
        related(good, app="good"),
    )
    assert ends.read == {"good": THERE}
    assert state.unit_status == ops.WaitingStatus("relation end: waiting for data from empty")


def test_reading_a_side_that_sends_nothing_is_a_bug(ends: Ends) -> None:
    with pytest.raises(testing.errors.UncaughtCharmError) as caught:
        run(ends.provider("accounts", Account("u", "p"), read="get"), related(sdi()))
    assert isinstance(caught.value.__cause__, TypeError)


def test_what_this_side_has_published_can_be_read(ends: Ends) -> None:
    ctx = ends.provider("sdi")
    relations = [related(sdi(), ours=sdi({"host": "left"})), related(app="other")]
    state = testing.State(leader=True, relations=relations)
    with ctx(ctx.on.upgrade_charm(), state) as manager:
        assert manager.charm.made[0].published() == [{"host": "left"}]


@pytest.mark.parametrize("event", ["created", "joined", "changed", "departed", "broken"])
def test_whatever_happens_on_the_endpoint_runs_the_charm(ends: Ends, event: str) -> None:
    ctx = ends.requirer("plain", read="by_app")
    relation = related({"host": "there", "port-number": "443", "path": "/a"})
    on = getattr(ctx.on, f"relation_{event}")(relation)
    ctx.run(on, testing.State(relations=[relation]))
    assert ends.read == ({} if event == "broken" else {"remote": THERE})


@pytest.mark.parametrize("leader", [True, False])
def test_a_relation_that_is_being_broken_counts_no_more(ends: Ends, leader: bool) -> None:
    ctx = ends.requirer("plain", Guest("me"), read="get", required=True)
    relation = related({"host": "there", "port-number": "443"})
    state = testing.State(leader=leader, relations=[relation])
    after = ctx.run(ctx.on.relation_broken(relation), state)
    blocked = ops.BlockedStatus("relate end to an application that offers plain")
    assert after.unit_status == blocked
    assert written(after) == {}


# Secrets


SENT = Account("user", "hunter2")


def test_before_the_version_of_the_secret_everything_is_in_clear(ends: Ends) -> None:
    state = run(ends.provider("accounts", SENT), related(sdi(versions="[v1]")))
    assert yaml.safe_load(written(state)["data"]) == {"user": "user", "pass-word": "hunter2"}
    assert state.secrets == frozenset()


def handed_over(ends: Ends) -> testing.State:
    """The state after a secret has been handed over."""
    return run(ends.provider("accounts", SENT), related(sdi()))


def test_a_secret_is_handed_over(ends: Ends) -> None:
    state = handed_over(ends)
    (secret,), (relation,) = state.secrets, state.relations
    assert secret.latest_content == {"pass-word": "hunter2"}
    assert (secret.owner, secret.remote_grants) == ("app", {relation.id: {"remote"}})
    assert yaml.safe_load(written(state)["data"]) == {"user": "user", "secret": secret.id}
    assert "hunter2" not in str(written(state))


def test_each_relation_has_its_secret(ends: Ends) -> None:
    ctx = ends.provider("accounts", SENT)
    one, two = related(sdi(), app="one"), related(sdi(), app="two")
    state = run(ctx, one, two)
    grants = [secret.remote_grants for secret in state.secrets]
    assert sorted(grants, key=str) == sorted([{one.id: {"one"}}, {two.id: {"two"}}], key=str)


def test_a_change_is_a_new_revision_of_the_same_secret(ends: Ends) -> None:
    before = handed_over(ends)
    (old,) = before.secrets
    ctx = ends.provider("accounts", Account("user", "hunter3"))
    after = ctx.run(ctx.on.update_status(), before)
    (secret,) = after.secrets
    assert (secret.id, secret.latest_content) == (old.id, {"pass-word": "hunter3"})
    assert after.relations == before.relations


def granted(state: testing.State) -> bool:
    (secret,), (relation,) = state.secrets, state.relations
    return secret.remote_grants == {relation.id: {"remote"}}


def without_grant(state: testing.State) -> testing.State:
    """A state in which Juju has dropped the grant of the only secret."""
    (secret,) = state.secrets
    return dataclasses.replace(state, secrets=[dataclasses.replace(secret, remote_grants={})])


@pytest.mark.parametrize("juju", ["3.6.14", "4.0.0", "4.0.13"])
def test_a_grant_is_repeated_in_every_hook(ends: Ends, juju: str) -> None:
    ends.juju = juju
    ctx = ends.provider("accounts", SENT)
    state = handed_over(ends)
    for _ in range(3):
        state = ctx.run(ctx.on.update_status(), without_grant(state))
        assert granted(state)


@pytest.mark.parametrize("juju", ["4.0.0", "4.0.13"])
def test_a_grant_that_juju_has_dropped_wakes_the_other_side_once(ends: Ends, juju: str) -> None:
    """Juju 4.0 drops one that is made in the hook that creates the secret."""
    ends.juju = juju
    ctx = ends.provider("accounts", SENT)
    first = handed_over(ends)
    assert "secret-granted" not in written(first)
    second = ctx.run(ctx.on.update_status(), without_grant(first))
    assert written(second) == {**written(first), "secret-granted": "true"}
    third = ctx.run(ctx.on.update_status(), without_grant(second))
    assert written(third) == written(second)


def test_where_juju_keeps_grants_the_databag_stays_as_it_is(ends: Ends) -> None:
    ctx = ends.provider("accounts", SENT)
    first = handed_over(ends)
    assert ctx.run(ctx.on.update_status(), first).relations == first.relations


def test_a_value_moves_from_clear_to_a_secret_and_back(ends: Ends) -> None:
    """The other side is refreshed to a charm that speaks the newer version, and back."""
    ctx = ends.provider("accounts", SENT)
    state, ids = run(ctx, related(sdi(versions="[v1]"))), set[str]()
    for versions in ("[v1, v2]", "[v1]", "[v1, v2]"):
        (relation,) = state.relations
        theirs = dataclasses.replace(relation, remote_app_data=sdi(versions=versions))
        before = dataclasses.replace(state, relations=[theirs])
        state = ctx.run(ctx.on.update_status(), before)
        data = yaml.safe_load(written(state)["data"])
        in_clear = versions == "[v1]"
        assert ("pass-word" in data, "secret" in data) == (in_clear, not in_clear)
        ids |= {data["secret"]} if "secret" in data else set()
    assert len(ids) == len(state.secrets) == 1


@dataclasses.dataclass(frozen=True)
class Client:
    """As of `oidc-client`, whose older version has the value itself where the id is later."""

    secret: str = wire.field(secret=True)


def test_a_value_under_the_key_of_the_id_is_no_id(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = charmkit.Interface[Client, None](
        "accounts", codec=wire.Sdi(("v1", "v2"), secret_version="v2"), provider=Client
    )
    monkeypatch.setitem(INTERFACES, "accounts", clients)
    ours = sdi({"secret": "hunter2"})
    state = run(ends.provider("accounts", Client("hunter2")), related(sdi(), ours))
    (secret,) = state.secrets
    assert secret.latest_content == {"secret": "hunter2"}
    assert yaml.safe_load(written(state)["data"]) == {"secret": secret.id}

    state = run(ends.requirer("accounts"), related(ours))
    waiting = ops.WaitingStatus("relation end: waiting for a secret from remote")
    assert state.unit_status == waiting


@pytest.mark.parametrize("leader", [True, False])
def test_the_secret_goes_with_its_relation(ends: Ends, leader: bool) -> None:
    ctx = ends.provider("accounts", SENT)
    kept, broken = related(sdi(), app="kept"), related(sdi(), app="broken")
    before = dataclasses.replace(run(ctx, kept, broken), leader=leader)
    after = ctx.run(ctx.on.relation_broken(before.get_relation(broken.id)), before)
    left = {relation for secret in after.secrets for relation in secret.remote_grants}
    assert left == ({kept.id} if leader else {kept.id, broken.id})


def test_a_leader_that_is_being_removed_leaves_the_secret(ends: Ends) -> None:
    ctx = ends.provider("accounts", SENT)
    before = dataclasses.replace(handed_over(ends), planned_units=0)
    (relation,) = before.relations
    assert len(ctx.run(ctx.on.relation_broken(relation), before).secrets) == 1


def test_a_relation_that_never_had_a_secret_may_be_broken(ends: Ends) -> None:
    ctx = ends.provider("accounts", SENT)
    relation = related()
    state = testing.State(leader=True, relations=[relation])
    after = ctx.run(ctx.on.relation_broken(relation), state)
    assert after.secrets == frozenset()
    assert after.unit_status == ops.ActiveStatus()


def received(secret: testing.Secret | None) -> testing.Relation:
    data = {"user": "user", "secret": secret.id if secret else "secret:cmv5ftabcdefghij0000"}
    return related(sdi(data))


@pytest.mark.parametrize("leader", [True, False])
def test_a_secret_is_received(ends: Ends, leader: bool) -> None:
    secret = testing.Secret({"pass-word": "hunter2"})
    ctx = ends.requirer("accounts", read="get")
    state = run(ctx, received(secret), leader=leader, secrets=[secret])
    assert ends.read == SENT
    assert state.unit_status == ops.ActiveStatus()


def test_the_newest_revision_is_received(ends: Ends) -> None:
    secret = testing.Secret({"pass-word": "old"}, latest_content={"pass-word": "new"})
    ctx = ends.requirer("accounts", read="get")
    relation = received(secret)
    state = testing.State(relations=[relation], secrets=[secret])
    ctx.run(ctx.on.secret_changed(secret), state)
    assert ends.read == Account("user", "new")


def test_a_secret_that_is_not_granted_yet_is_waited_for(ends: Ends) -> None:
    state = run(ends.requirer("accounts", read="get"), received(None))
    waiting = ops.WaitingStatus("relation end: waiting for remote to grant its secret")
    assert state.unit_status == waiting
    assert ends.read.status == waiting


def test_a_secret_without_the_value_is_malformed(ends: Ends) -> None:
    secret = testing.Secret({"other": "hunter2"})
    state = run(ends.requirer("accounts", read="get"), received(secret), secrets=[secret])
    message = "relation end: bad data from remote: pass-word is missing"
    assert state.unit_status == ops.BlockedStatus(message)


def test_a_secret_is_read_once_in_a_hook(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = testing.Secret({"pass-word": "hunter2"})
    contents: list[dict[str, str]] = []
    read = ops.Secret.get_content

    def noted(self: ops.Secret, *, refresh: bool = False) -> dict[str, str]:
        contents.append(read(self, refresh=refresh))
        return contents[-1]

    monkeypatch.setattr(ops.Secret, "get_content", noted)
    run(ends.requirer("accounts", read="get"), received(secret), secrets=[secret])
    assert contents == [{"pass-word": "hunter2"}]


# Unit databags


@dataclasses.dataclass(frozen=True)
class Place:
    address: str
    slot: int = wire.field("slot-number")


class Places(relations.Provider[None, None]):
    interface = charmkit.Interface("places", provider_unit=Place, requirer_unit=Place)


class Visits(relations.Requirer[None, None]):
    interface = Places.interface


def place(ends: Ends, end: Any, sends: Any = None) -> testing.Context[Any]:
    """The context of one end, which reads what the units of the other side send."""

    def send() -> Any:
        if isinstance(sends, Exception):
            raise sends
        return sends

    def components(charm: ops.CharmBase) -> list[charmkit.Component]:
        made = end(charm, "end", unit_data=send)
        return [made, _Reader(charm, made.units, ends)]

    role = "provides" if end is Places else "requires"
    return ends.context(components, meta={role: {"end": {"interface": "places"}}})


def of_units(
    theirs: dict[int, dict[str, str]] | None = None, ours: dict[str, str] | None = None
) -> testing.Relation:
    return testing.Relation(
        "end", "places", remote_app_name="remote", remote_units_data=theirs or {0: {}},
        local_unit_data=ours or {},
    )  # fmt: skip


both_ends = pytest.mark.parametrize("end", [Places, Visits])


@both_ends
@pytest.mark.parametrize("leader", [True, False])
def test_every_unit_writes_into_its_own_databag(ends: Ends, end: Any, leader: bool) -> None:
    state = run(place(ends, end, Place("10.0.0.1", 7)), of_units(), leader=leader)
    (relation,) = state.relations
    sent = {"address": "10.0.0.1", "slot-number": "7"}
    assert relation.local_unit_data.items() >= sent.items()
    assert relation.local_app_data == {}


@both_ends
def test_a_unit_that_has_nothing_to_send_takes_back_what_it_sent(ends: Ends, end: Any) -> None:
    before = {"address": "10.0.0.1", "slot-number": "7", "other": "stays"}
    state = run(place(ends, end), of_units(ours=before))
    (relation,) = state.relations
    assert relation.local_unit_data == {"other": "stays"}


def test_what_a_unit_can_not_send_yet_leaves_what_it_sent(ends: Ends) -> None:
    before = {"address": "10.0.0.1", "slot-number": "7"}
    state = run(place(ends, Places, charmkit.Waiting("waiting")), of_units(ours=before))
    (relation,) = state.relations
    assert relation.local_unit_data == before
    assert state.unit_status == ops.WaitingStatus("waiting")


def test_without_a_relation_no_unit_asks_what_to_send(ends: Ends) -> None:
    state = run(place(ends, Places, RuntimeError("bug")))
    assert state.unit_status == ops.ActiveStatus()


@both_ends
def test_units_are_read_as_far_as_they_have_written_everything(ends: Ends, end: Any) -> None:
    theirs = {
        0: {"address": "10.0.0.9", "slot-number": "1"},
        1: {"address": "10.0.0.8"},
        2: {},
    }
    state = run(place(ends, end), of_units(theirs))
    assert [(unit.name, data) for unit, data in ends.read] == [("remote/0", Place("10.0.0.9", 1))]
    assert state.unit_status == ops.ActiveStatus()


def test_a_unit_that_sends_malformed_data_is_named_and_stalls_no_other(ends: Ends) -> None:
    theirs = {
        0: {"address": "10.0.0.9", "slot-number": "one"},
        1: {"address": "10.0.0.8", "slot-number": "2"},
    }
    state = run(place(ends, Places), of_units(theirs))
    assert [(unit.name, data) for unit, data in ends.read] == [("remote/1", Place("10.0.0.8", 2))]
    message = "relation end: bad data from remote/0: slot-number is not JSON"
    assert state.unit_status == ops.BlockedStatus(message)


# Endpoints that the charm was packed without


@pytest.fixture
def unpacked(ends: Ends) -> Callable[..., testing.Context[Any]]:
    """Make the context of a charm whose charmcraft.yaml lacks the endpoint of its code."""

    def make(role: str, read: str = "", *, required: bool = False) -> testing.Context[Any]:
        class Provides(relations.Provider[Any, Any]):
            interface = INTERFACES["accounts"]

        class Requires(relations.Requirer[Any, Any]):
            interface = INTERFACES["accounts"]

        end = Provides if role == "provides" else Requires

        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            made = end(charm, "end", data=lambda: SENT, required=required)
            return [made, *([_Reader(charm, getattr(made, read), ends)] if read else [])]

        return ends.context(components)

    return make


@pytest.mark.parametrize("role", ["provides", "requires"])
def test_an_endpoint_that_was_not_packed_is_as_good_as_unrelated(unpacked: Any, role: str) -> None:
    state = run(unpacked(role))
    assert state.unit_status == ops.ActiveStatus()
    assert state.secrets == frozenset()


def test_from_an_endpoint_that_was_not_packed_nothing_is_read(unpacked: Any, ends: Ends) -> None:
    for read, empty in (("get_or_none", None), ("by_app", {}), ("units", []), ("published", [])):
        run(unpacked("requires", read))
        assert ends.read == empty
    run(unpacked("requires", "get"))
    assert isinstance(ends.read, charmkit.Blocked)


def test_a_required_endpoint_that_was_not_packed_blocks(unpacked: Any) -> None:
    message = "relate end to an application that offers accounts"
    assert run(unpacked("requires", required=True)).unit_status == ops.BlockedStatus(message)
