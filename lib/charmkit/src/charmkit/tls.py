"""Keys, signing requests, and whether a certificate can be served.

Needs the package's extra `certificates`; cryptography is imported only when something is called.
"""

from __future__ import annotations

import datetime
import ipaddress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography import x509


def new_key() -> str:
    """A private key, PEM, of a sort that every authority signs for: RSA with 2048 bits."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def signing_request(key: str, host: str) -> str:
    """A signing request, PEM.

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
    """The host name or address that a signing request is for, or nothing if it says none."""
    from cryptography import x509

    extensions = x509.load_pem_x509_csr(request.encode()).extensions
    try:
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    return str(next(iter(names)).value)


def check(certificate: str, key: str) -> None:
    """Refuse what a server could not serve.

    Args:
        certificate: the certificate, PEM; others may follow it.
        key: its private key, PEM.

    Raises:
        ValueError: saying what is wrong; nothing of the key is in the text.
    """
    parsed = _certificate(certificate)
    if _public(_key(key)) != _public(parsed):
        raise ValueError("the certificate does not match the private key")
    if parsed.not_valid_after_utc <= datetime.datetime.now(datetime.timezone.utc):
        raise ValueError(f"the certificate has expired on {parsed.not_valid_after_utc:%Y-%m-%d}")


def _alternative(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _certificate(text: str) -> x509.Certificate:
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
