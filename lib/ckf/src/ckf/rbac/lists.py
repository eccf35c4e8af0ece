# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The recorded rights: one file per application, with a reason for what needs one."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import jujusim
import yaml

from . import findings
from .rights import CLUSTER, NAMESPACE, Rights
from .rules import text

DIRECTORY = pathlib.Path("tests/kube/rights")
_HEAD = """\
# Rights of {app}, written by `python -m ckf.rbac record`; the reasons are written by hand.
"""


def read(directory: pathlib.Path) -> dict[str, tuple[Rights, dict[str, str]]]:
    """Return the recorded rights and their reasons, by application."""
    found: dict[str, tuple[Rights, dict[str, str]]] = {}
    for path in sorted(directory.glob("*.yaml")):
        content: dict[str, Any] = yaml.safe_load(path.read_text())
        reasons = content.pop("reasons")
        found[path.stem] = (Rights(**content), reasons)
    return found


def granted(recorded: Mapping[str, tuple[Rights, Mapping[str, str]]]) -> jujusim.Granted:
    """Return what each charm's account gets when it gets exactly what is recorded."""
    return {
        app: (rights.charm[NAMESPACE], rights.charm[CLUSTER])
        for app, (rights, _) in recorded.items()
    }


def write(directory: pathlib.Path, found: Mapping[str, Rights]) -> list[str]:
    """Write the rights of all applications; reasons that were given before are kept.

    Returns:
        What still has no reason, one line each.
    """
    before = read(directory)
    directory.mkdir(parents=True, exist_ok=True)
    missing: list[str] = []
    for app, rights in found.items():
        given = before[app][1] if app in before else {}
        needed = findings.of(rights)
        reasons = {finding: given[finding] for finding in needed if finding in given}
        missing += [f"{app}: {finding}" for finding in needed if finding not in given]
        content = {**dataclasses.asdict(rights), "reasons": reasons}
        body = yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=99)
        (directory / f"{app}.yaml").write_text(_HEAD.format(app=app) + body)
    for path in directory.glob("*.yaml"):
        if path.stem not in found:
            path.unlink()
    return missing


def differences(recorded: Rights, found: Rights) -> list[str]:
    """Return what has been added to and removed from recorded rights, one line each."""
    old, new = recorded.asks(), found.asks()
    added = [f"+ {where}: {text(ask)}" for where, ask in sorted(new - old)]
    return added + [f"- {where}: {text(ask)}" for where, ask in sorted(old - new)]


class _Dumper(yaml.SafeDumper):
    """Writes nothing by reference."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Always."""
        return True


def _represent_list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    """Lists of words stand on one line."""
    flow = all(isinstance(item, str) for item in data)
    sequence: Any = dumper.represent_sequence  # pyright: ignore[reportUnknownMemberType]
    return sequence("tag:yaml.org,2002:seq", data, flow_style=flow)


_Dumper.add_representer(list, _represent_list)
