# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Certificates and keys for tests of options that take PEM; new in each process.

In `tests/options.yaml` of a charm `<certificate>` stands for one of these, and so on.
"""

from __future__ import annotations

import datetime
import functools
from typing import Any

from charmkit import x509 as certificates

NAMES = ("authority", "certificate", "renewed certificate", "key", "same key")


@functools.cache
def examples() -> dict[str, str]:
    """Return PEM by name; both certificates are for the one key, which is there in two forms."""
    from cryptography.hazmat.primitives import serialization

    authority = certificates.new_ca("an authority of tests")
    pair = certificates.new_certificate(authority, ["example.com"])
    key: Any = serialization.load_pem_private_key(pair.key.encode(), password=None)
    other_form = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    chain = pair.certificate + authority.certificate
    texts = (authority.certificate, pair.certificate, chain, pair.key, other_form.decode())
    return dict(zip(NAMES, texts, strict=True))


def self_signed(key: str, name: str, start: datetime.datetime, end: datetime.datetime) -> str:
    """Return a certificate, PEM, that its own key, PEM, has signed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509 import oid

    private: Any = serialization.load_pem_private_key(key.encode(), password=None)
    named = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(
        issuer_name=named,
        subject_name=named,
        public_key=private.public_key(),
        serial_number=1,
        not_valid_before=start,
        not_valid_after=end,
    ).sign(private, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def filled(value: Any) -> Any:
    """Return a value of an option with what stands for PEM replaced."""
    is_name = isinstance(value, str) and value[1:-1] in NAMES and value[:1] == "<"
    return examples()[value[1:-1]] if is_name else value
