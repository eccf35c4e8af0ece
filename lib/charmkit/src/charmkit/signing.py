"""Certificate authorities of our own, and what they sign.

Needs the package's extra `certificates`; cryptography is imported only when something is called.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

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


def now() -> datetime.datetime:
    """The time, in UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def is_near(moment: str) -> bool:
    """Whether it is time to replace what ends at a moment, given as `not_after` returns it."""
    renewal = datetime.timedelta(days=RENEWAL_DAYS)
    return datetime.datetime.fromisoformat(moment) - renewal <= now()


def not_after(certificate: str) -> str:
    """When a certificate, PEM, ends: in ISO 8601."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc.isoformat()


def joined(bundles: Iterable[str]) -> str:
    """One bundle of several, PEM: each certificate once, none that has ended.

    Args:
        bundles: certificates, PEM; a text that is not PEM counts for nothing, as in Kubernetes.
    """
    valid = [item for item in _certificates(bundles) if item.not_valid_after_utc > now()]
    return "".join(_text(item) for item in dict.fromkeys(valid))


def make_authority(name: str) -> KeyPair:
    """A new authority that signs certificates, but no other authorities."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    until = now() + datetime.timedelta(days=AUTHORITY_DAYS)
    builder = _builder(subject, subject, key, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return _pem(builder.add_extension(identifier, critical=False), key, signer=key)


def make_certificate(authority: KeyPair, names: Sequence[str]) -> KeyPair:
    """A server's certificate; it ends no later than its authority.

    Args:
        authority: who signs it.
        names: the host names that it is for.

    Raises:
        TypeError: if the authority's key is of another sort than those made here.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import oid

    signer = serialization.load_pem_private_key(authority.key.encode(), password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic curve key")
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now() + datetime.timedelta(days=CERTIFICATE_DAYS), issuer.not_valid_after_utc)
    builder = _builder(_name(names[0]), issuer.subject, key, until)
    builder = builder.add_extension(usage(digital_signature=True), critical=True)
    extensions = (
        x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
        x509.ExtendedKeyUsage([oid.ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return _pem(builder, key, signer=signer)


def _certificates(bundles: Iterable[str]) -> Iterator[x509.Certificate]:
    from cryptography import x509

    for bundle in bundles:
        with contextlib.suppress(ValueError):
            yield from x509.load_pem_x509_certificates(bundle.encode())


def _text(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives import serialization

    return certificate.public_bytes(serialization.Encoding.PEM).decode()


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
        not_valid_before=now() - datetime.timedelta(minutes=5),
        not_valid_after=until,
    )


def usage(**allowed: bool) -> x509.KeyUsage:
    """What a key may be used for: nothing but this.

    Args:
        allowed: names of arguments of `cryptography.x509.KeyUsage`.
    """
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

    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return KeyPair(_text(builder.sign(signer, hashes.SHA256())), private.decode())
