# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Juju secrets."""

import jujusim
import pytest
from jujusim.secrets import Draft

SEEDS = range(10)


@pytest.fixture
def shared(model, charm):
    """A keeper whose password a reader reads."""
    model.deploy(charm("keeper"), units=2)
    model.deploy(charm("reader"))
    model.integrate("keeper", "reader")
    model.settle()
    return model


def secret_of(model):
    (secret,) = model.secrets.secrets.values()
    return secret


def shown(model):
    return model.status().apps["reader"].status.message


@pytest.mark.parametrize("seed", SEEDS)
def test_a_secret_is_made_once_granted_and_read(make_model, charm, seed):
    model = make_model(seed=seed)
    model.deploy(charm("keeper"), units=2)
    model.deploy(charm("reader"))
    model.integrate("keeper", "reader")
    model.settle()
    secret = secret_of(model)
    relation = model.relation("keeper", "reader")
    assert (secret.owner, secret.label, list(secret.revisions)) == ("keeper", "password", [1])
    assert secret.grants == {relation.id: {"reader"}}
    assert secret.consumers["reader/0"].label == "theirs"
    assert relation.apps["keeper"].content["secret"] == f"secret:{secret.id}"
    assert shown(model) == "d"


def test_a_new_revision_is_announced_to_those_who_read(shared):
    since = len(shared.trace)
    shared.run_action("keeper/leader", "renew")
    shared.settle()
    secret = secret_of(shared)
    assert shared.trace.events("reader/0", since=since) == [f"secret-changed ({secret.id})"]
    assert shown(shared) == "2"
    assert secret.consumers["reader/0"].revision == 2


def test_the_owner_is_asked_to_remove_what_nobody_tracks(shared):
    since = len(shared.trace)
    leader = shared.unit("keeper/leader").name
    shared.run_action("keeper/leader", "renew")
    shared.settle()
    secret = secret_of(shared)
    assert f"secret-remove ({secret.id})" in shared.trace.events(leader, since=since)
    assert list(secret.revisions) == [2]


def test_peers_that_have_read_an_application_secret_are_told(shared):
    secret = secret_of(shared)
    leader = shared.unit("keeper/leader").name
    (peer,) = {"keeper/0", "keeper/1"} - {leader}
    Draft(shared.secrets, shared.units[peer]).content(None, "password")
    since = len(shared.trace)
    shared.run_action(leader, "renew")
    shared.settle()
    assert shared.trace.events(peer, since=since) == [f"secret-changed ({secret.id})"]
    assert f"secret-changed ({secret.id})" not in shared.trace.events(leader)


def test_a_reader_that_does_not_refresh_keeps_its_revision(shared):
    shared.configure("reader", {"refresh": False})
    shared.settle()
    shared.run_action("keeper/leader", "renew")
    shared.settle()
    assert shown(shared) == "d"
    assert list(secret_of(shared).revisions) == [1, 2]
    shared.configure("reader", {"refresh": True})
    shared.settle()
    assert shown(shared) == "2"
    assert list(secret_of(shared).revisions) == [2]


def test_the_same_content_is_no_new_revision(shared):
    secret = secret_of(shared)
    Draft(shared.secrets, shared.unit("keeper/leader")).set(secret, {"password": "first-password"})
    assert list(secret.revisions) == [1]


def test_who_was_not_granted_may_not_read(shared, charm):
    shared.deploy(charm("reader"), "stranger")
    shared.settle()
    with pytest.raises(Exception, match="permission denied"):
        shared.secrets.find(shared.units["stranger/0"], secret_of(shared).id, None)


def test_a_grant_ends_with_its_relation(shared):
    shared.remove_relation("keeper", "reader")
    shared.settle()
    secret = secret_of(shared)
    assert secret.grants == {}
    assert not secret.readable_by(shared.units["reader/0"])


def test_secrets_go_with_their_owner(shared):
    shared.remove_application("keeper")
    shared.settle()
    assert shared.secrets.secrets == {}


def test_what_a_reader_tracked_goes_with_it(shared):
    shared.remove_application("reader")
    shared.settle()
    assert "reader/0" not in secret_of(shared).consumers


def test_rotation_comes_when_it_is_due(shared):
    since = len(shared.trace)
    shared.advance(hours=23)
    shared.settle()
    assert shared.trace.events(since=since) == []
    shared.advance(hours=1)
    shared.settle()
    secret = secret_of(shared)
    leader = shared.unit("keeper/leader").name
    assert shared.trace.events(leader, since=since)[0] == f"secret-rotate ({secret.id})"
    assert shown(shared) == "2"
    shared.advance(hours=24)
    shared.settle()
    assert shown(shared) == "3"


def test_expiry_comes_when_it_is_due(shared):
    since = len(shared.trace)
    shared.advance(days=31)
    shared.settle()
    secret = secret_of(shared)
    leader = shared.unit("keeper/leader").name
    assert f"secret-expired ({secret.id})" in shared.trace.events(leader, since=since)


def test_a_label_is_taken_once(shared):
    unit = shared.unit("keeper/leader")
    with pytest.raises(Exception, match="already exists"):
        Draft(shared.secrets, unit).add({"a": "b"}, owner="keeper", label="password")


def test_removed_altogether(shared):
    shared.run_action("keeper/leader", "forget")
    assert shared.secrets.secrets == {}


