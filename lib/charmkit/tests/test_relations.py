"""The two ends of a relation: what is written, what is read, and secrets handed over."""

from __future__ import annotations

import dataclasses
from typing import Any

import charmkit
import ops
import pytest
import yaml
from charmkit import interface, wire
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


PLAIN = interface.Interface[Address, Guest]("plain", provider=Address, requirer=Guest)
SDI = interface.Interface[Address, Guest](
    "sdi", provider=Address, requirer=Guest, versions=("v1", "v2")
)
GREETINGS = interface.Interface[Guest, Guest](
    "greetings", provider=Guest, requirer=Guest, versions=("v1",)
)
ACCOUNTS = interface.Interface[Account, None](
    "accounts",
    provider=Account,
    requirer=None,
    versions=("v1", "v2"),
    secret_version="v2",
)
INTERFACES: dict[str, interface.Interface[Any, Any]] = {
    "plain": PLAIN,
    "sdi": SDI,
    "greetings": GREETINGS,
    "accounts": ACCOUNTS,
}
HERE = Address("here", 80)
THERE = Address("there", 443, "/a")


class Ends:
    """Contexts of charms with one end of an interface, and what the end read in the last hook."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.read: Any = None

    def provider(self, name: str, says: Any = None, read: str = "") -> testing.Context[Any]:
        return self._made("provides", name, says, read, charmkit.Provider, {})

    def requirer(
        self, name: str, says: Any = None, read: str = "optional", *, required: bool = False
    ) -> testing.Context[Any]:
        more = {"required": required}
        return self._made("requires", name, says, read, charmkit.Requirer, more)

    def _made(
        self, role: str, name: str, says: Any, read: str, end: Any, more: dict[str, Any]
    ) -> testing.Context[Any]:
        def send() -> Any:
            if isinstance(says, Exception):
                raise says
            return says

        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            made = end(charm, "end", INTERFACES[name], send if says else None, **more)
            reader = [_Reader(charm, getattr(made, read), self)] if read else []
            return [made, *reader]

        return self._context(components, meta={role: {"end": {"interface": name}}})


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


def test_what_is_no_longer_said_is_removed(ends: Ends) -> None:
    ours = {"host": "old", "port-number": "1", "path": "/old", "other": "not ours"}
    state = run(ends.provider("plain", HERE), related(ours=ours))
    assert written(state) == {"host": "here", "port-number": "80", "other": "not ours"}
    assert written(run(ends.provider("plain"), related(ours=ours))) == {"other": "not ours"}


def test_what_can_not_be_said_yet_leaves_what_was_said(ends: Ends) -> None:
    waiting = charmkit.Waiting("waiting for something")
    for name, bag in (("plain", {"host": "old"}), ("sdi", sdi({"host": "old"}))):
        # The versions are written as this side does.
        bag = bag if name == "plain" else {**bag, "_supported_versions": "- v1\n- v2\n"}
        state = run(ends.provider(name, waiting), related(sdi(), ours=bag))
        assert written(state) == bag
        assert state.unit_status == ops.WaitingStatus("waiting for something")


def test_versions_are_told_before_anything_can_be_said(ends: Ends) -> None:
    state = run(ends.provider("sdi", charmkit.Waiting("waiting")), related())
    assert yaml.safe_load(written(state)["_supported_versions"]) == ["v1", "v2"]


def test_a_payload_is_written_once_the_other_side_speaks(ends: Ends) -> None:
    ctx = ends.provider("sdi", THERE)
    assert set(written(run(ctx, related()))) == {"_supported_versions"}
    bag = written(run(ctx, related(sdi())))
    assert set(bag) == {"_supported_versions", "data"}
    assert yaml.safe_load(bag["data"]) == {"host": "there", "port-number": 443, "path": "/a"}


def test_an_end_that_says_nothing_tells_its_versions(ends: Ends) -> None:
    state = run(ends.requirer("sdi"), related(sdi()))
    assert set(written(state)) == {"_supported_versions"}


@pytest.mark.parametrize("name", INTERFACES)
def test_a_second_hook_writes_nothing(
    ends: Ends, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = Account("u", "p") if name == "accounts" else THERE
    ctx = ends.provider(name, says)
    state = run(ctx, related(sdi()))

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


def test_what_the_other_side_says(ends: Ends) -> None:
    bag = {"host": "there", "port-number": "443", "path": "/a", "ingress-address": "10.0.0.1"}
    for read in ("one", "optional"):
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
    run(ends.provider("plain", read="one"), related({"name": "me"}))
    assert ends.read == Guest("me")


def test_no_relation(ends: Ends) -> None:
    state = run(ends.requirer("plain"))
    assert ends.read is None
    assert state.unit_status == ops.ActiveStatus()
    run(ends.requirer("plain", read="all"))
    assert ends.read == {}
    run(ends.requirer("plain", read="one"))
    message = "relate end to an application that offers plain"
    assert str(ends.read) == message
    assert isinstance(ends.read, charmkit.Blocked)


def test_no_relation_where_one_is_required(ends: Ends) -> None:
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
def test_data_that_is_not_there_yet(ends: Ends, name: str, bag: dict[str, str]) -> None:
    waiting = ops.WaitingStatus("relation end: waiting for data from remote")
    for required in (True, False):
        ctx = ends.requirer(name, read="one", required=required)
        assert run(ctx, related(bag)).unit_status == waiting
        assert ends.read.status == waiting


@pytest.mark.parametrize(("required", "status"), [(False, "active"), (True, "waiting")])
def test_one_that_has_nothing_to_say_must_have_spoken_if_it_is_required(
    ends: Ends, required: bool, status: str
) -> None:
    ctx = ends.requirer("greetings", required=required)
    assert run(ctx, related()).unit_status.name == status
    assert run(ctx, related(sdi(versions="[v1]"))).unit_status.name == "active"
    assert ends.read == Guest()


def test_where_nothing_is_required_an_empty_databag_says_it_all(ends: Ends) -> None:
    state = run(ends.provider("plain", read="one"), related())
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
    state = run(ends.requirer(name, read="one"), related(bag))
    blocked = ops.BlockedStatus(f"relation end: bad data from remote: {problem}")
    assert ends.read.status == blocked
    assert state.unit_status == blocked


def test_a_key_that_has_not_come_yet_is_waited_for(ends: Ends) -> None:
    """Each key of a plain databag may be written in a hook of its own."""
    state = run(ends.requirer("plain", read="one"), related({"host": "there"}))
    waiting = ops.WaitingStatus("relation end: waiting for port-number from remote")
    assert ends.read.status == waiting
    assert state.unit_status == waiting


def test_more_than_one_where_one_is_taken(ends: Ends) -> None:
    bag = {"host": "there", "port-number": "443"}
    for read in ("one", "optional"):
        run(ends.requirer("plain", read=read), related(bag, app="b"), related(bag, app="a"))
        message = "relation end takes one application, remove some of: a, b"
        assert ends.read.status == ops.BlockedStatus(message)


def test_all_of_them_as_far_as_they_are_ready(ends: Ends) -> None:
    good = {"host": "there", "port-number": "443", "path": "/a"}
    state = run(
        ends.requirer("plain", read="all"),
        related(app="empty"),
        related({"host": "there"}, app="bad"),
        related(good, app="good"),
    )
    assert ends.read == {"good": THERE}
    assert state.unit_status == ops.WaitingStatus("relation end: waiting for data from empty")


def test_reading_what_says_nothing_is_a_bug(ends: Ends) -> None:
    with pytest.raises(testing.errors.UncaughtCharmError) as caught:
        run(ends.provider("accounts", Account("u", "p"), read="one"), related(sdi()))
    assert isinstance(caught.value.__cause__, TypeError)


def test_what_this_side_has_said(ends: Ends) -> None:
    ctx = ends.provider("sdi")
    relations = [related(sdi(), ours=sdi({"host": "left"})), related(app="other")]
    state = testing.State(leader=True, relations=relations)
    with ctx(ctx.on.upgrade_charm(), state) as manager:
        assert manager.charm.made[0].said() == [{"host": "left"}]


@pytest.mark.parametrize("event", ["created", "joined", "changed", "departed", "broken"])
def test_whatever_happens_on_the_endpoint_runs_the_charm(ends: Ends, event: str) -> None:
    ctx = ends.requirer("plain", read="all")
    relation = related({"host": "there", "port-number": "443", "path": "/a"})
    on = getattr(ctx.on, f"relation_{event}")(relation)
    ctx.run(on, testing.State(relations=[relation]))
    assert ends.read == ({} if event == "broken" else {"remote": THERE})


@pytest.mark.parametrize("leader", [True, False])
def test_a_relation_that_is_being_broken_counts_no_more(ends: Ends, leader: bool) -> None:
    ctx = ends.requirer("plain", Guest("me"), read="one", required=True)
    relation = related({"host": "there", "port-number": "443"})
    state = testing.State(leader=leader, relations=[relation])
    after = ctx.run(ctx.on.relation_broken(relation), state)
    blocked = ops.BlockedStatus("relate end to an application that offers plain")
    assert after.unit_status == blocked
    assert written(after) == {}


# Secrets


SAID = Account("user", "hunter2")


def test_before_the_version_of_the_secret_everything_is_in_clear(ends: Ends) -> None:
    state = run(ends.provider("accounts", SAID), related(sdi(versions="[v1]")))
    assert yaml.safe_load(written(state)["data"]) == {"user": "user", "pass-word": "hunter2"}
    assert state.secrets == frozenset()


def handed_over(ends: Ends) -> testing.State:
    """The state after a secret has been handed over."""
    return run(ends.provider("accounts", SAID), related(sdi()))


def test_a_secret_is_handed_over(ends: Ends) -> None:
    state = handed_over(ends)
    (secret,), (relation,) = state.secrets, state.relations
    assert secret.latest_content == {"pass-word": "hunter2"}
    assert (secret.owner, secret.remote_grants) == ("app", {relation.id: {"remote"}})
    assert yaml.safe_load(written(state)["data"]) == {"user": "user", "secret": secret.id}
    assert "hunter2" not in str(written(state))


def test_each_relation_has_its_secret(ends: Ends) -> None:
    ctx = ends.provider("accounts", SAID)
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


def test_from_clear_to_a_secret_and_back(ends: Ends) -> None:
    """The other side is refreshed to a charm that speaks the newer version, and back."""
    ctx = ends.provider("accounts", SAID)
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
    clients = interface.Interface[Client, None](
        "accounts", provider=Client, requirer=None, versions=("v1", "v2"), secret_version="v2"
    )
    monkeypatch.setitem(INTERFACES, "accounts", clients)
    ours = sdi({"secret": "hunter2"})
    state = run(ends.provider("accounts", Client("hunter2")), related(sdi(), ours))
    (secret,) = state.secrets
    assert secret.latest_content == {"secret": "hunter2"}
    assert yaml.safe_load(written(state)["data"]) == {"secret": secret.id}

    state = run(ends.requirer("accounts"), related(ours))
    waiting = ops.WaitingStatus("relation end: waiting for remote to hand over a secret")
    assert state.unit_status == waiting


@pytest.mark.parametrize("leader", [True, False])
def test_the_secret_goes_with_its_relation(ends: Ends, leader: bool) -> None:
    ctx = ends.provider("accounts", SAID)
    kept, broken = related(sdi(), app="kept"), related(sdi(), app="broken")
    before = dataclasses.replace(run(ctx, kept, broken), leader=leader)
    after = ctx.run(ctx.on.relation_broken(before.get_relation(broken.id)), before)
    left = {relation for secret in after.secrets for relation in secret.remote_grants}
    assert left == ({kept.id} if leader else {kept.id, broken.id})


def test_a_leader_that_is_being_removed_leaves_the_secret(ends: Ends) -> None:
    ctx = ends.provider("accounts", SAID)
    before = dataclasses.replace(handed_over(ends), planned_units=0)
    (relation,) = before.relations
    assert len(ctx.run(ctx.on.relation_broken(relation), before).secrets) == 1


def test_a_relation_that_never_had_a_secret_may_be_broken(ends: Ends) -> None:
    ctx = ends.provider("accounts", SAID)
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
    ctx = ends.requirer("accounts", read="one")
    state = run(ctx, received(secret), leader=leader, secrets=[secret])
    assert ends.read == SAID
    assert state.unit_status == ops.ActiveStatus()


def test_the_newest_revision_is_received(ends: Ends) -> None:
    secret = testing.Secret({"pass-word": "old"}, latest_content={"pass-word": "new"})
    ctx = ends.requirer("accounts", read="one")
    relation = received(secret)
    state = testing.State(relations=[relation], secrets=[secret])
    ctx.run(ctx.on.secret_changed(secret), state)
    assert ends.read == Account("user", "new")


def test_a_secret_that_is_not_granted_yet(ends: Ends) -> None:
    state = run(ends.requirer("accounts", read="one"), received(None))
    waiting = ops.WaitingStatus("relation end: waiting for remote to grant its secret")
    assert state.unit_status == waiting
    assert ends.read.status == waiting


def test_a_secret_without_the_value_is_malformed(ends: Ends) -> None:
    secret = testing.Secret({"other": "hunter2"})
    state = run(ends.requirer("accounts", read="one"), received(secret), secrets=[secret])
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
    run(ends.requirer("accounts", read="one"), received(secret), secrets=[secret])
    assert contents == [{"pass-word": "hunter2"}]
