# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the minio charm."""

from __future__ import annotations

import dataclasses

from charmkit import config


@dataclasses.dataclass(frozen=True)
class MinioConfig:
    """The options, parsed."""

    port: int = config.port()
    console_port: int = config.port()
    access_key: str = config.word(min_length=3, without="=,")  # MinIO separates by them.
    secret_key: str = config.text(min_length=8, secret=True)
    mode: str = config.one_of("server", "gateway")
    gateway_storage_service: str = config.one_of("", "s3", "azure")
    storage_service_endpoint: str = config.url()
    ssl_ca: str = config.ca_bundle()
    ssl_cert: str = config.certificates()
    ssl_key: str = config.private_key()

    def __post_init__(self) -> None:
        if self.console_port == self.port:
            raise config.InvalidConfig("console-port", "another port than the option port has")
        if self.mode == "gateway" and not self.gateway_storage_service:
            raise config.InvalidConfig("gateway-storage-service", "s3 or azure in mode gateway")
        config.check_key_pair(self.ssl_cert, self.ssl_key, options=("ssl-cert", "ssl-key"))

    @property
    def secure(self) -> bool:
        """Whether MinIO speaks HTTPS."""
        return bool(self.ssl_cert)
