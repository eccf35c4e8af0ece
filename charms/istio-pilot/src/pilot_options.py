"""The options of the istio-pilot charm."""

from __future__ import annotations

import dataclasses
import ipaddress
from typing import Any

import yaml
from charmkit import config, names

ALWAYS = "always"
ONCE_RELATED = "once-related"
WHILE_RELATED = "while-related"

_IMAGE_KEYS = {
    "pilot-image": "pilot",
    "global-proxy-image": "proxyv2",
    "global-proxy-init-image": "proxyv2",
    "cni-image": "install-cni",
}
_ALL_KEYS = {*_IMAGE_KEYS, "global-hub", "global-tag", "grpc-bootstrap-init"}


@dataclasses.dataclass(frozen=True)
class Images:
    """Where images come from.

    Args:
        hub: the registry and folder of names without a slash.
        tag: their tag.
        pilot: istiod.
        proxy: the proxy, as its name stands in the options.
        proxy_init: what sets up a pod's network, likewise.
        cni: the installer of the CNI plugin.
    """

    hub: str
    tag: str
    pilot: str
    proxy: str
    proxy_init: str
    cni: str


def _images(raw: str | None) -> Images:
    try:
        given = yaml.safe_load(raw or "")
    except yaml.YAMLError as error:
        raise ValueError("not YAML") from error
    if not isinstance(given, dict):
        raise ValueError("not a mapping")
    unknown = sorted(str(key) for key in set(given) - _ALL_KEYS)
    if unknown:
        raise ValueError(f"no key {unknown[0]}")
    for key in ("global-hub", "global-tag"):
        if not given.get(key):
            raise ValueError(f"{key} is missing")
    hub, tag = str(given["global-hub"]), str(given["global-tag"])
    pilot, proxy, proxy_init, cni = (
        str(given.get(key, default)) for key, default in _IMAGE_KEYS.items()
    )
    return Images(hub, tag, _full(pilot, hub, tag), proxy, proxy_init, _full(cni, hub, tag))


def _full(image: str, hub: str, tag: str) -> str:
    return image if "/" in image else f"{hub}/{image}:{tag}"


def _folder(raw: str | None) -> str:
    if raw and not raw.startswith("/"):
        raise ValueError(raw)
    return raw or ""


def _label(raw: str | None) -> str:
    if not names.is_label(raw or ""):
        raise ValueError(raw)
    return raw or ""


def _host(raw: str | None) -> str:
    host = raw or ""
    if host and not (names.is_subdomain(host.removeprefix("*.")) or _is_address(host)):
        raise ValueError(host)
    return host


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _count(raw: int) -> int:
    if not 1 <= raw <= 100:
        raise ValueError(raw)
    return raw


def _folder_option() -> Any:
    return config.custom(
        _folder, "the full path of a folder, or nothing", invalid_example="opt/cni/bin"
    )


def _label_option() -> Any:
    accepts = "a name of at most 63 lower-case letters, digits and dashes"
    return config.custom(_label, accepts, invalid_example="No_Name")


def _count_option() -> Any:
    return config.custom(_count, "a number from 1 to 100", invalid_example=0)


@dataclasses.dataclass(frozen=True)
class PilotConfig:
    """The options, parsed."""

    authentication: str = config.one_of(ALWAYS, ONCE_RELATED, WHILE_RELATED)
    cni_bin_dir: str = _folder_option()
    cni_conf_dir: str = _folder_option()
    csr_domain_name: str = config.custom(
        _host, "a host name, or nothing", invalid_example="https://no host"
    )
    default_gateway: str = _label_option()
    gateway_service_name: str = _label_option()
    image_configuration: Images = config.custom(  # noqa: RUF009  what it returns is a field
        _images,
        f"a YAML mapping of {', '.join(sorted(_ALL_KEYS))}",
        invalid_example="{pilot: image}",
    )
    istiod_replicas: int = _count_option()
    istiod_max_replicas: int = _count_option()
    tls_secret_id: str = config.text()

    @property
    def cni(self) -> dict[str, str]:
        """The folders of the CNI plugin, or nothing: it takes both."""
        both = self.cni_bin_dir and self.cni_conf_dir
        return {"bin": self.cni_bin_dir, "conf": self.cni_conf_dir} if both else {}
