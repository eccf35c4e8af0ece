# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Certificates for webhooks: a CA of the application's own, in a Juju secret.

Every unit serves the same certificate, and the API server trusts it at every moment: a new
authority stands in the webhook configurations, beside those before it, before anything is served
that it has signed. The configurations and the containers change at once, while Juju takes over
what a hook has said only at its end, and not at all if the hook fails; so an authority that a
failed hook has made may be in use. Hence the rules:

- A new bundle keeps what is in the secret and in the cluster until it has ended by itself.
- What is due to be renewed is renewed before any bundle is applied again.
- The leader notes in the peer relation which authority the cluster trusts, and units serve a
  certificate only if it is by that one; until then they go on serving what they have.

Needs the package's extra `certificates`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence

import ops

from . import kube, x509
from ._adoption import Legacy
from ._manifests import Manifests
from ._peers import Peers
from ._secrets import GeneratedSecret
from ._status import Waiting
from ._templates import Context
from ._workload import File
from .x509 import KeyPair

__all__ = ["MUTATING", "VALIDATING", "KeyPair", "WebhookCertificate", "WebhookManifests"]

_GROUP = "admissionregistration.k8s.io/v1"
MUTATING = kube.Kind(_GROUP, "MutatingWebhookConfiguration", namespaced=False)
VALIDATING = kube.Kind(_GROUP, "ValidatingWebhookConfiguration", namespaced=False)


