"""Keys, signing requests, and what can be served."""

from __future__ import annotations

import datetime

import pytest
from charmkit import tls
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import oid


@pytest.fixture(scope="module")
def key() -> str:
    return tls.new_key()


def signed(key: str, *, days: int = 1) -> str:
    """A certificate that its own key has signed."""
    private = serialization.load_pem_private_key(key.encode(), password=None)
    now = datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, "test")])
    certificate = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=private.public_key(),  # pyright: ignore[reportArgumentType]
        serial_number=1,
        not_valid_before=now - datetime.timedelta(days=3),
        not_valid_after=now + datetime.timedelta(days=days),
    ).sign(private, hashes.SHA256())  # pyright: ignore[reportArgumentType]
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("host", ["example.com", "*.example.com", "10.1.2.3", "fd00::1", "a" * 63])
def test_request_is_for_the_host(key: str, host: str) -> None:
    request = tls.signing_request(key, host)
    parsed = x509.load_pem_x509_csr(request.encode())
    assert parsed.is_signature_valid
    assert tls.requested_host(request) == host


def test_an_address_is_asked_for_as_one(key: str) -> None:
    parsed = x509.load_pem_x509_csr(tls.signing_request(key, "10.1.2.3").encode())
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [type(name) for name in names] == [x509.IPAddress]


def test_a_good_pair(key: str) -> None:
    tls.check(signed(key), key)


def test_only_the_first_of_a_chain_counts(key: str) -> None:
    tls.check(signed(key) + signed(tls.new_key()), key)


def test_another_key(key: str) -> None:
    with pytest.raises(ValueError, match="does not match"):
        tls.check(signed(key), tls.new_key())


def test_expired(key: str) -> None:
    with pytest.raises(ValueError, match="has expired on "):
        tls.check(signed(key, days=-1), key)


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nxx\n"])
def test_no_certificate(key: str, text: str) -> None:
    with pytest.raises(ValueError, match="the certificate is not PEM"):
        tls.check(text, key)


def test_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="the private key is not PEM") as error:
        tls.check(signed(key), "a secret that is no key")
    assert "a secret" not in str(error.value)
