# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What CAs of our own sign, verified as a strict client does; keys and signing requests."""

from __future__ import annotations

import datetime
import pathlib
import ssl

import pytest
from charmkit import x509 as kit
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import oid, verification

NAMES = ["hook", "hook.ml", "hook.ml.svc", "hook.ml.svc.cluster.local"]


def parsed(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(text.encode())


def verify(certificate: str, bundle: str, name: str = "hook.ml.svc") -> None:
    store = verification.Store(x509.load_pem_x509_certificates(bundle.encode()))
    builder = verification.PolicyBuilder().store(store).time(kit.now())
    builder.build_server_verifier(x509.DNSName(name)).verify(parsed(certificate), [])


@pytest.fixture(scope="module")
def authority() -> kit.KeyPair:
    return kit.new_ca("app-ml")


@pytest.fixture(scope="module")
def served(authority: kit.KeyPair) -> kit.KeyPair:
    return kit.new_certificate(authority, NAMES)


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_certificate_is_verified_by_its_ca(
    authority: kit.KeyPair, served: kit.KeyPair, name: str
) -> None:
    verify(served.certificate, authority.certificate, name)


def test_a_certificate_is_verified_for_no_other_name_and_by_no_other_ca(
    authority: kit.KeyPair, served: kit.KeyPair
) -> None:
    with pytest.raises(verification.VerificationError):
        verify(served.certificate, authority.certificate, "hook.other.svc")
    with pytest.raises(verification.VerificationError):
        verify(served.certificate, kit.new_ca("app-ml").certificate)


def test_a_certificate_is_for_all_its_names(served: kit.KeyPair) -> None:
    extensions = parsed(served.certificate).extensions
    found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == NAMES


def test_a_long_name_is_verified_too(authority: kit.KeyPair) -> None:
    name = f"{'h' * 63}.{'m' * 63}.svc"
    verify(kit.new_certificate(authority, [name]).certificate, authority.certificate, name)


def test_a_server_can_serve_it(served: kit.KeyPair, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "both.pem"
    path.write_text(served.certificate + served.key)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)


def test_a_certificate_signs_nothing_and_its_ca_signs_no_ca(
    authority: kit.KeyPair, served: kit.KeyPair
) -> None:
    extensions = parsed(authority.certificate).extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    with pytest.raises(x509.ExtensionNotFound):
        parsed(served.certificate).extensions.get_extension_for_class(x509.BasicConstraints)


def test_a_certificate_expires_no_later_than_its_ca(monkeypatch: pytest.MonkeyPatch) -> None:
    authority = kit.new_ca("app-ml")
    later = kit.now() + datetime.timedelta(days=kit.CA_DAYS - 10)
    monkeypatch.setattr(kit, "now", lambda: later)
    served = kit.new_certificate(authority, NAMES)
    assert kit.not_after(served.certificate) == kit.not_after(authority.certificate)
    verify(served.certificate, authority.certificate)


def test_a_certificate_is_due_sixty_days_before_it_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
    monkeypatch.setattr(kit, "now", lambda: today)
    days = datetime.timedelta(days=kit.RENEWAL_DAYS)
    assert kit.needs_renewal((today + days).isoformat())
    assert not kit.needs_renewal((today + days + datetime.timedelta(seconds=1)).isoformat())


def test_the_end_is_told_a_month_before(
    monkeypatch: pytest.MonkeyPatch, served: kit.KeyPair
) -> None:
    end = datetime.datetime.fromisoformat(kit.not_after(served.certificate))
    early = end - datetime.timedelta(days=kit.NOTICE_DAYS, seconds=1)
    monkeypatch.setattr(kit, "now", lambda: early)
    assert kit.notice(served.certificate) == ""
    monkeypatch.setattr(kit, "now", lambda: early + datetime.timedelta(seconds=1))
    assert kit.notice(served.certificate) == f"the certificate ends on {end:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("days", "former", "is_due"),
    [
        (243, None, False),
        (244, None, True),
        (244, 200, True),
        (244, 300, False),
        (366, 364, True),
    ],
    ids=["before", "after", "much gained", "little gained", "little gained, and ended"],
)
def test_a_certificate_of_another_authority_is_due_after_two_thirds_of_its_life(
    monkeypatch: pytest.MonkeyPatch,
    served: kit.KeyPair,
    days: int,
    former: int | None,
    is_due: bool,
) -> None:
    start = parsed(served.certificate).not_valid_before_utc
    monkeypatch.setattr(kit, "now", lambda: start + datetime.timedelta(days=days))
    end = (start + datetime.timedelta(days=former)).isoformat() if former else ""
    assert kit.is_due(served.certificate, end) is is_due


