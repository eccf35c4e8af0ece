# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""What is asked of an authority, as time passes and answers come."""

from __future__ import annotations

import datetime
import functools
import pathlib
from typing import Any

import pytest
from charmkit import x509 as certificates
from charmkit.interfaces.tls_certificates import Certificate
from jujusim.testing import Charm, pem

CHARM = Charm.at(pathlib.Path(__file__).parents[2])
with CHARM.directory.importable():
    import certificate_requests
    from certificate_requests import Content

HOST = "kubeflow.example.com"
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
MOMENT = {"now": START}


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    MOMENT["now"] = START
    monkeypatch.setattr(certificates, "now", lambda: MOMENT["now"])


@pytest.fixture(autouse=True)
def _keys_in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    spare = iter(keys()[1:])
    monkeypatch.setattr(certificates, "new_key", lambda: next(spare))


@functools.cache
def keys() -> tuple[str, ...]:
    return tuple(certificates.new_key() for _ in range(4))


def on_day(day: float) -> None:
    MOMENT["now"] = START + day * DAY


def answer(content: Content, which: str, *, end: float, start: float = 0, **more: Any) -> Any:
    """What an authority says of one of the requests, valid between two days."""
    key = content["private-key" if which == "request" else "next-private-key"]
    text = pem.self_signed(key, "any", START + start * DAY, START + end * DAY)
    return Certificate(content[which], text, **more)


def advance(content: Content, *items: Certificate, host: str = HOST) -> Content:
    return certificate_requests.advance(content, host, certificate_requests.answers(items))


def first() -> Content:
    return certificate_requests.new(keys()[0], HOST)


def renewing() -> tuple[Content, Certificate]:
    """What is kept on day 60 of 90, and the certificate that is served."""
    content = first()
    current = answer(content, "request", end=90)
    on_day(60)
    return advance(content, current), current


@pytest.mark.parametrize(("day", "asked"), [(0, 1), (59, 1), (60, 2), (89, 2), (91, 2)])
def test_a_renewal_is_asked_for_when_two_thirds_are_over(day: float, asked: int):
    content = first()
    current = answer(content, "request", end=90)
    on_day(day)
    after = advance(content, current)
    assert len(certificate_requests.sent(after)) == asked
    assert certificate_requests.sent(after)[0] == content["request"]
    assert after["private-key"] == content["private-key"]


def test_short_lives_are_renewed_too():
    content = first()
    current = answer(content, "request", end=1)
    on_day(0.7)
    assert len(certificate_requests.sent(advance(content, current))) == 2


def test_nothing_changes_while_nothing_is_answered():
    content = first()
    on_day(400)
    assert advance(content) == content
    asked, current = renewing()
    on_day(400)
    assert advance(asked, current) == asked


def test_the_renewal_takes_the_place_of_the_other():
    content, current = renewing()
    after = advance(content, current, answer(content, "next-request", start=60, end=150))
    assert certificate_requests.sent(after) == [content["next-request"]]
    assert after == {
        "private-key": content["next-private-key"],
        "request": content["next-request"],
        "host": HOST,
        "former-end": (START + 90 * DAY).isoformat(),
    }


def test_it_does_also_when_the_authority_has_forgotten_the_other():
    content, _ = renewing()
    after = advance(content, answer(content, "next-request", start=60, end=150))
    assert after == certificate_requests.new(keys()[1], HOST, content["next-request"])


@pytest.mark.parametrize("fault", ["revoked", "of another key", "expired", "no certificate"])
def test_a_renewal_that_cannot_be_served_does_not(fault: str):
    content, current = renewing()
    good = answer(content, "next-request", start=60, end=150)
    bad = {
        "revoked": answer(content, "next-request", end=150, revoked=True),
        "of another key": Certificate(content["next-request"], current.certificate),
        "expired": answer(content, "next-request", start=50, end=59),
        "no certificate": Certificate(content["next-request"], "nonsense"),
    }[fault]
    assert advance(content, current, bad) == content
    assert advance(content, current, good) != content


def test_a_revoked_certificate_is_renewed_at_once():
    content = first()
    revoked = answer(content, "request", end=90, revoked=True)
    assert len(certificate_requests.sent(advance(content, revoked))) == 2


def test_what_is_no_certificate_is_not_renewed():
    content = first()
    assert advance(content, Certificate(content["request"], "nonsense")) == content


def test_another_host_takes_the_renewal_back():
    content, current = renewing()
    after = advance(content, current, host="new.example.com")
    assert after == certificate_requests.new(keys()[0], "new.example.com")
    assert certificates.requested_host(after["request"]) == "new.example.com"


@pytest.mark.parametrize(
    ("end", "day", "asked"),
    [
        (150, 119, 1),
        (150, 121, 2),  # It lasts as long as the one before.
        (91, 89, 1),  # The authority itself ends: it gives a day more, each time.
        (91, 92, 2),
    ],
)
def test_a_renewal_that_has_brought_little_is_not_repeated_before_the_end(
    end: float, day: float, asked: int
):
    content, current = renewing()
    renewal = answer(content, "next-request", start=60, end=end)
    renewed = advance(content, current, renewal)
    on_day(day)
    assert len(certificate_requests.sent(advance(renewed, renewal))) == asked
