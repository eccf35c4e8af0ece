"""Certificates for webhooks: a certificate authority of the application's own, in a Juju secret.

The authority outlives the certificates that it signs, and every unit serves the same certificate,
so what the API server trusts always fits what is served. Needs the package's extra `certificates`;
cryptography is imported only when something is signed.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ops

from .peers import Peers
from .secrets import KeptSecret

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 365
RENEWAL_DAYS = 60
"""How long before its end something is replaced."""


@dataclasses.dataclass(frozen=True)
class KeyPair:
    """A certificate and its key, PEM."""

    certificate: str
    key: str


class WebhookCertificate(KeptSecret):
    """The certificate that a webhook serves, and the bundle of authorities to trust it by.

    Args:
        charm: the charm.
        peers: where the secret's id is recorded.
        service: the name of the Service that the API server calls.
        name: the key of the id, and the secret's label.
    """

    def __init__(
        self, charm: ops.CharmBase, peers: Peers, service: str, name: str = "webhook-certificate"
    ) -> None:
        super().__init__(charm, peers, name, make=self._issue)
        self._service = service

    @property
    def serving(self) -> KeyPair:
        """The server's certificate and key.

        Raises:
            Waiting: if the leader has not made them yet.
        """
        return KeyPair(self.content["certificate"], self.content["key"])

    @property
    def ca_bundle(self) -> str:
        """The authorities by which the certificate is trusted, PEM.

        Raises:
            Waiting: if the leader has not made them yet.
        """
        return self.content["ca-bundle"]

    def reconcile(self) -> None:
        """Make the certificate, and again before it ends or when the Service's name changes."""
        super().reconcile()
        if self.charm.unit.is_leader() and self._is_due():
            self.replace(self._renewed())

    def _is_due(self) -> bool:
        names = ",".join(self._names())
        return self.content["names"] != names or _is_near(self.content["not-after"])

    def _names(self) -> list[str]:
        base = f"{self._service}.{self.charm.model.name}"
        return [self._service, base, f"{base}.svc", f"{base}.svc.cluster.local"]

    def _issue(self) -> dict[str, str]:
        authority = _make_authority(f"{self.charm.app.name}-{self.charm.model.name}")
        return self._signed(authority, bundle=authority.certificate)

    def _renewed(self) -> dict[str, str]:
        """A new certificate by the same authority, or by a new one while both are trusted."""
        old = KeyPair(self.content["ca-certificate"], self.content["ca-key"])
        if not _is_near(_not_after(old.certificate)):
            return self._signed(old, bundle=self.content["ca-bundle"])
        authority = _make_authority(f"{self.charm.app.name}-{self.charm.model.name}")
        return self._signed(authority, bundle=authority.certificate + old.certificate)

    def _signed(self, authority: KeyPair, bundle: str) -> dict[str, str]:
        serving = _make_certificate(authority, self._names())
        return {
            "certificate": serving.certificate,
            "key": serving.key,
            "names": ",".join(self._names()),
            "not-after": _not_after(serving.certificate),
            "ca-certificate": authority.certificate,
            "ca-key": authority.key,
            "ca-bundle": bundle,
        }


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _is_near(moment: str) -> bool:
    renewal = datetime.timedelta(days=RENEWAL_DAYS)
    return datetime.datetime.fromisoformat(moment) - renewal <= _now()


def _not_after(certificate: str) -> str:
    from cryptography import x509

    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc.isoformat()


def _make_authority(name: str) -> KeyPair:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    until = _now() + datetime.timedelta(days=AUTHORITY_DAYS)
    builder = _builder(subject, subject, key, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return _pem(builder.add_extension(identifier, critical=False), key, signer=key)


def _make_certificate(authority: KeyPair, names: Sequence[str]) -> KeyPair:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import oid

    signer = serialization.load_pem_private_key(authority.key.encode(), password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic curve key")
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    key = ec.generate_private_key(ec.SECP256R1())
    # It ends no later than its authority does, so that both are replaced in time.
    until = min(_now() + datetime.timedelta(days=CERTIFICATE_DAYS), issuer.not_valid_after_utc)
    builder = _builder(_name(names[0]), issuer.subject, key, until)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    extensions = (
        x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
        x509.ExtendedKeyUsage([oid.ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return _pem(builder, key, signer=signer)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    until: datetime.datetime,
) -> x509.CertificateBuilder:
    from cryptography import x509

    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=_now() - datetime.timedelta(minutes=5),
        not_valid_after=until,
    )


def _usage(**allowed: bool) -> x509.KeyUsage:
    from cryptography import x509

    usages = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**(dict.fromkeys(usages, False) | allowed))


def _name(common_name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509 import oid

    # The length of a common name is limited; clients read the alternative names.
    return x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, common_name[:64])])


def _pem(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
) -> KeyPair:
    from cryptography.hazmat.primitives import hashes, serialization

    certificate = builder.sign(signer, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return KeyPair(certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode())