def test_of_authorities_the_last_end_is_told(
    monkeypatch: pytest.MonkeyPatch, authority: kit.KeyPair, served: kit.KeyPair
) -> None:
    """A bundle in which one is about to end is whole as long as another stands."""
    end = datetime.datetime.fromisoformat(kit.not_after(served.certificate))
    monkeypatch.setattr(kit, "now", lambda: end)
    assert kit.bundle_notice(served.certificate + authority.certificate) == ""
    last = kit.not_after(authority.certificate)
    monkeypatch.setattr(kit, "now", lambda: datetime.datetime.fromisoformat(last))
    both = served.certificate + authority.certificate
    assert kit.bundle_notice(both) == f"the last authority ends on {last[:10]}"
    assert kit.bundle_notice("") == kit.notice("") == ""


def test_a_merged_bundle_has_each_certificate_once_and_in_order() -> None:
    one, two, three = (kit.new_ca("app-ml").certificate for _ in range(3))
    assert kit.merge_bundles([one, two + one, "", three]) == one + two + three
    assert kit.merge_bundles([]) == ""


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nQUJD\n"])
def test_text_that_is_no_bundle_counts_for_nothing(text: str) -> None:
    one = kit.new_ca("app-ml").certificate
    assert kit.merge_bundles([text, one]) == one


def test_an_expired_certificate_is_left_out_of_a_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    old = kit.new_ca("app-ml").certificate
    later = kit.now() + datetime.timedelta(days=kit.CA_DAYS)
    monkeypatch.setattr(kit, "now", lambda: later)
    new = kit.new_ca("app-ml").certificate
    assert kit.merge_bundles([new, old]) == new


def test_a_ca_with_a_key_of_another_sort_is_refused(authority: kit.KeyPair) -> None:
    with pytest.raises(TypeError, match="not an elliptic curve key"):
        kit.new_certificate(kit.KeyPair(authority.certificate, kit.new_key()), NAMES)


# Keys, signing requests, and what can be served.


@pytest.fixture(scope="module")
def key() -> str:
    return kit.new_key()


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
def test_a_request_is_for_the_host(key: str, host: str) -> None:
    request = kit.signing_request(key, host)
    parsed = x509.load_pem_x509_csr(request.encode())
    assert parsed.is_signature_valid
    assert kit.requested_host(request) == host


def test_an_address_is_asked_for_as_one(key: str) -> None:
    parsed = x509.load_pem_x509_csr(kit.signing_request(key, "10.1.2.3").encode())
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [type(name) for name in names] == [x509.IPAddress]


def test_a_certificate_and_its_key_can_be_served(key: str) -> None:
    kit.check_key_pair(signed(key), key)


def test_only_the_first_of_a_chain_counts(key: str) -> None:
    kit.check_key_pair(signed(key) + signed(kit.new_key()), key)


def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="does not match"):
        kit.check_key_pair(signed(key), kit.new_key())


def test_a_certificate_that_has_expired_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="has expired on "):
        kit.check_key_pair(signed(key, days=-1), key)


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nxx\n"])
def test_what_is_no_certificate_is_refused(key: str, text: str) -> None:
    with pytest.raises(ValueError, match="the certificate is not PEM"):
        kit.check_key_pair(text, key)


def test_what_is_no_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="the private key is not PEM") as error:
        kit.check_key_pair(signed(key), "a secret that is no key")
    assert "a secret" not in str(error.value)
