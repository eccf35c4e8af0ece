# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A webhook's certificate: renewed in time, one for every unit, trusted before it is served."""

from __future__ import annotations

import base64
import datetime
import json
import pathlib
import textwrap
from collections.abc import Iterator
from typing import Any

import charmkit
import httpx2
import kubefake
import ops
import pytest
from charmkit import webhooks
from charmkit import x509 as kit
from cryptography import x509
from cryptography.x509 import verification
from ops import testing

META = {"peers": {"peers": {"interface": "charmkit_peers"}}}
END = "-----END CERTIFICATE-----\n"
TODAY = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
TABLE = ("admissionregistration.k8s.io", "mutatingwebhookconfigurations")
WEBHOOK = """
    apiVersion: admissionregistration.k8s.io/v1
    kind: MutatingWebhookConfiguration
    metadata:
      name: {{ app }}
    webhooks:
      - name: boxes.{{ extra }}.com
        clientConfig:
          caBundle: {{ ca_bundle | base64 }}
          service: {name: hook, namespace: {{ model }}, path: /mutate}
        rules:
          - apiGroups: [example.com]
            apiVersions: [v1]
            operations: [CREATE]
            resources: [boxes]
        sideEffects: None
        admissionReviewVersions: [v1]
"""


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = TODAY

    def pass_days(self, days: int) -> None:
        self.now += datetime.timedelta(days=days)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(kit, "now", lambda: clock.now)
    return clock


class App:
    """The units of an application whose webhook is behind a Service, over time."""

    def __init__(self, context: Any, root: pathlib.Path, cluster: kubefake.Cluster) -> None:
        self._context = context
        self._root = root
        self.cluster = cluster
        self.service = "hook"
        self.state = testing.State(
            leader=True, model=testing.Model("ml"), relations=[testing.PeerRelation("peers")]
        )
        path = root / "src/manifests/webhook.yaml.j2"
        path.parent.mkdir(parents=True)
        path.write_text(textwrap.dedent(WEBHOOK).lstrip())

    def ctx(self) -> testing.Context[Any]:
        def components(charm: ops.CharmBase) -> list[charmkit.Component]:
            peers = charmkit.Peers(charm)
            certificate = webhooks.WebhookCertificate(
                charm, peers, self.service, [(webhooks.MUTATING, "app")]
            )
            manifests = webhooks.WebhookManifests(
                charm, certificate=certificate, context=lambda: {"extra": "example"}
            )
            return [certificate, manifests]

        return self._context(components, meta=META, charm_root=self._root)

    def hook(self, *, keep: bool = True) -> Any:
        """Run a hook of the leader; the unit's status after it.

        Args:
            keep: Whether Juju takes over what the hook has said, as it does if it succeeds.
        """
        ctx = self.ctx()
        after = ctx.run(ctx.on.update_status(), self.state)
        if keep:
            self.state = after
        return after.unit_status

    def secret(self) -> dict[str, str]:
        """What the secret holds."""
        (secret,) = self.state.secrets
        return dict(secret.latest_content or secret.tracked_content)

    def renewed(self) -> dict[str, str]:
        """Run a hook of the leader, and return what the secret is after it."""
        assert self.hook() == ops.ActiveStatus()
        return self.secret()

    def serving(self, *, leader: bool = False) -> str:
        """The certificate that one unit would serve now, or what it waits for."""
        ctx = self.ctx()
        state = testing.State(
            leader=leader,
            model=self.state.model,
            relations=self.state.relations,
            secrets=self.state.secrets,
        )
        with ctx(ctx.on.update_status(), state) as manager:
            try:
                return manager.charm.made[0].serving.certificate
            except charmkit.Waiting as reason:
                return reason.message

    def trusted(self) -> str:
        """The bundle in the cluster."""
        stored = self.cluster.store.get(TABLE, ("", "app"))
        assert stored
        encoded: Any = stored.obj["webhooks"]
        return base64.b64decode(encoded[0]["clientConfig"]["caBundle"]).decode()

    def leave(self, bundle: str) -> None:
        """Make the configuration as a published charm has left it."""
        webhook = {
            "name": "boxes.example.com",
            "clientConfig": {
                "caBundle": base64.b64encode(bundle.encode()).decode(),
                "service": {"name": "hook", "namespace": "ml", "path": "/mutate"},
            },
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }
        group, plural = TABLE
        obj = {
            "apiVersion": f"{group}/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": "app"},
            "webhooks": [webhook],
        }
        headers = {"content-type": "application/apply-patch+yaml"}
        path, query = f"/apis/{group}/v1/{plural}/app", {"fieldManager": "lightkube"}
        request = kubefake.Request("PATCH", path, query, headers, json.dumps(obj).encode(), "them")
        assert self.cluster.request(request).status == 201

    def fail(self, method: str, *, once: bool = False) -> None:
        """Let requests of a method fail, or only the first; an empty one ends it."""
        failed: list[str] = []

        def fault(request: kubefake.Request) -> Any:
            if request.method != method or (once and failed):
                return None
            failed.append(request.path)
            return httpx2.ReadTimeout("no answer")

        self.cluster.faults = fault if method else None


