"""The gateway's certificate: from a CA over a relation, or from a secret of the user."""

from __future__ import annotations

import functools
from collections.abc import Callable

import charmkit
import ops
from charmkit import wire, x509
from charmkit.interfaces import tls_certificates

PUBLISHED_LABEL = "cert-handler-private-vault"
"""The label of the secret in which a published charm has left its private key."""


class GatewayTls(charmkit.Component):
    """The certificate and key that the gateway serves, if it does.

    The leader makes the private key and the request once, in a Juju secret; every unit sends the
    same request, so that it does not matter whose the CA answers.

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
        notice = x509.notice(self.pair.certificate) if self.pair else ""
        return ops.ActiveStatus(f"{self._source}: {notice}" if notice else "")

    @property
    def _source(self) -> str:
        return "option tls-secret-id" if self._secret_id() else "relation certificates"

    def _requests(self) -> tls_certificates.Requests:
        """Return the request for a certificate, a new one when the host has changed."""
        if self.charm.unit.is_leader() and self._request.content["host"] != self._host():
            self._request.replace(self._requested(self._request.content["private-key"]))
        request = tls_certificates.Request(self._request.content["request"])
        return tls_certificates.Requests((request,))

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
        request = self._request.content["request"].strip()
        for item in self.authority.get().certificates:
            if item.certificate_signing_request.strip() == request and not item.revoked:
                return x509.KeyPair(_chain(item), self._request.content["private-key"])
        raise charmkit.Waiting("relation certificates: waiting for the certificate")

    def _new(self) -> dict[str, str]:
        """A new key and request, or what a published charm has left of them."""
        try:
            left = self.charm.model.get_secret(label=PUBLISHED_LABEL).get_content(refresh=True)
        except ops.SecretNotFoundError:
            left = {}
        return self._requested(left.get("private-key") or x509.new_key())

    def _requested(self, key: str) -> dict[str, str]:
        host = self._host()
        sent = self._sent(host)
        return {
            "private-key": key,
            "host": host,
            "request": sent or x509.signing_request(key, host),
        }

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
