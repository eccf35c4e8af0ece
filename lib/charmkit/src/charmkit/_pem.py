# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""PEM that a person gives: taken apart, each block read, put together again without the rest.

Errors say what is wrong with nothing of the text in them, so that they may be shown of keys too.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence

from . import x509

_BEGIN = "-----BEGIN"
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = "CERTIFICATE"


def certificates(text: str) -> str:
    """Return certificates, of which the first has not expired; others are what it is signed by.

    Raises:
        ValueError: saying which block is wrong, and how.
    """
    pem = _join(_certificate_blocks(text))
    x509.check_not_expired(pem)
    return pem


def bundle(text: str) -> str:
    """Return the certificates of authorities, of which at least one has not expired.

    Raises:
        ValueError: saying which block is wrong, and how.
    """
    blocks = _certificate_blocks(text)
    if blocks and not x509.merge_bundles(blocks):
        raise ValueError(f"expired on {max(map(x509.not_after, blocks))[:10]}, every one of them")
    return _join(blocks)


def key(text: str) -> str:
    """Return a private key.

    Raises:
        ValueError: if it is none, or has a password.
    """
    blocks = _blocks(text)
    keys = [block for label, block in blocks if label.endswith("PRIVATE KEY")]
    if blocks and not keys:
        raise ValueError(f"a {blocks[0][0].lower()}, not a private key")
    if len(keys) > 1:
        raise ValueError(f"{len(keys)} private keys")
    if keys:
        x509.check_key(keys[0])
    return _join(keys)


def _certificate_blocks(text: str) -> list[str]:
    blocks = _blocks(text)
    for index, (label, block) in enumerate(blocks):
        if label != _CERTIFICATE:
            raise ValueError(f"block {index + 1} is a {label.lower()}, not a certificate")
        try:
            x509.not_after(block)
        except ValueError as error:
            raise ValueError(f"block {index + 1} is not a certificate that can be read") from error
    return [block for _, block in blocks]


def _blocks(text: str) -> list[tuple[str, str]]:
    """The blocks with their labels; what stands around them are comments."""
    text = _decoded(text.strip())
    blocks = [(match[1], match[0]) for match in _BLOCK.finditer(text)]
    if len(blocks) < text.count(_BEGIN):
        raise ValueError("PEM that ends too early")
    if text and not blocks:
        raise ValueError("no PEM")
    return blocks


def _decoded(text: str) -> str:
    """PEM from PEM in base64, in which line breaks and spaces count for nothing."""
    if not text or _BEGIN in text:
        return text
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise ValueError("no PEM, and not base64") from error


def _join(blocks: Sequence[str]) -> str:
    return "".join(f"{block}\n" for block in blocks)
