# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the istio-pilot charm."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from charmkit import config, names, shapes

ALWAYS = "always"
ONCE_RELATED = "once-related"
WHILE_RELATED = "while-related"

_IMAGE_KEYS = {
    "pilot-image": "pilot",
    "global-proxy-image": "proxyv2",
    "global-proxy-init-image": "proxyv2",
    "cni-image": "install-cni",
}
_NOTHING = ("", "null", "~")
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


def _images(given: Mapping[str, str]) -> Images:
    """Read the images; a key without a value is as good as none."""
    shapes.check(given, shapes.fields(optional=dict.fromkeys(_ALL_KEYS, shapes.TEXT)))
    texts = {key: value.strip() for key, value in given.items() if value not in _NOTHING}
    for key in ("global-hub", "global-tag"):
        if not texts.get(key):
            raise ValueError(f"{key}: is missing")
    hub, tag = texts["global-hub"].rstrip("/"), texts["global-tag"]
    named = {key: texts.get(key, default) for key, default in _IMAGE_KEYS.items()}
    for key, name in named.items():
        if not names.is_image(_full(name, hub, tag)):
            raise ValueError(f"{key}: {_full(name, hub, tag)} is no image")
    pilot, proxy, proxy_init, cni = named.values()
    return Images(hub, tag, _full(pilot, hub, tag), proxy, proxy_init, _full(cni, hub, tag))


def _full(image: str, hub: str, tag: str) -> str:
    return image if "/" in image else f"{hub}/{image}:{tag}"


@dataclasses.dataclass(frozen=True)
class PilotConfig:
    """The options, parsed."""

    authentication: str = config.one_of(ALWAYS, ONCE_RELATED, WHILE_RELATED)
    cni_bin_dir: str = config.path(of="the path of a folder")
    cni_conf_dir: str = config.path(of="the path of a folder")
    csr_domain_name: str = config.host(wildcard=True)
    default_gateway: str = config.object_name("Gateway")
    gateway_service_name: str = config.object_name("Service")
    image_configuration: Images = config.yaml_mapping(  # noqa: RUF009  what it returns is a field
        _images, ", ".join(sorted(_ALL_KEYS)), texts=True, invalid_example="{pilot: image}"
    )
    istiod_replicas: int = config.integer(1, 100)
    istiod_max_replicas: int = config.integer(1, 100)
    tls_secret_id: str = config.text()

    def __post_init__(self) -> None:
        folders = {"cni-bin-dir": self.cni_bin_dir, "cni-conf-dir": self.cni_conf_dir}
        missing = [name for name, folder in folders.items() if not folder]
        if len(missing) == 1:
            accepts = "the path of a folder while the other folder of the CNI plugin is set"
            raise config.InvalidConfig(missing[0], accepts, "nothing")

    @property
    def cni(self) -> dict[str, str]:
        """The folders of the CNI plugin, or nothing: it takes both."""
        both = self.cni_bin_dir and self.cni_conf_dir
        return {"bin": self.cni_bin_dir, "conf": self.cni_conf_dir} if both else {}
