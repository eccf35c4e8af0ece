"""A webhook's certificate: verified by its authority, renewed in time, the same on every unit."""

from __future__ import annotations

import datetime
import ssl
from typing import Any

import charmkit
import ops
import pytest
from charmkit import certificates
from cryptography import x509
from cryptography.x509 import verification
from ops import testing

META = {"peers": {"peers": {"interface": "charmkit_peers"}}}
TODAY = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = TODAY

    def pass_days(self, days: int) -> None:
        self.now += datetime.timedelta(days=days)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(certificates, "_now", lambda: clock.now)
    return clock


class App:
    """The units of an application whose webhook is behind a Service, over time."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.service = "hook"
        self.state = testing.State(
            leader=True,
            model=testing.Model("ml"),
            relations=[testing.PeerRelation("peers")],
        )

    def _ctx(self) -> testing.Context[Any]:
        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            peers = charmkit.Peers(charm)
            return [certificates.WebhookCertificate(charm, peers, self.service)]

        return self._context(components, meta=META)

    def hook(self) -> dict[str, str]:
        """Run a hook of the leader; what the secret is after it."""
        ctx = self._ctx()
        self.state = ctx.run(ctx.on.update_status(), self.state)
        assert self.state.unit_status == ops.ActiveStatus()
        (secret,) = self.state.secrets
        return dict(secret.latest_content or secret.tracked_content)

    def seen(self, *, leader: bool) -> tuple[certificates.KeyPair, str]:
        """What one unit serves, and what it says is to be trusted."""
        ctx = self._ctx()
        state = testing.State(
            leader=leader,
            model=self.state.model,
            relations=self.state.relations,
            secrets=self.state.secrets,
        )
        with ctx(ctx.on.update_status(), state) as manager:
            made = manager.charm.made[0]
            return made.serving, made.ca_bundle


@pytest.fixture
def app(context: Any, clock: Clock) -> App:
    return App(context)


def parsed(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(text.encode())


def verify(certificate: str, bundle: str, name: str, now: datetime.datetime) -> None:
    """Verify a server's certificate as a strict client does."""
    store = verification.Store(x509.load_pem_x509_certificates(bundle.encode()))
    builder = verification.PolicyBuilder().store(store).time(now)
    builder.build_server_verifier(x509.DNSName(name)).verify(parsed(certificate), [])


@pytest.mark.parametrize("name", ["hook.ml.svc", "hook.ml.svc.cluster.local", "hook.ml"])
def test_the_bundle_verifies_the_certificate(app: App, clock: Clock, name: str) -> None:
    secret = app.hook()
    verify(secret["certificate"], secret["ca-bundle"], name, clock.now)


def test_no_other_name_and_no_other_authority_is_verified(app: App, clock: Clock) -> None:
    secret = app.hook()
    with pytest.raises(verification.VerificationError):
        verify(secret["certificate"], secret["ca-bundle"], "hook.other.svc", clock.now)
    other = certificates._make_authority("other")
    with pytest.raises(verification.VerificationError):
        verify(secret["certificate"], other.certificate, "hook.ml.svc", clock.now)


def test_its_names(app: App) -> None:
    alternatives = parsed(app.hook()["certificate"]).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert alternatives.value.get_values_for_type(x509.DNSName) == [
        "hook",
        "hook.ml",
        "hook.ml.svc",
        "hook.ml.svc.cluster.local",
    ]


def test_a_long_name_is_verified_too(app: App, clock: Clock) -> None:
    app.service = "h" * 63
    app.state = testing.State(
        leader=True, model=testing.Model("m" * 63), relations=[testing.PeerRelation("peers")]
    )
    secret = app.hook()
    verify(secret["certificate"], secret["ca-bundle"], f"{app.service}.{'m' * 63}.svc", clock.now)


def test_a_server_can_serve_it(app: App, tmp_path: Any) -> None:
    app.hook()
    pair, _ = app.seen(leader=True)
    path = tmp_path / "both.pem"
    path.write_text(pair.certificate + pair.key)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)


