"""What authorities of our own sign: verified as a strict client does, and by nobody else."""

from __future__ import annotations

import datetime
import pathlib
import ssl

import pytest
from charmkit import signing
from cryptography import x509
from cryptography.x509 import verification

NAMES = ["hook", "hook.ml", "hook.ml.svc", "hook.ml.svc.cluster.local"]


def parsed(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(text.encode())


def verify(certificate: str, bundle: str, name: str = "hook.ml.svc") -> None:
    store = verification.Store(x509.load_pem_x509_certificates(bundle.encode()))
    builder = verification.PolicyBuilder().store(store).time(signing.now())
    builder.build_server_verifier(x509.DNSName(name)).verify(parsed(certificate), [])


@pytest.fixture(scope="module")
def authority() -> signing.KeyPair:
    return signing.make_authority("app-ml")


@pytest.fixture(scope="module")
def served(authority: signing.KeyPair) -> signing.KeyPair:
    return signing.make_certificate(authority, NAMES)


@pytest.mark.parametrize("name", NAMES[1:])
def test_its_authority_verifies_it(
    authority: signing.KeyPair, served: signing.KeyPair, name: str
) -> None:
    verify(served.certificate, authority.certificate, name)


def test_no_other_name_and_no_other_authority_does(
    authority: signing.KeyPair, served: signing.KeyPair
) -> None:
    with pytest.raises(verification.VerificationError):
        verify(served.certificate, authority.certificate, "hook.other.svc")
    with pytest.raises(verification.VerificationError):
        verify(served.certificate, signing.make_authority("app-ml").certificate)


def test_its_names(served: signing.KeyPair) -> None:
    extensions = parsed(served.certificate).extensions
    found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == NAMES


def test_a_long_name_is_verified_too(authority: signing.KeyPair) -> None:
    name = f"{'h' * 63}.{'m' * 63}.svc"
    verify(signing.make_certificate(authority, [name]).certificate, authority.certificate, name)


def test_a_server_can_serve_it(served: signing.KeyPair, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "both.pem"
    path.write_text(served.certificate + served.key)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)


def test_it_signs_nothing_and_its_authority_signs_no_authority(
    authority: signing.KeyPair, served: signing.KeyPair
) -> None:
    extensions = parsed(authority.certificate).extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    with pytest.raises(x509.ExtensionNotFound):
        parsed(served.certificate).extensions.get_extension_for_class(x509.BasicConstraints)


def test_it_ends_no_later_than_its_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    authority = signing.make_authority("app-ml")
    later = signing.now() + datetime.timedelta(days=signing.AUTHORITY_DAYS - 10)
    monkeypatch.setattr(signing, "now", lambda: later)
    served = signing.make_certificate(authority, NAMES)
    assert signing.not_after(served.certificate) == signing.not_after(authority.certificate)
    verify(served.certificate, authority.certificate)


def test_when_it_is_time_to_replace_it(monkeypatch: pytest.MonkeyPatch) -> None:
    today = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
    monkeypatch.setattr(signing, "now", lambda: today)
    days = datetime.timedelta(days=signing.RENEWAL_DAYS)
    assert signing.is_near((today + days).isoformat())
    assert not signing.is_near((today + days + datetime.timedelta(seconds=1)).isoformat())


def test_a_joined_bundle_has_each_certificate_once_and_in_order() -> None:
    one, two, three = (signing.make_authority("app-ml").certificate for _ in range(3))
    assert signing.joined([one, two + one, "", three]) == one + two + three
    assert signing.joined([]) == ""


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nQUJD\n"])
def test_what_is_no_bundle_counts_for_nothing(text: str) -> None:
    one = signing.make_authority("app-ml").certificate
    assert signing.joined([text, one]) == one


def test_what_has_ended_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    old = signing.make_authority("app-ml").certificate
    later = signing.now() + datetime.timedelta(days=signing.AUTHORITY_DAYS)
    monkeypatch.setattr(signing, "now", lambda: later)
    new = signing.make_authority("app-ml").certificate
    assert signing.joined([new, old]) == new


def test_a_key_of_another_sort_is_refused(authority: signing.KeyPair) -> None:
    from charmkit import tls

    with pytest.raises(TypeError, match="not an elliptic curve key"):
        signing.make_certificate(signing.KeyPair(authority.certificate, tls.new_key()), NAMES)
