"""The options of the minio charm."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from typing import Any

from charmkit import options


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
    return options.custom(_pem, "PEM, base64 encoded, or nothing", bad="%", secret=True)


@dataclasses.dataclass(frozen=True)
class MinioOptions:
    """The options, parsed."""

    port: int = options.port()
    console_port: int = options.port()
    access_key: str = options.text(min_length=3, required=True)
    secret_key: str = options.text(min_length=8, secret=True)
    mode: str = options.one_of("server", "gateway")
    gateway_storage_service: str = options.one_of("", "s3", "azure")
    storage_service_endpoint: str = options.url()
    ssl_ca: str = _pem_option()
    ssl_cert: str = _pem_option()
    ssl_key: str = _pem_option()

    def __post_init__(self) -> None:
        if self.console_port == self.port:
            raise options.BadOption("console-port", "another port than the option port has")
        if self.mode == "gateway" and not self.gateway_storage_service:
            raise options.BadOption("gateway-storage-service", "s3 or azure in mode gateway")
        if bool(self.ssl_cert) != bool(self.ssl_key):
            raise options.BadOption("ssl-cert", "a certificate only together with ssl-key")

    @property
    def secure(self) -> bool:
        """Whether MinIO speaks HTTPS."""
        return bool(self.ssl_cert)
