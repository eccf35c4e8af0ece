# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Names that Kubernetes takes.

Sources: k8s.io/apimachinery, pkg/util/validation; for images github.com/distribution/reference.
"""

from __future__ import annotations

import ipaddress
import re

_PART = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL = re.compile(_PART)
_SUBDOMAIN = re.compile(rf"{_PART}(\.{_PART})*")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")

_HOST = (
    r"[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*(:[0-9]+)?"
)
_STEP = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_TAG = r"\w[-\w.]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_IMAGE = re.compile(rf"({_HOST}/)?{_STEP}(/{_STEP})*(:{_TAG})?(@{_DIGEST})?", re.ASCII)


def is_label(text: str) -> bool:
    """Whether it can name a namespace: letters, digits and dashes, at most 63."""
    return len(text) <= 63 and bool(_LABEL.fullmatch(text))


def is_service(text: str) -> bool:
    """Whether it can name a Service: a label that begins with a letter."""
    return is_label(text) and text[0].isalpha()


def is_subdomain(text: str) -> bool:
    """Whether it is a host name, or can name most objects: labels with dots, at most 253."""
    return len(text) <= 253 and bool(_SUBDOMAIN.fullmatch(text))


def is_qualified(text: str) -> bool:
    """Whether it can be the key of a label or an annotation: a name, or subdomain/name."""
    prefix, slash, name = text.rpartition("/")
    return (
        len(name) <= 63
        and bool(_QUALIFIED.fullmatch(name))
        and (is_subdomain(prefix) or not slash)
    )


def is_image(text: str) -> bool:
    """Whether it can be a container image: registry/path:tag@digest, of which the path must be."""
    return bool(_IMAGE.fullmatch(text))


def is_image_tag(text: str) -> bool:
    """Whether it can be the tag of a container image."""
    return bool(re.fullmatch(_TAG, text, re.ASCII))


def is_bucket(text: str) -> bool:
    """Whether it can name a bucket: 3 to 63 lower-case letters, digits, dots and dashes.

    Source: Amazon S3, general purpose bucket naming rules.
    """
    return 3 <= len(text) <= 63 and is_subdomain(text)


def is_host(text: str) -> bool:
    """Whether it is the name or the address of a host; IPv6 without brackets."""
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return is_subdomain(text)


def check_service(name: str, port: int) -> None:
    """Refuse what can't be a Service and one of its ports.

    Raises:
        ValueError: naming which of the two.
    """
    if not is_label(name):
        raise ValueError("service is not the name of a Service")
    if not 1 <= port <= 65535:
        raise ValueError("port is not from 1 to 65535")
