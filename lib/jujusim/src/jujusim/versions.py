# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The differences between Juju's versions, as far as charms notice them."""

import re

DEFAULT = "3.6.9"
_DROPS_GRANTS = ((4, 0, 0), (4, 0, 13))
_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def parse(version: str) -> tuple[int, int, int]:
    """Return the three numbers of a version such as ``3.6.9`` or ``4.0-beta6``.

    Raises:
        ValueError: It does not begin with two numbers.
    """
    found = _NUMBERS.match(version)
    if found is None:
        raise ValueError(f"{version!r} is no version of Juju, such as {DEFAULT}")
    major, minor, patch = found.groups()
    return int(major), int(minor), int(patch or 0)


def drops_grants(version: str) -> bool:
    """Tell whether a grant is lost that is made in the hook that creates the secret.

    Mended in August 2026 (``apiserver/facades/agent/uniter/secrets.go``).
    """
    first, last = _DROPS_GRANTS
    return first <= parse(version) <= last


def is_4(version: str) -> bool:
    """Tell whether a refresh is refused as Juju 4 does it.

    For storage that differs in any field (``Storage.Equal`` in
    ``domain/deployment/charm/meta.go``), and for an endpoint that the old charm lacks: seen with
    4.0.13, which merges bindings first (``domain/application/state/application.go``).
    """
    return parse(version) >= (4, 0, 0)
