"""How the MinIO server is started: command, environment, files, checks."""

from __future__ import annotations

import shlex

from charmkit import File
from minio_options import MinioOptions

CERTIFICATES = "/minio/.minio/certs"


def command(options: MinioOptions) -> str:
    """The command line for the mode that is chosen."""
    words = ["minio", *_mode(options), "--certs-dir", CERTIFICATES]
    words += ["--address", f":{options.port}", "--console-address", f":{options.console_port}"]
    return shlex.join(words)


def environment(options: MinioOptions, password: str) -> dict[str, str]:
    """The environment; Prometheus scrapes without credentials."""
    return {
        "MINIO_PROMETHEUS_AUTH_TYPE": "public",
        "MINIO_ROOT_USER": options.access_key,
        "MINIO_ROOT_PASSWORD": password,
    }


def checks(options: MinioOptions) -> dict[str, object]:
    """Whether the server lives and is ready; over HTTPS only whether it listens.

    Pebble trusts no certificate that is not signed by a public authority.
    """
    return {
        "minio-ready": _check("ready", options, "/minio/health/ready"),
        "minio-alive": _check("alive", options, "/minio/health/live"),
    }


def files(options: MinioOptions) -> dict[str, File]:
    """The certificate, its key and the authorities, where MinIO looks for them."""
    wanted = {
        f"{CERTIFICATES}/private.key": File(options.ssl_key, mode=0o600),
        f"{CERTIFICATES}/public.crt": File(options.ssl_cert),
        f"{CERTIFICATES}/CAs/root.crt": File(options.ssl_ca),
    }
    return {path: file for path, file in wanted.items() if file.content}


def _mode(options: MinioOptions) -> list[str]:
    if options.mode == "server":
        return ["server", "/data"]
    endpoint = options.storage_service_endpoint
    return ["gateway", options.gateway_storage_service, *([endpoint] if endpoint else [])]


def _check(level: str, options: MinioOptions, path: str) -> dict[str, object]:
    if options.secure:
        how = {"tcp": {"port": options.port}}
    else:
        how = {"http": {"url": f"http://localhost:{options.port}{path}"}}
    return {"override": "replace", "level": level, "period": "30s", **how}
