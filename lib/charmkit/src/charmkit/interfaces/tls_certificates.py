# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`tls-certificates`: certificates from an authority.

Wire format: each unit of the requirer writes `certificate_signing_requests` into its own databag,
JSON `[{"certificate_signing_request": PEM, "ca": false}]`. The provider writes `certificates` into
its application's, JSON `[{"certificate_signing_request", "certificate", "ca", "chain": [PEM, ...],
"revoked"}]`, all of them PEM; which is whose shows in the request.

Source: the charm library tls_certificates_interface.v3.tls_certificates.
"""

from __future__ import annotations

import dataclasses

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class Request:
    """One request, PEM, and whether it is for an authority's certificate."""

    certificate_signing_request: str
    ca: bool = False


@dataclasses.dataclass(frozen=True)
class Requests:
    """What each unit of the requirer sends."""

    certificate_signing_requests: tuple[Request, ...]


@dataclasses.dataclass(frozen=True)
class Certificate:
    """One certificate, PEM, with the authority that issued it and what lies between the two."""

    certificate_signing_request: str
    certificate: str
    ca: str = ""
    chain: tuple[str, ...] = ()
    revoked: bool = False


@dataclasses.dataclass(frozen=True)
class Certificates:
    """What the provider sends."""

    certificates: tuple[Certificate, ...] = wire.field()


INTERFACE = Interface[Certificates, None](
    "tls-certificates", endpoint="certificates", provider=Certificates, requirer_unit=Requests
)


class Provider(relations.Provider[Certificates, None]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[None, Certificates]):
    """The requiring end."""

    interface = INTERFACE
