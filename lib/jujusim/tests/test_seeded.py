# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What charms draw in their hooks follows the seed."""

import datetime
import os
import random
import secrets
import time
import uuid
from typing import Any

import bcrypt
import pytest
from charmkit import x509
from cryptography.hazmat.primitives import serialization
from jujusim import seeded

NOW = seeded.START


def drawn(seed: int, draw: Any) -> Any:
    with seeded.drawn_from(random.Random(seed), NOW):  # noqa: S311  protects nothing
        return draw()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: secrets.token_urlsafe(18),
        lambda: secrets.choice(range(10**9)),
        uuid.uuid4,
        lambda: bcrypt.gensalt(),
        x509.new_key,
        lambda: x509.new_ca("ca"),
        lambda: x509.new_certificate(x509.new_ca("ca"), ["minio.kubeflow.svc"]),
    ],
)
def test_one_seed_draws_the_same_and_another_something_else(draw: Any) -> None:
    assert drawn(1, draw) == drawn(1, draw) != drawn(2, draw)


def test_an_rsa_key_that_is_drawn_is_one_of_2048_bits() -> None:
    key: Any = serialization.load_pem_private_key(drawn(1, x509.new_key).encode(), password=None)
    assert key.key_size == 2048


def test_a_salt_that_is_drawn_makes_a_hash_that_bcrypt_verifies() -> None:
    salt = drawn(1, lambda: bcrypt.gensalt())
    hashed = bcrypt.hashpw(b"password", salt)
    assert hashed.startswith(salt)
    assert bcrypt.checkpw(b"password", hashed)


def test_time_stands_still_at_the_models_time() -> None:
    moments = drawn(1, lambda: (x509.now(), time.sleep(0.01), x509.now()))
    assert moments == (NOW, None, NOW)


def test_outside_of_hooks_all_is_random_and_time_is_the_machines() -> None:
    draw, generate = os.urandom, bcrypt.gensalt
    drawn(1, x509.new_key)
    assert (os.urandom, bcrypt.gensalt) == (draw, generate)
    assert abs(x509.now().timestamp() - time.time()) < 60


def test_a_certificate_is_valid_at_the_models_time_for_as_long_as_it_says() -> None:
    pair = drawn(1, lambda: x509.new_ca("ca"))
    ends = datetime.datetime.fromisoformat(x509.not_after(pair.certificate))
    assert ends - NOW == datetime.timedelta(days=x509.CA_DAYS)
