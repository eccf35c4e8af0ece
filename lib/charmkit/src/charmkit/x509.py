# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Certificates, keys and signing requests; CAs of our own, and what they sign.

Needs the package's extra `certificates`; cryptography is imported only when something is called.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

CA_DAYS = 3650
CERTIFICATE_DAYS = 365
RENEWAL_DAYS = 90
"""How long before it expires something is replaced."""
NOTICE_DAYS = 30
"""How long before what a person has given expires its end is told."""
RENEWED_AFTER = 2 / 3
"""How much of its life is over when a certificate of somebody else's authority is renewed."""


@dataclasses.dataclass(frozen=True)
class KeyPair:
    """A certificate and its key, PEM."""

    certificate: str
    key: str


def now() -> datetime.datetime:
    """The time, in UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def needs_renewal(moment: str) -> bool:
    """Return whether what expires at a moment, as `not_after` returns it, is to be replaced."""
    renewal = datetime.timedelta(days=RENEWAL_DAYS)
    return datetime.datetime.fromisoformat(moment) - renewal <= now()


def is_due(certificate: str, former_end: str = "") -> bool:
    """Return whether a certificate of somebody else's authority, PEM, is to be renewed.

    Args:
        certificate: the certificate; others may follow it.
        former_end: when the one before ended, as `not_after` returns it. A renewal that has
            brought little, since the authority itself ends, is not repeated before the end.

    Raises:
        ValueError: if it is not PEM.
    """
    found = _first_certificate(certificate)
    start, end = found.not_valid_before_utc, found.not_valid_after_utc
    left = (end - start) * (1 - RENEWED_AFTER)
    if former_end and end - datetime.datetime.fromisoformat(former_end) < left:
        left = datetime.timedelta()
    return end - left <= now()


def not_after(certificate: str) -> str:
    """Return when a certificate, PEM, expires, in ISO 8601."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc.isoformat()


def notice(certificate: str) -> str:
    """Return that a certificate, PEM, ends soon, or nothing; empty text is none."""
    return _notice("the certificate ends", [certificate] if certificate else [])


def bundle_notice(bundle: str) -> str:
    """Return that the last of the authorities in a bundle, PEM, ends soon, or nothing."""
    return _notice("the last authority ends", [_text(item) for item in _certificates([bundle])])


def _notice(what: str, certificates: Iterable[str]) -> str:
    end = max(map(not_after, certificates), default="")
    soon = now() + datetime.timedelta(days=NOTICE_DAYS)
    is_soon = bool(end) and datetime.datetime.fromisoformat(end) <= soon
    return f"{what} on {end[:10]}" if is_soon else ""


def merge_bundles(bundles: Iterable[str]) -> str:
    """Return one CA bundle of several, PEM: each certificate once, none that has expired.

    Args:
        bundles: certificates, PEM; a text that is not PEM counts for nothing, as in Kubernetes.
    """
    valid = [item for item in _certificates(bundles) if item.not_valid_after_utc > now()]
    return "".join(_text(item) for item in dict.fromkeys(valid))


def new_ca(name: str) -> KeyPair:
    """Return a new CA that signs certificates, but no other CAs."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    until = now() + datetime.timedelta(days=CA_DAYS)
    builder = _builder(subject, subject, key, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return _pem(builder.add_extension(identifier, critical=False), key, signer=key)


def new_certificate(ca: KeyPair, names: Sequence[str]) -> KeyPair:
    """Return a server's certificate; it expires no later than its CA.

    Args:
        ca: who signs it.
        names: the host names that it is for.

    Raises:
        TypeError: if the CA's key is of another sort than those made here.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import oid

    signer = serialization.load_pem_private_key(ca.key.encode(), password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the CA's key is not an elliptic curve key")
    issuer = x509.load_pem_x509_certificate(ca.certificate.encode())
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
    # RFC 6979: no randomness is needed, so none can be bad.
    certificate = builder.sign(signer, hashes.SHA256(), ecdsa_deterministic=True)
    return KeyPair(_text(certificate), private.decode())


def new_key() -> str:
    """Return a private key, PEM, of a sort that every CA signs for: RSA with 2048 bits."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def signing_request(key: str, host: str) -> str:
    """Return a signing request, PEM.

    Args:
        key: the private key, PEM.
        host: the host name or address that the certificate is for.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509 import oid

    private: Any = serialization.load_pem_private_key(key.encode(), password=None)
    # The length of a common name is limited; clients read the alternative names.
    subject = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, host[:64])])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    builder = builder.add_extension(
        x509.SubjectAlternativeName([_alternative(host)]), critical=False
    )
    request = builder.sign(private, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode().strip()


def requested_host(request: str) -> str:
    """Return the host name or address that a signing request is for, or nothing."""
    from cryptography import x509

    extensions = x509.load_pem_x509_csr(request.encode()).extensions
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    return str(next(iter(names)).value)


def check_key_pair(certificate: str, key: str) -> None:
    """Refuse what a server could not serve.

    Args:
        certificate: the certificate, PEM; others may follow it.
        key: its private key, PEM.

    Raises:
        ValueError: saying what is wrong; nothing of the key is in the text.
    """
    if _public(_key(key)) != _public(_first_certificate(certificate)):
        raise ValueError("the certificate does not match the private key")
    check_not_expired(certificate)


def check_not_expired(certificate: str) -> None:
    """Refuse a certificate, PEM, that has expired; empty text is none.

    Raises:
        ValueError: saying when.
    """
    until = _first_certificate(certificate).not_valid_after_utc if certificate else None
    if until and until <= now():
        raise ValueError(f"the certificate has expired on {until:%Y-%m-%d}")


def check_key(key: str) -> None:
    """Refuse what is not a private key, PEM, without a password.

    Raises:
        ValueError: with nothing of the key in it.
    """
    _key(key)


def _alternative(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _first_certificate(text: str) -> x509.Certificate:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(text.encode())[0]
    except ValueError as error:
        raise ValueError("the certificate is not PEM") from error


def _key(text: str) -> Any:
    from cryptography.hazmat.primitives import serialization

    try:
        return serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ValueError("the private key is not PEM, or has a password") from error


def _public(owner: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return owner.public_key().public_bytes(encoding, form)
