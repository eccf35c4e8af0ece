# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The options of the jupyter-ui charm."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

import spawner_images
from charmkit import config, names, yaml_text
from charmkit.kubeflow import web_app
from spawner_scheduling import AFFINITY, TOLERATION
from spawner_shapes import Check, any_text, fields, items, named, text, word, wrong
from spawner_volumes import VOLUME

GPU_NUMBERS = (0, 1, 2, 4, 8)
"""Between what numbers of GPUs the page lets users choose."""

LOCKABLE = (
    "imagePullPolicy",
    "cpu",
    "memory",
    "gpus",
    "affinityConfig",
    "tolerationGroup",
    "shm",
    "configurations",
    "environment",
)
"""The parts of the form whose value users can be kept from changing.

Not volumes: the page sends them although they are locked, and its server then refuses that.
"""

_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


def is_extended_resource(name: str) -> bool:
    """Whether it names a resource that device plugins bring.

    Source: IsExtendedResourceName in pkg/apis/core/helper of github.com/kubernetes/kubernetes.
    """
    domain, slash, _ = name.partition("/")
    native = domain == "kubernetes.io" or domain.endswith(".kubernetes.io")
    return bool(slash) and not native and names.is_qualified(f"requests.{name}")


def _key(path: str, value: Any) -> None:
    text(path, value)
    if value == "none":
        raise wrong(path, "is none, which is what the page calls no choice")


_VENDOR = fields(
    {
        "limitsKey": named(is_extended_resource, "the name of an extended resource"),
        "uiName": text,
    }
)
_AFFINITY = fields({"configKey": _key, "displayName": text, "affinity": AFFINITY})
_TOLERATIONS = fields({"groupKey": _key, "displayName": text, "tolerations": items(TOLERATION)})
_IMAGE = named(names.is_image, "a container image")
_LABEL = named(names.is_qualified, "the key of a label")


def _listed(name: str, raw: str | None, check: Check, key: str = "") -> tuple[Any, ...] | None:
    """The entries of a YAML list, all checked, or None if there is no list.

    Args:
        name: the option's.
        raw: its value.
        check: checks one entry.
        key: the field that tells entries apart.
    """
    entries = yaml_text.load(raw or "")
    if entries is None:
        return None
    if not isinstance(entries, list):
        raise ValueError("not a list")
    items(check)(name, entries)
    keys = [entry[key] if key else entry for entry in entries]
    for index, value in enumerate(keys):
        if value in keys[:index]:
            place = f"{name}[{index}].{key}".rstrip(".")
            raise wrong(place, f"is {value}, as in entry {keys.index(value)}")
    return tuple(entries)


def _list(name: str, of: str, check: Check, invalid_example: str, key: str = "") -> Any:
    def parse(raw: str | None) -> tuple[Any, ...]:
        return _listed(name, raw, check, key) or ()

    return config.custom(parse, f"a YAML list of {of}", invalid_example=invalid_example)


def _images(name: str, default: Iterable[str]) -> Any:
    def parse(raw: str | None) -> tuple[str, ...]:
        listed = _listed(name, raw, _IMAGE)
        return tuple(default) if listed is None else listed

    return config.custom(
        parse, "a YAML list of container images, or nothing", invalid_example="[not one]"
    )


def _workspace(raw: str | None) -> dict[str, Any] | None:
    volume = yaml_text.load(raw or "")
    if volume is not None:
        VOLUME("workspace-volume", volume)
    return volume


def _environment(raw: str | None) -> dict[str, str]:
    variables = yaml_text.load(raw or "") or {}
    if not isinstance(variables, Mapping):
        raise ValueError("not a mapping")
    for name, value in variables.items():
        if not _VARIABLE.fullmatch(str(name)):
            raise wrong(f"environment: {name}", "is not the name of a variable")
        any_text(f"environment.{name}", value)
    return dict(variables)


def _gpu_number(raw: int) -> int:
    if raw not in GPU_NUMBERS:
        raise ValueError(raw)
    return raw


