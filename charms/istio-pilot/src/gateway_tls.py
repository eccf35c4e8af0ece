# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The gateway's certificate: from a CA over a relation, or from a secret of the user."""

from __future__ import annotations

import functools
from collections.abc import Callable

import certificate_requests
import charmkit
import ops
from charmkit import wire, x509
from charmkit.interfaces import tls_certificates

PUBLISHED_LABEL = "cert-handler-private-vault"
"""The label of the secret in which a published charm has left its private key."""


class GatewayTls(charmkit.Component):
    """The certificate and key that the gateway serves, if it does.

    The leader makes private keys and requests, in a Juju secret; every unit sends the same, so
    that it does not matter whose the CA answers. A renewal is asked for when two thirds of a
    certificate's life are over, and until it is there the one before is served.

    Args:
        charm: the charm.
        peers: where the secret's id is recorded.
        secret_id: returns the id of the user's secret, or nothing.
        host: returns the host name or address that a certificate is requested for.

    Attributes:
        authority: the relation to the CA.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        peers: charmkit.Peers,
        *,
        secret_id: Callable[[], str],
        host: Callable[[], str],
    ) -> None:
        super().__init__(charm)
        self._secret_id = secret_id
        self._host = host
        self.authority = tls_certificates.Requirer(charm, unit_data=self._requests)
        self.parts = (self.authority,)
        self._request = charmkit.GeneratedSecret(
            charm, peers, "certificate-request", create=self._new
        )

    @functools.cached_property
    def pair(self) -> x509.KeyPair | None:
        """The certificate and key, or None without TLS.

        Raises:
            charmkit.NotReady: if there should be one and is not, or it can't be served.
        """
        secret_id, relations = self._secret_id(), self.authority.relations
        if secret_id and relations:
            raise charmkit.Blocked("remove one: option tls-secret-id or relation certificates")
        if secret_id:
            return _checked(self._source, self._of_user(secret_id))
        return _checked(self._source, self._of_authority()) if relations else None

    def status(self) -> ops.StatusBase:
        """Active if there is a certificate, or need not be one; says when it ends soon."""
        notice = self._notice(self.pair) if self.pair else ""
        return ops.ActiveStatus(f"{self._source}: {notice}" if notice else "")

    def _notice(self, pair: x509.KeyPair) -> str:
        """That the certificate ends soon; not of one that is not due to be renewed yet."""
        is_told = bool(self._secret_id()) or x509.is_due(pair.certificate)
        return x509.notice(pair.certificate) if is_told else ""

    @property
    def _source(self) -> str:
        return "option tls-secret-id" if self._secret_id() else "relation certificates"

    def _requests(self) -> tls_certificates.Requests:
        """Return the requests for a certificate and for its renewal."""
        if self.charm.unit.is_leader():
            content = self._request.content
            following = certificate_requests.advance(content, self._host(), self._given())
            if following != content:
                self._request.replace(following)
        texts = certificate_requests.sent(self._request.content)
        return tls_certificates.Requests(tuple(map(tls_certificates.Request, texts)))

    def _given(self) -> certificate_requests.Answers:
        """What the authority has sent; what is missing or malformed counts as not sent."""
        found = self.authority.by_app().values()
        return certificate_requests.answers(each for item in found for each in item.certificates)

    def _of_user(self, secret_id: str) -> x509.KeyPair:
        try:
            content = self.charm.model.get_secret(id=secret_id).get_content(refresh=True)
        except (ops.SecretNotFoundError, ops.ModelError) as error:
            app = self.charm.app.name
            message = (
                f"option tls-secret-id: no such secret, or run: juju grant-secret <name> {app}"
            )
            raise charmkit.Blocked(message) from error
        missing = [key for key in ("tls-crt", "tls-key") if not content.get(key)]
        if missing:
            raise charmkit.Blocked(f"option tls-secret-id: the secret has no {missing[0]}")
        return x509.KeyPair(content["tls-crt"], content["tls-key"])

    def _of_authority(self) -> x509.KeyPair:
        self.authority.get()
        content = self._request.content
        item = self._given().get(content["request"].strip())
        if item is None or item.revoked:
            raise charmkit.Waiting("relation certificates: waiting for the certificate")
        return x509.KeyPair(_chain(item), content["private-key"])

    def _new(self) -> dict[str, str]:
        """A new key and request, or what a published charm has left of them."""
        try:
            left = self.charm.model.get_secret(label=PUBLISHED_LABEL).get_content(refresh=True)
        except ops.SecretNotFoundError:
            left = {}
        host = self._host()
        key = left.get("private-key") or x509.new_key()
        return certificate_requests.new(key, host, self._sent(host))

    def _sent(self, host: str) -> str:
        """The request that this unit has sent before, if it was for this host."""
        for relation in self.authority.relations:
            bag = relation.data[self.charm.unit]
            if "certificate_signing_requests" in bag:
                requests = wire.from_plain(tls_certificates.Requests, bag)
                text = requests.certificate_signing_requests[-1].certificate_signing_request
                if x509.requested_host(text) == host:
                    return text.strip()
        return ""


def _chain(item: tls_certificates.Certificate) -> str:
    """The certificate, followed by those that lead from it to the authority."""
    others = [text.strip() for text in item.chain if text.strip() != item.certificate.strip()]
    return "\n".join([item.certificate.strip(), *others, ""])


def _checked(source: str, pair: x509.KeyPair) -> x509.KeyPair:
    try:
        x509.check_key_pair(pair.certificate, pair.key)
    except ValueError as error:
        raise charmkit.Blocked(f"{source}: {error}") from error
    return pair
