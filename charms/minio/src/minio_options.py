"""The options of the minio charm."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from typing import Any

from charmkit import config


def _pem(raw: str | None) -> str:
    """PEM, as it is or base64 encoded; raises ValueError for anything else."""
    text = raw or ""
    if text and not text.startswith("-----BEGIN"):
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError("not base64") from error
    if text and not text.startswith("-----BEGIN"):
        raise ValueError("no PEM in it")
    return text


def _pem_option() -> Any:
    return config.custom(_pem, "PEM, base64 encoded, or nothing", invalid_example="%", secret=True)


@dataclasses.dataclass(frozen=True)
class MinioConfig:
    """The options, parsed."""

    port: int = config.port()
    console_port: int = config.port()
    access_key: str = config.text(min_length=3, required=True)
    secret_key: str = config.text(min_length=8, secret=True)
    mode: str = config.one_of("server", "gateway")
    gateway_storage_service: str = config.one_of("", "s3", "azure")
    storage_service_endpoint: str = config.url()
    ssl_ca: str = _pem_option()
    ssl_cert: str = _pem_option()
    ssl_key: str = _pem_option()

    def __post_init__(self) -> None:
        if self.console_port == self.port:
            raise config.InvalidConfig("console-port", "another port than the option port has")
        if self.mode == "gateway" and not self.gateway_storage_service:
            raise config.InvalidConfig("gateway-storage-service", "s3 or azure in mode gateway")
        if bool(self.ssl_cert) != bool(self.ssl_key):
            raise config.InvalidConfig("ssl-cert", "a certificate only together with ssl-key")

    @property
    def secure(self) -> bool:
        """Whether MinIO speaks HTTPS."""
        return bool(self.ssl_cert)
