"""The keys and certificates of one control plane, made afresh at each start.

`cryptography` is imported on use: finding a control plane must not cost what starting one does.
"""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

LIFETIME = datetime.timedelta(days=1)
SERVICE_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


@dataclass(frozen=True)
class Pki:
    """Where the PEM files are, in one folder."""

    folder: Path

    @property
    def ca(self) -> Path:
        """The authority's certificate, which clients trust."""
        return self.folder / "ca.crt"

    @property
    def ca_key(self) -> Path:
        """The authority's key, with which the controller manager signs requests."""
        return self.folder / "ca.key"

    @property
    def server(self) -> Path:
        """The API server's certificate."""
        return self.folder / "server.crt"

    @property
    def server_key(self) -> Path:
        """The API server's key."""
        return self.folder / "server.key"

    @property
    def account_key(self) -> Path:
        """The key that signs the tokens of service accounts."""
        return self.folder / "service-account.key"


def write(folder: Path) -> Pki:
    """Make an authority, a certificate for the API server on 127.0.0.1 and a signing key.

    Returns:
        The files, all of them in `folder`, which is made.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.mkdir(mode=0o700)
    pki = Pki(folder)
    ca_key, server_key, account_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    pem = serialization.Encoding.PEM
    pki.ca.write_bytes(_authority(ca_key).public_bytes(pem))
    pki.server.write_bytes(_server(server_key, ca_key).public_bytes(pem))
    for path, key in (
        (pki.ca_key, ca_key),
        (pki.server_key, server_key),
        (pki.account_key, account_key),
    ):
        plain = serialization.NoEncryption()
        path.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
        )
    return pki


_USAGES = (
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


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    usage = dict.fromkeys(_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
    return (
        _certificate("ckf-controlplane-ca", key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(
    key: ec.EllipticCurvePrivateKey, ca_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    names = [x509.DNSName(name) for name in SERVICE_NAMES]
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return (
        _certificate("kube-apiserver", key)
        .add_extension(x509.SubjectAlternativeName([*names, address]), critical=False)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _certificate(name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    """Return what both certificates have; Python 3.13 refuses one without key identifiers."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.timezone.utc)
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("ckf-controlplane-ca"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
