# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Tokens of the application's ServiceAccount: asked for a day, renewed at half of it."""

from __future__ import annotations

import base64
import json
import pathlib
import time
from typing import Any

import charmkit
import ops
import pytest
from charmkit import service_account_token
from kubefake import Cluster
from ops import testing

FOLDER = "/var/run/secrets/kubeflow/tokens"
PATH = f"{FOLDER}/agent-sa-token"
AUDIENCE = "pipelines.kubeflow.org"


@pytest.fixture
def ctx(context: Any) -> testing.Context[Any]:
    def components(charm: ops.CharmBase) -> list[charmkit.Component]:
        token = service_account_token.ServiceAccountToken(charm, "agent", PATH, AUDIENCE)
        return [token, _User(charm, token)]

    return context(components, meta={"containers": {"agent": {}}})


class _User(charmkit.Component):
    """What needs the token."""

    def __init__(self, charm: ops.CharmBase, token: service_account_token.ServiceAccountToken):
        super().__init__(charm)
        self._token = token

    def reconcile(self) -> None:
        self._token.require()


@pytest.fixture
def accounts(cluster: Cluster) -> Cluster:
    cluster.install("", "serviceaccounts", {"metadata": {"name": "app", "namespace": "ml"}})
    return cluster


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    """The file in the container, which outlives a hook."""
    return tmp_path / "agent-sa-token"


def run(ctx: testing.Context[Any], file: pathlib.Path) -> testing.State:
    mounts = {"tokens": testing.Mount(location=FOLDER, source=file.parent)}
    container = testing.Container("agent", can_connect=True, mounts=mounts)
    state = testing.State(leader=True, containers=[container], model=testing.Model("ml"))
    return ctx.run(ctx.on.update_status(), state)


def claims(file: pathlib.Path) -> dict[str, Any]:
    payload = file.read_text().split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=="))


def test_token_is_asked_for_a_day_and_its_audience(
    ctx: testing.Context[Any], accounts: Cluster, file: pathlib.Path
) -> None:
    state = run(ctx, file)
    token = claims(file)
    assert token["exp"] - token["iat"] == 86400
    assert token["aud"] == [AUDIENCE]
    assert token["sub"] == "system:serviceaccount:ml:app"
    assert state.unit_status == ops.ActiveStatus()


def test_only_its_owner_reads_the_file(
    ctx: testing.Context[Any], accounts: Cluster, file: pathlib.Path
) -> None:
    run(ctx, file)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("hours", "renewed"), [(0, False), (11, False), (13, True), (30, True)])
def test_token_is_renewed_at_half_of_its_time(
    ctx: testing.Context[Any],
    accounts: Cluster,
    file: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    hours: int,
    renewed: bool,
) -> None:
    run(ctx, file)
    accounts.journal.clear()
    later = time.time() + hours * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    run(ctx, file)
    assert bool(accounts.journal) == renewed


def test_new_container_gets_a_new_token(
    ctx: testing.Context[Any], accounts: Cluster, file: pathlib.Path
) -> None:
    run(ctx, file)
    file.unlink()
    accounts.journal.clear()
    run(ctx, file)
    assert [entry.resource for entry in accounts.journal] == ["serviceaccounts/token"]
    assert claims(file)


def test_nothing_starts_without_a_token(
    ctx: testing.Context[Any], cluster: Cluster, file: pathlib.Path
) -> None:
    """The cluster has no such ServiceAccount."""
    state = run(ctx, file)
    assert state.unit_status.name == "waiting"
    assert not file.exists()


@pytest.mark.parametrize("text", ["", "one.two.three", "none"])
def test_what_is_no_token_is_replaced(
    ctx: testing.Context[Any], accounts: Cluster, file: pathlib.Path, text: str
) -> None:
    file.write_text(text)
    run(ctx, file)
    assert claims(file)["aud"] == [AUDIENCE]