class WebhookCertificate(GeneratedSecret):
    """The certificate that a webhook serves, and the bundle of authorities to trust it by.

    Goes with `WebhookManifests`, which stands after it among the components, and before the
    workload.

    Args:
        charm: the charm.
        peers: where the secret's id is recorded, and which authority the cluster trusts.
        service: the name of the Service that the API server calls.
        configurations: kind, `MUTATING` or `VALIDATING`, and name of each of the webhook
            configurations that call it.
        name: the key of the id, and the secret's label.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        peers: Peers,
        service: str,
        configurations: Sequence[tuple[kube.Kind, str]],
        name: str = "webhook-certificate",
    ) -> None:
        super().__init__(charm, peers, name, create=self._issue)
        self._service = service
        self._configurations = configurations
        self._kube = kube.Kube(charm)

    @property
    def serving(self) -> KeyPair:
        """The server's certificate and key.

        Raises:
            Waiting: if the leader has not made them yet, or the cluster does not trust them yet.
        """
        authority = _digest(self.content["ca-certificate"])
        if self._peers.data.get(self._trusted) != authority:
            raise Waiting("waiting for Kubernetes to trust the webhook's certificate")
        return KeyPair(self.content["certificate"], self.content["key"])

    @property
    def ca_bundle(self) -> str:
        """The authorities by which certificates of any unit are trusted, PEM.

        Raises:
            Waiting: if the leader has not made them yet, or could not renew what is due.
        """
        bundle = self.content["ca-bundle"]
        if self.charm.unit.is_leader() and self._is_due():
            raise Waiting("waiting for a new certificate of the webhook")
        return bundle

    def files(self, directory: str, *, ca: str) -> dict[str, File]:
        """Return the files of a server that reads them again by itself when they change.

        Args:
            directory: where it looks for `tls.crt` and `tls.key`.
            ca: the name of the file with the authorities there.

        Raises:
            Waiting: if the leader has not made them yet, or the cluster does not trust them yet.
        """
        serving = self.serving
        return {
            f"{directory}/{ca}": File(self.ca_bundle, watched=True),
            f"{directory}/tls.crt": File(serving.certificate, watched=True),
            f"{directory}/tls.key": File(serving.key, mode=0o600, watched=True),
        }

    def reconcile(self) -> None:
        """Make the certificate, and again before it ends or when the Service's name changes.

        Raises:
            NotReady: if something is to be made and the cluster does not say what it trusts.
        """
        super().reconcile()
        if self.charm.unit.is_leader() and self._is_due():
            self.replace(self._renewed())

    def applied(self) -> None:
        """Note that the bundle stands in all webhook configurations; the leader does it."""
        if not self.charm.unit.is_leader():
            return
        authority = _digest(self.content["ca-certificate"])
        if self._peers.data.get(self._trusted) != authority:
            self._peers.data[self._trusted] = authority

    @property
    def _trusted(self) -> str:
        return f"{self.name}-trusted"

    def _is_due(self) -> bool:
        names = ",".join(self._names())
        return self.content["names"] != names or x509.needs_renewal(self.content["not-after"])

    def _names(self) -> list[str]:
        base = f"{self._service}.{self.charm.model.name}"
        return [self._service, base, f"{base}.svc", f"{base}.svc.cluster.local"]

    def _issue(self) -> dict[str, str]:
        return self._by_new_ca()

    def _renewed(self) -> dict[str, str]:
        """A new certificate by the same authority, or by a new one while both are trusted."""
        old = KeyPair(self.content["ca-certificate"], self.content["ca-key"])
        bundle = self.content["ca-bundle"]
        if x509.needs_renewal(x509.not_after(old.certificate)):
            return self._by_new_ca(bundle)
        return self._signed(old, x509.merge_bundles([bundle]))

    def _by_new_ca(self, *bundles: str) -> dict[str, str]:
        there = list(self._in_cluster())
        authority = x509.new_ca(f"{self.charm.app.name}-{self.charm.model.name}")
        return self._signed(
            authority, x509.merge_bundles([authority.certificate, *bundles, *there])
        )

    def _signed(self, authority: KeyPair, bundle: str) -> dict[str, str]:
        serving = x509.new_certificate(authority, self._names())
        return {
            "certificate": serving.certificate,
            "key": serving.key,
            "names": ",".join(self._names()),
            "not-after": x509.not_after(serving.certificate),
            "ca-certificate": authority.certificate,
            "ca-key": authority.key,
            "ca-bundle": bundle,
        }

    def _in_cluster(self) -> Iterator[str]:
        """The bundles in the webhook configurations, whoever has put them there."""
        for kind in dict.fromkeys(kind for kind, _ in self._configurations):
            for found in self._kube.list(kind, {}):
                if (kind, found["metadata"]["name"]) in self._configurations:
                    yield from _bundles(found)


class WebhookManifests(Manifests):
    """The Kubernetes objects of an application, webhook configurations among them.

    Templates have the variable `ca_bundle` too: `caBundle: {{ ca_bundle | base64 }}`.

    Args:
        charm: the charm.
        name: see `Manifests`, as for the rest.
        certificate: what the webhooks serve.
        context: the variables of the templates.
        files: the templates.
        list_all: kinds of which the charm looks at others' objects too.
        legacy: what the published charm of the same name has left.
        purge: what the action `purge` deletes.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str = "main",
        *,
        certificate: WebhookCertificate,
        context: Callable[[], Context] = dict,
        files: str = "src/manifests/*.yaml.j2",
        list_all: Sequence[kube.Kind] = (),
        legacy: Legacy | None = None,
        purge: str = "",
    ) -> None:
        def with_bundle() -> Context:
            return {"ca_bundle": certificate.ca_bundle, **context()}

        super().__init__(
            charm,
            name,
            context=with_bundle,
            files=files,
            list_all=list_all,
            legacy=legacy,
            purge=purge,
        )
        self._certificate = certificate

    def reconcile(self) -> None:
        """Apply what differs, and tell the certificate that the cluster trusts it."""
        super().reconcile()
        self._certificate.applied()


def _bundles(configuration: kube.Object) -> Iterator[str]:
    for webhook in configuration.get("webhooks", []):
        encoded = webhook["clientConfig"].get("caBundle", "")
        yield base64.b64decode(encoded).decode(errors="replace")


def _digest(certificate: str) -> str:
    return hashlib.sha256(certificate.encode()).hexdigest()
