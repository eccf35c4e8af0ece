# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""How the MinIO server is started: command, environment, files, checks."""

from __future__ import annotations

import shlex

from charmkit import File, pebble
from minio_options import MinioConfig

CERTIFICATES = "/minio/.minio/certs"
CERTIFICATE_DIRS = (CERTIFICATES, f"{CERTIFICATES}/CAs")
LEVELS = {"ready": "ready", "alive": "alive"}


def command(options: MinioConfig) -> str:
    """The command line for the mode that is chosen."""
    words = ["minio", *_mode(options), "--certs-dir", CERTIFICATES]
    words += ["--address", f":{options.port}", "--console-address", f":{options.console_port}"]
    return shlex.join(words)


def environment(options: MinioConfig, password: str) -> dict[str, str]:
    """The environment; Prometheus scrapes without credentials."""
    return {
        "MINIO_PROMETHEUS_AUTH_TYPE": "public",
        "MINIO_ROOT_USER": options.access_key,
        "MINIO_ROOT_PASSWORD": password,
    }


def checks(options: MinioConfig) -> list[pebble.Check]:
    """Return checks that the server lives and is ready; over HTTPS only that it listens.

    Pebble trusts no certificate that is not signed by a public CA.
    """
    if options.secure:
        return [
            pebble.tcp_check(options.port, name=f"minio-{name}", level=level)
            for name, level in LEVELS.items()
        ]
    return [
        pebble.http_check(options.port, path, name=f"minio-{name}", level=LEVELS[name])
        for name, path in (("ready", "/minio/health/ready"), ("alive", "/minio/health/live"))
    ]


def files(options: MinioConfig) -> dict[str, File]:
    """The certificate, its key and the authorities, where MinIO looks for them."""
    wanted = {
        f"{CERTIFICATES}/private.key": File(options.ssl_key, mode=0o600),
        f"{CERTIFICATES}/public.crt": File(options.ssl_cert),
        f"{CERTIFICATES}/CAs/root.crt": File(options.ssl_ca),
    }
    return {path: file for path, file in wanted.items() if file.content}


def _mode(options: MinioConfig) -> list[str]:
    if options.mode == "server":
        return ["server", "/data"]
    endpoint = options.storage_service_endpoint
    return ["gateway", options.gateway_storage_service, *([endpoint] if endpoint else [])]