@dataclasses.dataclass(frozen=True)
class SpawnerConfig:
    """The options, parsed.

    Raises:
        BadOption: if a default names none of the entries, or none although users can't choose.
    """

    network_policy: bool = config.boolean()
    port: int = config.port()
    ui: str = config.one_of("default")
    url_prefix: str = config.path(required=True)
    backend_mode: str = web_app.backend_mode()
    secure_cookies: bool = config.boolean()
    jupyter_images: tuple[str, ...] = _images("jupyter-images", spawner_images.JUPYTER)
    vscode_images: tuple[str, ...] = _images("vscode-images", spawner_images.VSCODE)
    rstudio_images: tuple[str, ...] = _images("rstudio-images", spawner_images.RSTUDIO)
    allow_custom_image: bool = config.boolean()
    hide_registry: bool = config.boolean()
    hide_tag: bool = config.boolean()
    image_pull_policy: str = config.one_of("Always", "IfNotPresent", "Never")
    cpu_default: str = config.number(of="a number of CPUs")
    cpu_limit_factor: str = config.number(1, words=["none"])
    memory_default: str = config.number(of="a number of Gi", unit="Gi")
    memory_limit_factor: str = config.number(1, words=["none"])
    gpu_number_default: int = config.custom(
        _gpu_number, "0 or 1 or 2 or 4 or 8 GPUs", invalid_example=3
    )
    gpu_vendors: tuple[dict[str, str], ...] = _list(
        "gpu-vendors",
        "GPUs, each with limitsKey and uiName",
        _VENDOR,
        invalid_example="[{limitsKey: cpu, uiName: CPU}]",
        key="limitsKey",
    )
    gpu_vendors_default: str = config.text()
    affinity_options: tuple[dict[str, Any], ...] = _list(
        "affinity-options",
        "affinities, each with configKey, displayName and affinity",
        _AFFINITY,
        invalid_example="[{configKey: one, displayName: One, affinity: {nodes: [one]}}]",
        key="configKey",
    )
    affinity_options_default: str = config.text()
    tolerations_options: tuple[dict[str, Any], ...] = _list(
        "tolerations-options",
        "tolerations, each with groupKey, displayName and tolerations",
        _TOLERATIONS,
        invalid_example=(
            "[{groupKey: one, displayName: One, tolerations: [{key: gpu, effect: Never}]}]"
        ),
        key="groupKey",
    )
    tolerations_options_default: str = config.text()
    default_poddefaults: tuple[str, ...] = _list(
        "default-poddefaults", "labels of PodDefaults", _LABEL, invalid_example="[not a label]"
    )
    workspace_volume: Mapping[str, Any] | None = config.custom(
        _workspace,
        "a YAML mapping with mount and newPvc or existingSource, or nothing",
        invalid_example="mount: /home",
    )
    data_volumes: tuple[dict[str, Any], ...] = _list(
        "data-volumes",
        "volumes, each with mount and newPvc or existingSource",
        VOLUME,
        invalid_example="[{mount: /data}]",
        key="mount",
    )
    shared_memory: bool = config.boolean()
    environment: Mapping[str, str] = config.custom(
        _environment, "a YAML mapping of names to texts", invalid_example="{ONE: 1}"
    )
    read_only: tuple[str, ...] = _list(
        "read-only",
        f"some of {', '.join(LOCKABLE)}",
        word(*LOCKABLE),
        invalid_example="[everything]",
    )

    def __post_init__(self) -> None:
        self._check_default("gpu-vendors", "limitsKey")
        self._check_default("affinity-options", "configKey")
        self._check_default("tolerations-options", "groupKey")
        if "gpus" in self.read_only and self.gpu_number_default and not self.gpu_vendors_default:
            # The page's server would ask for GPUs of no vendor.
            accepts = "a limitsKey of gpu-vendors, since read-only has gpus"
            raise config.InvalidConfig("gpu-vendors-default", accepts)

    def _check_default(self, option: str, key: str) -> None:
        """Refuse a default that chooses nothing that there is."""
        field = option.replace("-", "_")
        offered = [entry[key] for entry in getattr(self, field)]
        if getattr(self, f"{field}_default") not in ("", *offered):
            some = ", ".join(offered) or "there is none"
            accepts = f"nothing, or a {key} of {option} ({some})"
            raise config.InvalidConfig(f"{option}-default", accepts)
