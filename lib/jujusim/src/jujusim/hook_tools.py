# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The hook tools of one hook, answered from the model."""

import datetime
import pathlib
import weakref
from typing import Any

import ops

from .charm import CharmDir
from .hook import Job, Result, network
from .ops_internals import BaseBackend, Context, network_output


class Backend(BaseBackend):
    """Hook tools that answer from the model."""

    def __init__(self, job: Job, context: Context):
        super().__init__(
            job.state, job.scenario_event, context, ops.JujuContext.from_environ(job.env)
        )
        self._job = job

    def get_pebble(self, socket_path: str) -> Any:
        """Return the Pebble of one of the unit's containers."""
        name = pathlib.PurePosixPath(socket_path).parent.name
        return self._job.unit.containers[name]

    def config_get(self) -> dict[str, Any]:
        """``config-get``."""
        return {**self._job.charm.defaults, **self._job.unit.app.config}

    def network_get(self, binding_name: str, relation_id: int | None = None) -> Any:  # noqa: ARG002
        """``network-get``: one address for every binding."""
        known = {*self._job.charm.endpoints, "juju-info"}
        if binding_name not in known:
            raise ops.RelationNotFoundError
        return network_output(network(self._job.unit))

    def relation_list(
        self, relation_id: int, *, relation_name: str | None = None
    ) -> tuple[str, ...]:
        """``relation-list``: a unit that departs is not in it."""
        members = super().relation_list(relation_id, relation_name=relation_name)
        event = self._job.event
        if event.kind == "relation-departed" and event.relation == relation_id:
            return tuple(member for member in members if member != event.remote_unit)
        return members

    def storage_get(self, storage_name_id: str, attribute: str) -> str:
        """``storage-get``."""
        if attribute != "location":
            raise NotImplementedError(f"storage-get {attribute}")
        return str(self._job.unit.storages[storage_name_id])

    def storage_event(self) -> tuple[int, str]:
        """Return number and path of the storage that the hook is about."""
        name = self._job.event.subject
        return int(name.partition("/")[2]), str(self._job.unit.storages[name])

    def resource_get(self, resource_name: str) -> str:
        """``resource-get``: the bundle's resources are images, which have no file."""
        raise ops.ModelError(f"ERROR resource {resource_name} is an image, not a file")

    # Secrets.

    def secret_get(
        self,
        *,
        id: str | None = None,  # noqa: A002
        label: str | None = None,
        refresh: bool = False,
        peek: bool = False,
    ) -> dict[str, str]:
        """``secret-get``."""
        return self._job.secrets.content(id, label, refresh=refresh, peek=peek)

    def secret_info_get(self, *, id: str | None = None, label: str | None = None) -> Any:  # noqa: A002
        """``secret-info-get``."""
        secret = self._managed(id, label)
        return ops.SecretInfo(
            id=f"secret:{secret.id}",
            label=secret.label or None,
            description=secret.description or None,
            revision=secret.latest,
            expires=secret.expire,
            rotation=secret.rotate,
            rotates=secret.rotate_at,
            model_uuid=self._job.state.model.uuid,
        )

    def secret_add(
        self, content: dict[str, str], *, owner: str | None = None, expire: Any = None, **kw: Any
    ) -> str:
        """``secret-add``."""
        unit = self._job.unit
        if owner != "unit" and not self.is_leader():
            raise ops.ModelError("ERROR permission denied: only the leader owns for the app")
        name = unit.name if owner == "unit" else unit.app.name
        when = self._moment(expire)
        return f"secret:{self._job.secrets.add(content, owner=name, expire=when, **kw)}"

    def secret_set(self, id: str, *, content: Any = None, expire: Any = None, **kw: Any) -> None:  # noqa: A002
        """``secret-set``."""
        secret = self._managed(id, None)
        self._job.secrets.set(secret, content, expire=self._moment(expire), **kw)

    def secret_grant(self, id: str, relation_id: int, *, unit: str | None = None) -> None:  # noqa: A002
        """``secret-grant``."""
        to = unit or self.remote_app(relation_id)
        self._job.secrets.grant(self._managed(id, None), relation_id, to)

    def secret_revoke(self, id: str, relation_id: int, *, unit: str | None = None) -> None:  # noqa: A002
        """``secret-revoke``."""
        to = unit or self.remote_app(relation_id)
        self._job.secrets.revoke(self._managed(id, None), relation_id, to)

    def secret_remove(self, id: str, *, revision: int | None = None) -> None:  # noqa: A002
        """``secret-remove``."""
        self._job.secrets.remove(self._managed(id, None), revision)

    def _managed(self, secret_id: str | None, label: str | None) -> Any:
        secret = self._job.secrets.find(secret_id, label)
        if secret.managed_by(self._job.unit):
            return secret
        raise ops.ModelError(f'ERROR permission denied: cannot manage secret "{secret.id}"')

    @staticmethod
    def _moment(expire: datetime.datetime | None) -> datetime.datetime | None:
        """Ops makes a moment of a span of time, in local time and without saying so."""
        return expire.astimezone() if expire and expire.tzinfo is None else expire


_contexts: weakref.WeakKeyDictionary[CharmDir, dict[tuple[str, str], Context]] = (
    weakref.WeakKeyDictionary()
)


def context_of(job: Job) -> Context:
    """The context of a hook; one per charm and unit name: making one copies the metadata."""
    charm, unit, juju_version = job.charm, job.unit, job.model.juju_version
    per_charm = _contexts.setdefault(charm, {})
    key = (unit.name, juju_version)
    if key not in per_charm:
        per_charm[key] = charm.context(
            Context, app_name=unit.app.name, unit_id=unit.number, juju_version=juju_version
        )
    context = per_charm[key]
    context.reset()
    return context


def collect(result: Result, context: Context) -> Result:
    """Complete a result with what the hook tools have noted in the context."""
    result.log = context.log
    result.results = dict(context.action_results or {})
    result.failure = context.action_failure
    result.messages = list(context.action_logs)
    result.status_set = bool(context.unit_status_history)
    return result