def test_it_signs_nothing_and_its_authority_signs_no_authority(app: App) -> None:
    secret = app.hook()
    constraints = parsed(secret["ca-certificate"]).extensions.get_extension_for_class(
        x509.BasicConstraints
    )
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)
    with pytest.raises(x509.ExtensionNotFound):
        parsed(secret["certificate"]).extensions.get_extension_for_class(x509.BasicConstraints)


def test_every_unit_serves_the_same(app: App) -> None:
    secret = app.hook()
    for leader in (True, False):
        pair, bundle = app.seen(leader=leader)
        assert pair == certificates.KeyPair(secret["certificate"], secret["key"])
        assert bundle == secret["ca-bundle"] == secret["ca-certificate"]


def test_another_unit_waits_for_it(context: Any) -> None:
    ctx = context(
        lambda charm: [certificates.WebhookCertificate(charm, charmkit.Peers(charm), "hook")],
        meta=META,
    )
    state = testing.State(relations=[testing.PeerRelation("peers")])
    after = ctx.run(ctx.on.update_status(), state)
    message = "waiting for the leader to make the secret webhook-certificate"
    assert after.unit_status == ops.WaitingStatus(message)
    assert after.secrets == frozenset()


def test_it_stays_until_it_is_due(app: App, clock: Clock) -> None:
    first = app.hook()
    assert app.hook() == first
    clock.pass_days(certificates.CERTIFICATE_DAYS - certificates.RENEWAL_DAYS - 1)
    assert app.hook() == first


def test_it_is_renewed_before_it_ends_by_the_same_authority(app: App, clock: Clock) -> None:
    first = app.hook()
    clock.pass_days(certificates.CERTIFICATE_DAYS - certificates.RENEWAL_DAYS)
    second = app.hook()
    assert second["certificate"] != first["certificate"]
    assert second["key"] != first["key"]
    assert second["ca-bundle"] == first["ca-bundle"]
    verify(second["certificate"], first["ca-bundle"], "hook.ml.svc", clock.now)
    assert parsed(second["certificate"]).not_valid_after_utc > clock.now + datetime.timedelta(
        days=certificates.CERTIFICATE_DAYS - 1
    )
    assert app.hook() == second


def test_it_is_made_again_for_another_service(app: App, clock: Clock) -> None:
    first = app.hook()
    app.service = "other"
    second = app.hook()
    assert second["ca-bundle"] == first["ca-bundle"]
    verify(second["certificate"], second["ca-bundle"], "other.ml.svc", clock.now)
    assert app.hook() == second


def test_it_never_outlives_its_authority(app: App, clock: Clock) -> None:
    app.hook()
    for _ in range(30):
        clock.pass_days(200)
        secret = app.hook()
        certificate, authority = parsed(secret["certificate"]), parsed(secret["ca-certificate"])
        assert certificate.not_valid_after_utc <= authority.not_valid_after_utc
        verify(secret["certificate"], secret["ca-bundle"], "hook.ml.svc", clock.now)


def test_a_new_authority_is_trusted_beside_the_old_one(app: App, clock: Clock) -> None:
    first = app.hook()
    clock.pass_days(certificates.AUTHORITY_DAYS - certificates.RENEWAL_DAYS - 10)
    before = app.hook()
    assert before["ca-certificate"] == first["ca-certificate"]
    clock.pass_days(10)
    after = app.hook()
    assert after["ca-certificate"] != before["ca-certificate"]
    assert after["ca-bundle"] == after["ca-certificate"] + before["ca-certificate"]
    # A unit that has not read the new secret yet serves the old certificate.
    for served in (before, after):
        verify(served["certificate"], after["ca-bundle"], "hook.ml.svc", clock.now)
    assert app.hook() == after


def test_no_key_of_the_authority_is_handed_out(app: App) -> None:
    secret = app.hook()
    pair, bundle = app.seen(leader=False)
    assert secret["ca-key"] not in (pair.key, bundle)
    assert "PRIVATE" not in bundle
