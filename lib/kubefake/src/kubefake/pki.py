# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The keys and certificates of one control plane, made afresh at each start.

`cryptography` is imported on use: finding a control plane must not cost what starting one does.
"""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

LIFETIME = datetime.timedelta(days=1)
SERVICE_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


class Pki(NamedTuple):
    """PEM files in one folder.

    Attributes:
        ca: The authority's certificate, which clients trust.
        ca_key: The authority's key, with which the controller manager signs requests.
        server: The API server's certificate.
        server_key: The API server's key.
        account_key: The key that signs the tokens of service accounts.
    """

    ca: Path
    ca_key: Path
    server: Path
    server_key: Path
    account_key: Path


_CA_USAGE = {
    **dict.fromkeys(("key_cert_sign", "crl_sign"), True),
    **dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
         "key_agreement", "encipher_only", "decipher_only"), False),
}  # fmt: skip
_NAMES = ("ca.crt", "ca.key", "server.crt", "server.key", "service-account.key")


def write(folder: Path) -> Pki:
    """Make an authority, a certificate for the API server on 127.0.0.1 and a signing key.

    Returns:
        The files, all of them in `folder`, which is made.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.mkdir(mode=0o700)
    pki = Pki(*(folder / name for name in _NAMES))
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


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return (
        _certificate("ckf-controlplane-ca", key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**_CA_USAGE), critical=True)
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
