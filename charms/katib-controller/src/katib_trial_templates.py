# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Templates of trials, which the page offers: the charm's own in `src/trial_templates`, and more.

They are text: Katib puts parameters in before it parses them.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping
from typing import Any, cast

import yaml
from charmkit import yaml_text
from katib_images import Images

OWN = {
    "defaultTrialTemplate.yaml": "default_trial_template",
    "enasCPUTemplate": "default_trial_template_enas",
    "pytorchJobTemplate": "default_trial_template_pytorch",
}
"""The charm's templates by the names that the published charm gives them, and their images."""

_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def parse(raw: str | None) -> dict[str, str]:
    """Return the text of each template of the option `trial-templates`.

    Args:
        raw: a YAML mapping of names to manifests, as a mapping or as text.

    Raises:
        ValueError: naming the template and what is wrong with it.
    """
    named = yaml_text.load(raw or "")
    if named is None:
        return {}
    if not isinstance(named, dict):
        raise ValueError("not a mapping")
    return dict(_template(str(name), item) for name, item in cast("dict[Any, Any]", named).items())


def templates(images: Images, more: Mapping[str, str], charm_dir: pathlib.Path) -> dict[str, str]:
    """Return the data of the ConfigMap that the page reads.

    Args:
        images: all images, by name.
        more: the templates of the option.
        charm_dir: where the charm's files are.
    """
    return {name: _own(name, images, charm_dir) for name in OWN} | dict(more)


def _own(name: str, images: Images, charm_dir: pathlib.Path) -> str:
    stem = name.removesuffix(".yaml")
    text = (charm_dir / f"src/trial_templates/{stem}.yaml").read_text()
    return text.replace(f'"{OWN[name]}"', f'"{images[OWN[name]]}"')


def _template(name: str, item: Any) -> tuple[str, str]:
    if not _KEY.fullmatch(name):
        raise ValueError(f"{name} is not letters, digits, dashes, dots and underscores")
    manifest = yaml_text.load(item) if isinstance(item, str) else item
    if not isinstance(manifest, dict) or not {"apiVersion", "kind"} <= set(
        cast("dict[Any, Any]", manifest)
    ):
        raise ValueError(f"{name} is not a manifest with apiVersion and kind")
    return name, item if isinstance(item, str) else yaml.safe_dump(manifest, sort_keys=False)
