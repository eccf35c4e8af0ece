# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""A hook as Juju runs it: a process, with hook tools on its path.

The tools are shell scripts. Each writes down how it was called, and answers from files that were
made of a state beforehand, by its arguments; what has no answer fails, as it would with Juju.
There is no Pebble: containers have not started yet.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from kubefake import Cluster, serve
from ops import testing

from ..rights import account
from .charm import JUJU_VERSION, Charm

ASKING = (
    "config-get",
    "goal-state",
    "is-leader",
    "network-get",
    "opened-ports",
    "relation-get",
    "relation-ids",
    "relation-list",
    "secret-get",
    "secret-info-get",
    "status-get",
)
TELLING = (
    "application-version-set",
    "close-port",
    "juju-log",
    "open-port",
    "relation-set",
    "secret-add",
    "secret-grant",
    "secret-remove",
    "secret-set",
    "status-set",
)

_SCRIPT = """#!/bin/sh
tool=${0##*/}
printf '%s\\t' "$tool" "$@" >> "$HOOK_TOOLS/calls"
printf '\\n' >> "$HOOK_TOOLS/calls"
"""
_ASKING = """answer=$HOOK_TOOLS/answers/$tool
for word in "$@"; do answer=$answer/$word; done
test -f "$answer/answer" && exec cat "$answer/answer"
case $tool in
    secret-*) echo "ERROR secret not found" >&2 ;;
    *) echo "ERROR no answer to: $tool $*" >&2 ;;
esac
exit 1
"""
_NEW_SECRET = "secret:made0by0the0hook0tool"  # noqa: S105
_RELATION_SET = "exec cat > /dev/null\n"


@dataclasses.dataclass(frozen=True)
class Hook:
    """What came of a hook.

    Args:
        calls: The hook tools, each with its arguments, in order.
    """

    calls: list[tuple[str, ...]]
    code: int
    errors: str

    def of(self, *tools: str) -> list[tuple[str, ...]]:
        """The calls of some of the tools."""
        return [call for call in self.calls if call[0] in tools]


def run(
    charm: Charm, state: testing.State, hook: str, folder: pathlib.Path, cluster: Cluster
) -> Hook:
    """Run one hook of unit 0, such as `config-changed`, in an empty folder, on a cluster."""
    # What is unpacked on a unit: metadata in three files, and the source.
    root = folder / "charm"
    root.mkdir(parents=True)
    charm.directory.write_files(root)
    (root / "src").symlink_to(charm.directory.root / "src")
    tools = _tools(charm, state, folder / "tools")
    model = state.model.name or ""
    with serve.served(cluster) as server:
        user = account(model, charm.name)
        config = server.kubeconfig(folder / "kubeconfig", user, model)
        environment = {
            "HOME": str(folder),
            "HOOK_TOOLS": str(tools),
            "JUJU_CHARM_DIR": str(root),
            "JUJU_DISPATCH_PATH": f"hooks/{hook}",
            "JUJU_HOOK_NAME": hook,
            "JUJU_MODEL_NAME": model,
            "JUJU_MODEL_UUID": state.model.uuid,
            "JUJU_UNIT_NAME": f"{charm.name}/0",
            "JUJU_VERSION": JUJU_VERSION,
            "KUBECONFIG": str(config),
            "PATH": os.pathsep.join([str(tools / "bin"), os.environ.get("PATH", os.defpath)]),
        }
        done = subprocess.run(
            [sys.executable, "src/charm.py"],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    text = (tools / "calls").read_text() if (tools / "calls").exists() else ""
    calls = [tuple(line.rstrip("\t").split("\t")) for line in text.splitlines()]
    return Hook(calls, done.returncode, done.stderr)


def _tools(charm: Charm, state: testing.State, folder: pathlib.Path) -> pathlib.Path:
    (folder / "bin").mkdir(parents=True)
    special = {"secret-add": f"echo {_NEW_SECRET}\n", "relation-set": _RELATION_SET}
    for tool in (*ASKING, *TELLING):
        script = folder / "bin" / tool
        script.write_text(_SCRIPT + (_ASKING if tool in ASKING else special.get(tool, "")))
        script.chmod(0o755)
    for words, answer in _answers(charm, state):
        place = folder.joinpath("answers", *(part for word in words for part in word.split("/")))
        place.mkdir(parents=True, exist_ok=True)
        (place / "answer").write_text(json.dumps(answer))
    return folder


def _answers(charm: Charm, state: testing.State) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What is answered to which words."""
    yield ("config-get", "--format=json"), {**charm.directory.defaults, **state.config}
    yield ("is-leader", "--format=json"), state.leader
    units = {f"{charm.name}/{unit}": _GOAL for unit in range(state.planned_units)}
    yield ("goal-state", "--format=json"), {"units": units, "relations": {}}
    ports = [f"{port.port}/{port.protocol}" for port in state.opened_ports]
    yield ("opened-ports", "--format=json"), sorted(ports)
    status = {"status": state.unit_status.name, "message": state.unit_status.message}
    asked = ("--include-data", "--format=json", "--application=false")
    yield ("status-get", *asked), status
    for name in charm.directory.endpoints:
        ids = [f"{name}:{item.id}" for item in state.get_relations(name)]
        yield ("relation-ids", name, "--format=json"), ids
    for relation in state.relations:
        yield from _relation_answers(charm, relation)
    for secret in (*state.secrets, testing.Secret({"-": "-"}, id=_NEW_SECRET, owner="app")):
        yield from _secret_answers(secret)


def _secret_answers(secret: testing.Secret) -> Iterator[tuple[tuple[str, ...], Any]]:
    names = [(secret.id,), *([("--label", secret.label)] if secret.label else [])]
    info = {"label": secret.label, "owner": "application", "revision": 1, "rotation": "never"}
    for name in names:
        for more in ((), ("--refresh",), ("--peek",)):
            yield ("secret-get", "--format=json", *name, *more), secret.latest_content
        if secret.owner:
            # Juju's own answer has the model too, which the ids of ops.testing have not.
            yield ("secret-info-get", "--format=json", *name), {secret.id: info}


_GOAL = {"status": "active", "since": "2026-01-02T03:04:05Z"}


def _relation_answers(
    charm: Charm, relation: testing.RelationBase
) -> Iterator[tuple[tuple[str, ...], Any]]:
    name = f"{relation.endpoint}:{relation.id}"
    other = charm.name
    bags: dict[str, Any] = {f"{charm.name}/0": relation.local_unit_data}
    app_bags: dict[str, Any] = {charm.name: relation.local_app_data}
    if isinstance(relation, testing.Relation):
        other = relation.remote_app_name
        remote = {f"{other}/{unit}": bag for unit, bag in relation.remote_units_data.items()}
        app_bags[other] = relation.remote_app_data
    else:
        peers: Any = getattr(relation, "peers_data", {})
        remote = {f"{charm.name}/{unit}": bag for unit, bag in peers.items()}
    yield ("relation-list", "--format=json", "-r", name), list(remote)
    yield ("relation-list", "--format=json", "--app", "-r", name), other
    for app, bag in app_bags.items():
        yield ("relation-get", "--format=json", "-r", name, "--app", "-", app), bag
    for unit, bag in {**bags, **remote}.items():
        yield ("relation-get", "--format=json", "-r", name, "-", unit), bag
    address = relation.local_unit_data.get("ingress-address", "")
    network = {
        "bind-addresses": [{"interface-name": "", "addresses": [{"value": address}]}],
        "ingress-addresses": [address],
        "egress-subnets": [f"{address}/32"],
    }
    yield ("network-get", "--format=json", "-r", str(relation.id), relation.endpoint), network