def test_an_id_in_any_form_and_a_label_find_it(shared):
    secret = secret_of(shared)
    reader = shared.units["reader/0"]
    for name in (secret.id, f"secret:{secret.id}", f"secret://{shared.uuid}/{secret.id}"):
        assert shared.secrets.find(reader, name, None) is secret
    assert shared.secrets.find(reader, None, "theirs") is secret
    with pytest.raises(Exception, match="not found"):
        shared.secrets.find(reader, None, "nobodys")


def test_a_label_given_with_an_id_is_its_owners_or_the_readers(shared):
    secret = secret_of(shared)
    leader = shared.unit("keeper/leader")
    (peer,) = [u for u in shared.app("keeper").units.values() if u is not leader]
    Draft(shared.secrets, peer).content(secret.id, "ours")
    assert secret.label == "password"
    Draft(shared.secrets, shared.units["reader/0"]).content(secret.id, "mine")
    assert secret.consumers["reader/0"].label == "mine"
    Draft(shared.secrets, leader).content(secret.id, "renamed")
    assert secret.label == "renamed"


def test_a_unit_may_own_a_secret(model, write_charm):
    path = write_charm(
        "private",
        {
            "charmcraft.yaml": "name: private",
            "src/charm.py": """
                import ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        framework.observe(self.on.install, self._install)
                        framework.observe(self.on.start, self._start)
                    def _install(self, _):
                        secret = self.unit.add_secret({"key": self.unit.name}, label="mine")
                        assert self.model.get_secret(id=secret.id).get_content()["key"]
                    def _start(self, _):
                        content = self.model.get_secret(label="mine").get_content()
                        self.unit.status = ops.ActiveStatus(content["key"])
            """,
        },
    )
    model.deploy(jujusim.CharmDir.load(path), units=2)
    model.settle()
    assert [unit.status.message for unit in model.units.values()] == ["private/0", "private/1"]
    model.remove_unit("private")
    model.settle()
    assert [secret.owner for secret in model.secrets.secrets.values()] == ["private/0"]


def test_a_secret_of_the_user(model, write_charm):
    path = write_charm(
        "asking",
        {
            "charmcraft.yaml": "name: asking\nconfig: {options: {key: {type: secret}}}",
            "src/charm.py": """
                import ops
                class C(ops.CharmBase):
                    def __init__(self, framework):
                        super().__init__(framework)
                        for event in (self.on.config_changed, self.on.secret_changed):
                            framework.observe(event, self._on)
                    def _on(self, _):
                        if not self.config.get("key"):
                            self.unit.status = ops.BlockedStatus("no key")
                            return
                        secret = self.model.get_secret(id=self.config["key"])
                        self.unit.status = ops.ActiveStatus(secret.get_content(refresh=True)["k"])
            """,
        },
    )
    model.deploy(jujusim.CharmDir.load(path))
    uri = model.add_secret("tls", {"k": "one"})
    model.grant_secret("tls", "asking")
    model.configure("asking", {"key": uri})
    model.settle()
    assert model.status().apps["asking"].status.message == "one"
    since = len(model.trace)
    model.update_secret("tls", {"k": "two"})
    model.settle()
    assert model.status().apps["asking"].status.message == "two"
    assert model.trace.events(since=since) == [f"secret-changed ({uri.removeprefix('secret:')})"]
    model.revoke_secret("tls", "asking")
    model.update_secret("tls", {"k": "three"})
    since = len(model.trace)
    model.settle()
    assert model.trace.events(since=since) == []
    with pytest.raises(jujusim.JujuError, match='secret "other" not found'):
        model.update_secret("other", {})
    with pytest.raises(jujusim.JujuError, match="already exists"):
        model.add_secret("tls", {})


@pytest.fixture
def late(make_model, charm):
    """Make a keeper that creates its secret in the hook in which it first can grant it."""

    def make(version: str, seed: int = 0) -> jujusim.Model:
        model = make_model(seed=seed, juju_version=version)
        model.deploy(charm("keeper"))
        model.deploy(charm("reader"))
        model.integrate("keeper", "reader")
        return model

    return make


def created_and_granted_at_once(model: jujusim.Model) -> bool:
    first = next(record for record in model.trace if record.secrets)
    return len(first.secrets) > 1


def seed_with_both(late, version: str) -> jujusim.Model:
    """A run in which the secret is made and granted in one hook, one step after it."""
    for seed in SEEDS:
        model = late(version, seed)
        while not secrets_made(model):
            model.step()
        if created_and_granted_at_once(model):
            return model
    raise AssertionError("no seed makes and grants the secret in one hook")


def secrets_made(model: jujusim.Model) -> bool:
    return bool(model.secrets.secrets)


@pytest.mark.parametrize(
    ("version", "kept"), [("3.6.9", True), ("4.0.13", False), ("4.0.14", True)]
)
def test_a_grant_in_the_hook_that_makes_the_secret(late, version, kept):
    model = seed_with_both(late, version)
    relation = model.relation("keeper", "reader")
    assert secret_of(model).grants == ({relation.id: {"reader"}} if kept else {})


def test_a_lost_grant_is_made_up_for_by_a_later_hook_and_nobody_is_told(late):
    model = seed_with_both(late, "4.0.13")
    relation = model.relation("keeper", "reader")
    while not secret_of(model).grants:
        assert model.step(), "no hook of the keeper grants again"
    since = len(model.trace)
    model.settle()
    reader = model.trace.events("reader/0", since=since)
    assert secret_of(model).grants == {relation.id: {"reader"}}
    assert not [event for event in reader if event.startswith("secret-")]
