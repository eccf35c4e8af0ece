# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""`s3`: an object store with the S3 API, inside or outside the cluster.

Wire format, plain keys in application databags. The requirer writes `version` (1), `bucket`, the
one that it wants, and `requested-secrets`, a JSON list of the keys that it takes in a Juju secret.
The provider writes `endpoint`, a URL or `host:port`; `region`, `bucket` and others as text;
`tls-ca-chain`, a JSON list of PEM certificates; and `secret-extra`, the id of a secret with
`access-key` and `secret-key`. A provider of version 0 writes the two keys themselves, and nothing
at all before the requirer names a bucket.

Source: PyPI package object-storage-charmlib (version 1), and the charm library
data_platform_libs.v0.s3 (version 0).
"""

from __future__ import annotations

import dataclasses
import urllib.parse

from .. import relations, wire
from .._interface import Interface


@dataclasses.dataclass(frozen=True)
class BucketRequest:
    """What the requirer sends: the bucket that it wants, and what it takes in a secret."""

    bucket: str
    version: str = wire.field(default="1")
    requested_secrets: tuple[str, ...] = wire.field(
        "requested-secrets", default=("access-key", "secret-key")
    )


@dataclasses.dataclass(frozen=True)
class Bucket:
    """What the provider sends.

    Args:
        endpoint: a URL, or a host with or without a port. Without a scheme port 443 means TLS.
        access_key: the user.
        secret_key: the user's key.
        region: the store's region.
        bucket: the bucket that the credentials are for, if the provider names one.
        tls_ca_chain: the CA of the store's certificate, PEM.

    Raises:
        ValueError: if the endpoint has no host or no proper port.
    """

    endpoint: str
    access_key: str = wire.field("access-key")
    secret_key: str = wire.field("secret-key")
    region: str = wire.field(default="")
    bucket: str = wire.field(default="")
    tls_ca_chain: tuple[str, ...] = wire.field("tls-ca-chain", default=())

    def __post_init__(self) -> None:
        try:
            host, _ = self._url.hostname, self._url.port
        except ValueError as error:
            raise ValueError("endpoint has no proper port") from error
        if not host or self._url.scheme not in ("", "http", "https"):
            raise ValueError("endpoint is not an http:// or https:// URL, nor a host")

    @property
    def host(self) -> str:
        """The host of the endpoint."""
        return self._url.hostname or ""

    @property
    def secure(self) -> bool:
        """Whether the store speaks TLS."""
        return self._url.scheme == "https" or (not self._url.scheme and self._url.port == 443)

    @property
    def port(self) -> int:
        """The port of the endpoint."""
        return self._url.port or (443 if self.secure else 80)

    @property
    def _url(self) -> urllib.parse.SplitResult:
        text = self.endpoint if "://" in self.endpoint else f"//{self.endpoint}"
        return urllib.parse.urlsplit(text)


INTERFACE = Interface[Bucket, BucketRequest](
    "s3",
    endpoint="s3-credentials",
    codec=wire.Plain(secret_keys=("secret-extra",)),
    provider=Bucket,
    requirer=BucketRequest,
    examples=(Bucket("https://s3.example.com", "a-key", "a-secret"), BucketRequest("mlpipeline")),
)


class Provider(relations.Provider[Bucket, BucketRequest]):
    """The providing end."""

    interface = INTERFACE


class Requirer(relations.Requirer[BucketRequest, Bucket]):
    """The requiring end."""

    interface = INTERFACE
