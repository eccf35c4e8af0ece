# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Volumes of a notebook, as the page's server reads them.

Source: backend/apps/common/volumes.py of the Jupyter web app, and for claims and volumes the
Kubernetes API.
"""

from __future__ import annotations

import re
from typing import Any

from charmkit import names, shapes
from spawner_shapes import (
    any_mapping,
    any_text,
    both,
    fields,
    items,
    named,
    text,
    values,
    word,
    wrong,
)

NOTEBOOK = "{notebook-name}"
"""What the page replaces with the notebook's name, in names of claims."""

_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?([KMGTPE]i|[kMGTPE])?")

_PATH = named(lambda path: path.startswith("/") and ":" not in path, "the path of a directory")
_NAME = named(lambda name: names.is_subdomain(name.replace(NOTEBOOK, "n")), "the name of a claim")
_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_SIZE = named(lambda size: bool(_QUANTITY.fullmatch(size)), "a size like 5Gi")


def _is_named(path: str, value: Any) -> None:
    if ("name" in value) == ("generateName" in value):
        raise wrong(path, "needs one of name and generateName")


_METADATA = both(
    fields(
        optional={
            "name": _NAME,
            "generateName": text,
            "labels": values(any_text),
            "annotations": values(any_text),
        }
    ),
    _is_named,
)
_SPEC = fields(
    {
        "accessModes": items(word(*_MODES), at_least=1),
        "resources": fields({"requests": fields({"storage": _SIZE})}, {"limits": any_mapping}),
    },
    {
        "dataSource": any_mapping,
        "dataSourceRef": any_mapping,
        "selector": any_mapping,
        "storageClassName": any_text,
        "volumeAttributesClassName": text,
        "volumeMode": word("Filesystem"),
        "volumeName": text,
    },
)


def _has_one_source(path: str, value: Any) -> None:
    if ("newPvc" in value) == ("existingSource" in value):
        raise wrong(path, "needs one of newPvc and existingSource")


def _existing(path: str, value: Any) -> None:
    """A volume of a pod without its name; the server makes one up but for a claim."""
    any_mapping(path, value)
    if len(value) != 1:
        raise wrong(path, "needs one source, for example persistentVolumeClaim")
    for kind, source in value.items():
        any_mapping(f"{path}.{kind}", source)
    shapes.check({"name": "any", **value}, shapes.kubernetes("Volume"), path)


VOLUME = both(
    fields(
        {"mount": _PATH},
        {
            "name": any_text,
            "newPvc": fields({"metadata": _METADATA, "spec": _SPEC}),
            "existingSource": _existing,
        },
    ),
    _has_one_source,
)
"""A volume that a notebook gets."""
