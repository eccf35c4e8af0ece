# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A deployment as files: objects, plans, files, databags and the trace."""

import hashlib
import json
import os
import pathlib
import re
import shutil
from collections.abc import Iterator, Mapping
from typing import Any, cast

import jujusim
import yaml

from ..bundle import InputError
from ..preview import Deployment, cluster
from . import redaction
from .redaction import REDACTED, Redactor

TRACE = "events.jsonl"
FOLDERS = ("kubernetes", "pebble", "files", "relations")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
# What a file system takes, with room for an ending.
_LONGEST = 200


def check(directory: pathlib.Path) -> None:
    """Make the directory, or refuse one that holds anything else than an earlier output.

    Raises:
        InputError: It does, or cannot be made or written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in directory.iterdir()}
    except FileExistsError as error:
        raise InputError(f"cannot write to {directory}: it is a file") from error
    except OSError as error:
        raise InputError(f"cannot write to {directory}: {error.strerror}") from error
    if names and not _is_output(directory):
        raise InputError(f"{directory} is not empty, and not what an earlier preview has written")
    if not os.access(directory, os.W_OK):
        raise InputError(f"cannot write to {directory}: Permission denied")


def write(directory: pathlib.Path, deployment: Deployment, redactor: Redactor) -> None:
    """Write everything, in place of an earlier output, to a directory that `check` has passed.

    Raises:
        InputError: It cannot be written.
    """
    try:
        # The trace comes first: by it an output is known, also one that was not finished.
        records = (redactor.data(json.loads(line)) for line in deployment.model.trace.lines())
        lines = [json.dumps(entry) for entry in (header(deployment, redactor), *records)]
        (directory / TRACE).write_text("\n".join([*lines, ""]))
        for name in FOLDERS:
            _remove(directory / name)
        for path, content in tree(deployment, redactor):
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        raise InputError(f"cannot write {error.filename}: {error.strerror}") from error


def header(deployment: Deployment, redactor: Redactor) -> dict[str, Any]:
    """Return the trace's first line: what `ckf replay` needs to do it again."""
    request = deployment.request
    hidden = redaction.secret_options(request.config) if redactor.active else {}
    return {"ckf": 1, "request": request.to_dict(hidden)}


def read_trace(path: pathlib.Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the request and the records of a trace.

    Raises:
        InputError: It cannot be read, or is none.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            request = _request(lines.readline())
            return request, [dict(json.loads(line)) for line in lines]
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f"{path} is not a trace that ckf preview has written") from error


def _request(line: str) -> dict[str, Any]:
    """Return the request in the first line of a trace; raise anything for another line."""
    return dict(json.loads(line)["request"])


def _is_output(directory: pathlib.Path) -> bool:
    """By the trace's first line, so that also one that was not finished is known."""
    try:
        with (directory / TRACE).open(encoding="utf-8") as lines:
            _request(lines.readline())
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return True


def _remove(folder: pathlib.Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def tree(
    deployment: Deployment, redactor: Redactor, *, status: bool = True
) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of every file but the trace, with the status of objects."""
    model = deployment.model
    for owned in cluster.objects(model):
        content = object_content(owned.obj, redactor)
        if not status:
            content.pop("status", None)
        yield f"kubernetes/{owned.app}/{_safe(owned.file_name)}.yaml", yaml_bytes(content)
    for unit in model.units.values():
        for name, container in unit.containers.items():
            place = f"{unit.name.replace('/', '-')}/{_safe(name)}"
            yield f"pebble/{place}.yaml", yaml_bytes(plan(container, redactor))
            for path, content in container.files().items():
                yield f"files/{place}/{path.lstrip('/')}", redactor.content(content)
    for relation in model.relations.values():
        ends = "--".join(f"{side.app}.{side.endpoint.name}" for side in relation.sides)
        content = _relation(relation, redactor)
        yield f"relations/{relation.id}-{_safe(ends)}.yaml", yaml_bytes(content)


def object_content(obj: cluster.Object, redactor: Redactor) -> dict[str, Any]:
    """Return an object as one would write it, without the secrets in it."""
    found = redactor.data(cluster.clean(obj))
    if obj["kind"] == "Secret" and redactor.active and found.get("data"):
        found["data"] = dict.fromkeys(found["data"], REDACTED)
    return found


def plan(container: jujusim.Pebble, redactor: Redactor) -> dict[str, Any]:
    """Return a container's combined plan, without the secrets in it."""
    found = container.plan()
    for service in found["services"].values():
        if "environment" in service:
            service["environment"] = redactor.named(service["environment"])
    return {section: redactor.data(entries) for section, entries in found.items() if entries}


def _relation(relation: jujusim.Relation, redactor: Redactor) -> dict[str, Any]:
    bags = {**relation.apps, **relation.units}
    return {
        "id": relation.id,
        "interface": relation.interface,
        "endpoints": [str(side) for side in relation.sides],
        "databags": {name: redactor.named(bag.content) for name, bag in sorted(bags.items())},
    }


def _safe(name: str) -> str:
    """Return a name that every file system takes; one that had to be changed stays unique."""
    safe = _UNSAFE.sub("_", name)[:_LONGEST]
    if safe == name and name not in (".", ".."):
        return name
    return f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def yaml_bytes(content: Mapping[str, Any]) -> bytes:
    """Return content as YAML that a person reads: as it is ordered, and texts as they are."""
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    return text.encode()


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as such, and nothing by reference."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Always."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return cast("Any", dumper).represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
