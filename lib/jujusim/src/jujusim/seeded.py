# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What a charm draws in a hook comes from the seed: time, random bytes, keys, salts."""

from __future__ import annotations

import base64
import contextlib
import datetime
import functools
import math
import os
import random
from collections.abc import Generator
from typing import Any
from unittest import mock

import time_machine

START = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
"""When a model begins whose time follows the seed."""

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT64 = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SMALL_PRIMES = math.prod(n for n in range(3, 2000, 2) if all(n % d for d in range(3, n, 2)))


@contextlib.contextmanager
def drawn_from(rng: random.Random, now: datetime.datetime) -> Generator[None]:
    """Let everything in this process that looks random come from ``rng``; time stands still.

    What OpenSSL and Rust draw by themselves is replaced by name: keys of elliptic curves and RSA,
    and bcrypt's salts. `cryptography` signs with RFC 6979 where it is asked to.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(time_machine.travel(now, tick=False))
        for place, name, draw in _sources():
            stack.enter_context(mock.patch.object(place, name, functools.partial(draw, rng)))
        yield


@functools.cache
def _sources() -> list[tuple[Any, str, Any]]:
    """Return where randomness comes from: a module, the name of a function, its replacement."""
    found: list[tuple[Any, str, Any]] = [(os, "urandom", _bytes), (random, "_urandom", _bytes)]
    with contextlib.suppress(ImportError):
        from cryptography.hazmat.primitives.asymmetric import ec, rsa

        found += [(ec, "generate_private_key", _curve_key)]
        found += [(rsa, "generate_private_key", _rsa_key)]
    with contextlib.suppress(ImportError):
        import bcrypt

        found += [(bcrypt, "gensalt", _salt)]
    return found


def _bytes(rng: random.Random, size: int) -> bytes:
    return rng.randbytes(size)


def _curve_key(rng: random.Random, curve: Any, *_: Any) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    # A private number of eight bits less is below every curve's order.
    return ec.derive_private_key(rng.getrandbits(curve.key_size - 8) | 1, curve)


def _rsa_key(rng: random.Random, public_exponent: int, key_size: int, *_: Any) -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    e = public_exponent
    p, q = sorted((_prime(rng, key_size // 2, e) for _ in range(2)), reverse=True)
    d = pow(e, -1, math.lcm(p - 1, q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    crt = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *crt, public).private_key()


def _prime(rng: random.Random, bits: int, exponent: int) -> int:
    """Return a prime that is drawn: Fermat's test errs on none of this size that chance finds."""
    while True:
        n = rng.getrandbits(bits) | 3 << (bits - 2) | 1
        fits = math.gcd(n, _SMALL_PRIMES) == math.gcd(n - 1, exponent) == 1
        if fits and pow(2, n - 1, n) == 1:
            return n


def _salt(rng: random.Random, rounds: int = 12, prefix: bytes = b"2b") -> bytes:
    letters = base64.b64encode(rng.randbytes(16)).rstrip(b"=")
    return b"$%s$%02d$%s" % (
        prefix,
        rounds,
        letters.translate(bytes.maketrans(_BASE64, _BCRYPT64)),
    )