@pytest.fixture
def app(
    context: Any,
    clock: Clock,
    cluster: kubefake.Cluster,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[App]:
    monkeypatch.setattr("charmkit.kube.RETRY_DELAYS", ())
    made = App(context, tmp_path, cluster)
    yield made
    made.fail("")


def parsed(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(text.encode())


def verify(certificate: str, bundle: str, now: datetime.datetime) -> None:
    """Verify the server's certificate as a strict client does."""
    store = verification.Store(x509.load_pem_x509_certificates(bundle.encode()))
    builder = verification.PolicyBuilder().store(store).time(now)
    builder.build_server_verifier(x509.DNSName("hook.ml.svc")).verify(parsed(certificate), [])


def split(bundle: str) -> list[str]:
    """The certificates in a bundle."""
    return [f"{text}{END}" for text in bundle.split(END) if text]


def until_the_authority_is_due(app: App, clock: Clock) -> dict[str, str]:
    """Let time pass, with a hook each few months, until only the next hook is left."""
    first = app.renewed()
    clock.pass_days(kit.CA_DAYS - kit.RENEWAL_DAYS - 10)
    before = app.renewed()
    assert before["ca-certificate"] == first["ca-certificate"]
    clock.pass_days(10)
    return before


def test_every_unit_serves_the_same(app: App, clock: Clock) -> None:
    secret = app.renewed()
    for leader in (True, False):
        assert app.serving(leader=leader) == secret["certificate"]
    assert app.trusted() == secret["ca-bundle"] == secret["ca-certificate"]
    verify(secret["certificate"], app.trusted(), clock.now)


def test_another_unit_waits_for_it(app: App) -> None:
    message = "waiting for the leader to create the secret webhook-certificate"
    assert app.serving() == message
    ctx = app.ctx()
    state = testing.State(relations=[testing.PeerRelation("peers")])
    after = ctx.run(ctx.on.update_status(), state)
    assert after.unit_status == ops.WaitingStatus(message)
    assert after.secrets == frozenset()


def test_it_stays_until_it_is_due(app: App, clock: Clock) -> None:
    first = app.renewed()
    assert app.renewed() == first
    clock.pass_days(kit.CERTIFICATE_DAYS - kit.RENEWAL_DAYS - 1)
    assert app.renewed() == first


def test_a_hook_in_which_it_is_not_due_asks_for_nothing_more(app: App) -> None:
    app.renewed()
    app.cluster.journal.clear()
    app.renewed()
    asked = [(entry.verb, entry.resource) for entry in app.cluster.journal]
    assert asked == [
        ("get", "namespaces"),
        ("list", "configmaps"),
        ("list", "mutatingwebhookconfigurations"),
    ]


def test_it_is_renewed_before_it_ends_by_the_same_authority(app: App, clock: Clock) -> None:
    first = app.renewed()
    clock.pass_days(kit.CERTIFICATE_DAYS - kit.RENEWAL_DAYS)
    second = app.renewed()
    assert second["certificate"] != first["certificate"]
    assert second["key"] != first["key"]
    assert second["ca-bundle"] == first["ca-bundle"]
    verify(second["certificate"], first["ca-bundle"], clock.now)
    ends = parsed(second["certificate"]).not_valid_after_utc
    assert ends > clock.now + datetime.timedelta(days=kit.CERTIFICATE_DAYS - 1)
    assert app.renewed() == second


def test_it_is_made_again_for_another_service(app: App) -> None:
    first = app.renewed()
    app.service = "other"
    second = app.renewed()
    assert second["ca-bundle"] == first["ca-bundle"]
    extensions = parsed(second["certificate"]).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "other.ml.svc" in names.get_values_for_type(x509.DNSName)
    assert app.renewed() == second


def test_it_never_outlives_its_authority(app: App, clock: Clock) -> None:
    app.renewed()
    for _ in range(30):
        clock.pass_days(200)
        secret = app.renewed()
        certificate, authority = parsed(secret["certificate"]), parsed(secret["ca-certificate"])
        assert certificate.not_valid_after_utc <= authority.not_valid_after_utc
        verify(app.serving(), app.trusted(), clock.now)


def test_a_new_authority_is_trusted_beside_the_old_one(app: App, clock: Clock) -> None:
    before = until_the_authority_is_due(app, clock)
    after = app.renewed()
    assert after["ca-certificate"] != before["ca-certificate"]
    assert after["ca-bundle"] == after["ca-certificate"] + before["ca-certificate"]
    # A unit that has not read the new secret yet serves the old certificate.
    for served in (before, after):
        verify(served["certificate"], app.trusted(), clock.now)
    assert app.renewed() == after


def test_an_authority_that_has_ended_is_no_longer_trusted(app: App, clock: Clock) -> None:
    before = until_the_authority_is_due(app, clock)
    app.renewed()
    clock.pass_days(kit.CERTIFICATE_DAYS - kit.RENEWAL_DAYS)
    after = app.renewed()
    assert before["ca-certificate"] not in app.trusted()
    assert app.trusted() == after["ca-certificate"]
    verify(app.serving(), app.trusted(), clock.now)


def test_nothing_is_served_before_the_cluster_trusts_it(app: App) -> None:
    app.fail("PATCH")
    assert app.hook().name == "waiting"
    message = "waiting for Kubernetes to trust the webhook's certificate"
    assert {app.serving(leader=True), app.serving()} == {message}
    app.fail("")
    secret = app.renewed()
    assert app.serving() == secret["certificate"]


def test_a_new_authority_that_the_cluster_does_not_take_signs_nothing_that_is_served(
    app: App, clock: Clock
) -> None:
    before = until_the_authority_is_due(app, clock)
    app.fail("PATCH")
    assert app.hook().name == "waiting"
    assert app.secret()["ca-certificate"] != before["ca-certificate"]
    assert "waiting for Kubernetes" in app.serving()
    assert app.trusted() == before["ca-bundle"]
    app.fail("")
    after = app.renewed()
    assert app.serving() == after["certificate"]
    verify(after["certificate"], app.trusted(), clock.now)


def test_what_a_failed_hook_has_made_stays_trusted(app: App, clock: Clock) -> None:
    """A unit may serve it: what a hook does to a container stays, whatever becomes of it."""
    app.hook(keep=False)
    lost = app.trusted()
    secret = app.renewed()
    assert lost not in secret["ca-certificate"]
    assert app.trusted() == secret["ca-certificate"] + lost
    before = until_the_authority_is_due(app, clock)
    app.hook(keep=False)
    lost_too = app.trusted().removesuffix(before["ca-bundle"])
    after = app.renewed()
    assert app.trusted() == after["ca-certificate"] + before["ca-bundle"] + lost_too


def test_no_bundle_is_applied_while_a_new_one_is_due_and_can_not_be_made(
    app: App, clock: Clock
) -> None:
    """It would be without what a failed hook has put into the cluster and into a container."""
    until_the_authority_is_due(app, clock)
    app.hook(keep=False)
    there = app.trusted()
    app.fail("GET", once=True)
    assert app.hook().name == "waiting"
    app.fail("")
    assert app.trusted() == there
    after = app.renewed()
    assert sorted(split(app.trusted())) == sorted([after["ca-certificate"], *split(there)])


def test_what_a_published_charm_is_trusted_by_stays(app: App, clock: Clock) -> None:
    """Its units go on serving until theirs is the turn to be replaced."""
    theirs = kit.new_ca("published")
    served = kit.new_certificate(theirs, ["hook.ml.svc"])
    app.leave(theirs.certificate)
    secret = app.renewed()
    for certificate in (served.certificate, secret["certificate"]):
        verify(certificate, app.trusted(), clock.now)


@pytest.mark.parametrize("left", ["", "nothing"])
def test_a_bundle_that_is_none_is_replaced(app: App, left: str) -> None:
    app.leave(left)
    secret = app.renewed()
    assert app.trusted() == secret["ca-certificate"]


def test_a_configuration_that_is_lost_trusts_what_is_served(app: App, clock: Clock) -> None:
    secret = app.renewed()
    path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/app"
    assert app.cluster.request(kubefake.Request("DELETE", path)).status == 200
    assert app.renewed() == secret
    verify(app.serving(), app.trusted(), clock.now)


def test_no_key_of_the_authority_is_handed_out(app: App) -> None:
    secret = app.renewed()
    assert "PRIVATE" not in app.trusted()
    assert secret["ca-key"] not in str(app.state.relations)
