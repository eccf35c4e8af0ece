# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The requests for the gateway's certificate: that of the one that is served, and its renewal.

A request is answered once: to get another certificate a unit sends another request, of another
key, beside the first, and takes that back when the answer is there. This is kept in a Juju secret:
`private-key`, `host` and `request`; while a renewal is under way `next-private-key` and
`next-request`; after one, in `former-end`, when the certificate before ended.

Source: the charm library tls_certificates_interface.v3.tls_certificates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from charmkit import x509
from charmkit.interfaces import tls_certificates

Content = dict[str, str]
Answers = Mapping[str, tls_certificates.Certificate]
"""What the authority has sent, by request."""


def answers(items: Iterable[tls_certificates.Certificate]) -> Answers:
    """Return what the authority has sent, by request."""
    return {item.certificate_signing_request.strip(): item for item in items}


def new(key: str, host: str, sent: str = "") -> Content:
    """Return what is kept of a first request for a host, or of one that has been sent before."""
    request = sent or x509.signing_request(key, host)
    return {"private-key": key, "host": host, "request": request}


def sent(content: Content) -> list[str]:
    """Return the requests that are sent."""
    return [content[name] for name in ("request", "next-request") if name in content]


def advance(content: Content, host: str, given: Answers) -> Content:
    """Return what is to be kept now: a renewal is asked for, or it takes the other's place.

    An authority that revokes a renewal is not asked for another.

    Args:
        content: what is kept.
        host: what a certificate is needed for; another one is asked for with the same key.
        given: what the authority has sent.
    """
    if content["host"] != host:
        return new(content["private-key"], host)
    current, following = (given.get(content.get(name, "")) for name in ("request", "next-request"))
    if following and not following.revoked and _fits(following, content["next-private-key"]):
        return _renewed(content, current)
    if current and "next-request" not in content and _is_due(current, content):
        key = x509.new_key()
        request = x509.signing_request(key, host)
        return {**content, "next-private-key": key, "next-request": request}
    return content


def _renewed(content: Content, former: tls_certificates.Certificate | None) -> Content:
    end = {"former-end": x509.not_after(former.certificate)} if former else {}
    return {**new(content["next-private-key"], content["host"], content["next-request"]), **end}


def _is_due(item: tls_certificates.Certificate, content: Content) -> bool:
    if item.revoked:
        return True
    try:
        return x509.is_due(item.certificate, content.get("former-end", ""))
    except ValueError:
        return False  # No certificate: the status says so.


def _fits(item: tls_certificates.Certificate, key: str) -> bool:
    try:
        x509.check_key_pair(item.certificate, key)
    except ValueError:
        return False
    return True
