# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Certificates and keys for tests of options that take PEM; new in each process.

In `tests/options.yaml` of a charm `<certificate>` stands for one of these, and so on.
"""

from __future__ import annotations

import functools
from typing import Any

from charmkit import x509

NAMES = ("authority", "certificate", "renewed certificate", "key", "same key")


@functools.cache
def examples() -> dict[str, str]:
    """Return PEM by name; both certificates are for the one key, which is there in two forms."""
    from cryptography.hazmat.primitives import serialization

    authority = x509.new_ca("an authority of tests")
    pair = x509.new_certificate(authority, ["example.com"])
    key: Any = serialization.load_pem_private_key(pair.key.encode(), password=None)
    other_form = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    chain = pair.certificate + authority.certificate
    texts = (authority.certificate, pair.certificate, chain, pair.key, other_form.decode())
    return dict(zip(NAMES, texts, strict=True))


def filled(value: Any) -> Any:
    """Return a value of an option with what stands for PEM replaced."""
    is_name = isinstance(value, str) and value[1:-1] in NAMES and value[:1] == "<"
    return examples()[value[1:-1]] if is_name else value
