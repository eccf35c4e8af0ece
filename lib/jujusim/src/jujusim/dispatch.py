"""Run one hook of a real charm through ops.testing.

ops.testing (scenario) is made for one event at a time on a charm that lies in the test. Three of
its parts are replaced here, because a model runs thousands of hooks:

* `Dispatch` takes the place of scenario's ``Ops``: it uses metadata that has been parsed once and
  the charm's real directory, where scenario writes metadata files into a directory of its own.
* `Backend` takes the place of its hook tools where they know one unit only: secrets, the
  network, containers that outlive the hook.
* `run` takes the place of its ``Runtime.exec``: the same steps without a deep copy of the state,
  which is made for this one hook anyway.

All use of scenario's private parts is in this file; ``test_dispatch.py`` compares the result with
what `ops.testing.Context.run` makes of the same state.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import logging
import os
import pathlib
import pickle
import time
import weakref
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import ops
import ops.log
import ops.storage
import scenario._ops_main_mock as ops_mock
import scenario._runtime as scenario_runtime
import scenario.mocking as mocking
import scenario.state as scenario_state
from ops import testing
from ops._main import _Abort, _Dispatcher, _Manager
from scenario.errors import NoObserverError

from .charm import CharmDir
from .entities import Unit
from .errors import Killed
from .events import Event
from .secrets import Draft, bare

if TYPE_CHECKING:
    from kubefake.transport import AnyTransport


def _nothing() -> None:
    """Nothing is to be done."""


@dataclass
class Job:
    """What one hook needs.

    Attributes:
        charm: The charm to run.
        unit: The unit it runs for.
        event: The hook.
        state: What the charm sees.
        scenario_event: The hook as ops.testing knows it.
        env: Juju's environment variables.
        secrets: Collects what the hook does with secrets.
        network: The unit's address; the same for all bindings on Kubernetes.
        juju_version: The version that the charm is told.
        at_end: Called when the charm has done its work; what it raises counts as the charm's.
        surroundings: Makes the context in which the charm's calls to Kubernetes are answered.
        transport: Makes what carries requests to Kubernetes as the unit's account; None where
            there is no Kubernetes.
        controller_state: What the charm keeps in the controller (``state-set``).
    """

    charm: CharmDir
    unit: Unit
    event: Event
    state: testing.State
    scenario_event: scenario_state._Event
    env: dict[str, str]
    secrets: Draft
    network: testing.Network
    juju_version: str
    at_end: Callable[[], None] = _nothing
    surroundings: Callable[[], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext
    transport: Callable[[], AnyTransport | None] = _nothing
    controller_state: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Result:
    """What came of it.

    Attributes:
        state: The state after the hook; statuses and the version hold even when it failed.
        error: What the charm raised, or None.
        log: ``juju-log`` lines as (level, message).
        action: Results, failure message and log of an action.
        statuses: How often the unit's status was set.
    """

    state: testing.State
    error: BaseException | None = None
    log: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    failure: str | None = None
    messages: list[str] = field(default_factory=list[str])
    status_set: bool = False


def run(job: Job) -> Result:
    """Run the hook; whatever the charm raises is in the result."""
    context = context_of(job)
    result = Result(job.state)
    dispatch: Dispatch | None = None
    with contextlib.ExitStack() as stack:
        stack.enter_context(_place(job.charm.root, job.env))
        stack.enter_context(job.charm.importable())
        stack.enter_context(job.surroundings())
        try:
            dispatch = Dispatch(job, context)
            dispatch.run()
            job.at_end()
        except (Exception, SystemExit, Killed) as error:
            result.error = None if _is_clean_exit(error) else error
        finally:
            if dispatch is not None:
                dispatch.destroy()
            _remove_log_handlers()
            _forget_events()
    if dispatch is not None:
        result.state = dispatch.state
    return collect(result, context)


class Context(testing.Context[ops.CharmBase]):
    """A context that many hooks share, without a temporary directory for each."""

    def reset(self) -> None:
        """Forget what the last hook left."""
        for history in (
            self.juju_log,
            self.app_status_history,
            self.unit_status_history,
            self.workload_version_history,
            self.emitted_events,
            self.action_logs,
        ):
            history.clear()
        self.exec_history.clear()
        self.requested_storages.clear()
        self.action_results = None
        self._action_failure_message = None


class Dispatch(ops_mock.Ops[ops.CharmBase]):
    """ops' main loop for one hook."""

    def __init__(self, job: Job, context: Context):
        # Ops.__init__ would make the backend itself; these are the attributes it sets.
        self.job = job
        self.state = job.state
        self.event = job.scenario_event
        self.context = context
        self.charm_spec = dataclasses.replace(
            context._charm_spec,
            charm_type=cast("Any", scenario_runtime.Runtime)._wrap(job.charm.charm_type),
        )
        self.store = None
        self.captured_events: list[ops.EventBase] = []
        self.trace_data = ()
        self._tracing_mock = None
        self._tracing_exporter = None
        self._aborted_in_init = False
        juju_context = ops.JujuContext.from_environ(job.env)
        backend = Backend(job, context, self.charm_spec, juju_context)
        try:
            _Manager.__init__(self, self.charm_spec.charm_type, backend, juju_context=juju_context)
        except _Abort as abort:
            if abort.exit_code != 0 or not hasattr(self, "framework"):
                raise
            self._aborted_in_init = True

    def _load_charm_meta(self) -> ops.CharmMeta:
        return self.job.charm.ops_meta

    def _make_storage(self, _: _Dispatcher) -> Any:
        storage = Snapshots()
        self.store = ops_mock.UnitStateDB(cast("Any", storage))
        self.store.apply_state(self.state)
        return storage

    @property
    def _framework_class(self) -> Any:
        return functools.partial(_Framework, context=self.context)


class _Framework(ops_mock.CapturingFramework):
    """Does not keep the events: nobody looks at them here."""

    def _emit(self, event: ops.EventBase) -> Any:
        return ops.Framework._emit(self, event)


class Snapshots:
    """ops' storage of one hook, in memory; SQLite would take most of a hook's time."""

    def __init__(self) -> None:
        self._snapshots: dict[str, bytes] = {}
        self._notices: list[tuple[str, str, str]] = []

    def close(self) -> None:
        """Nothing to close."""

    def commit(self) -> None:
        """Nothing to write: the state is read back from here."""

    def save_snapshot(self, handle_path: str, snapshot_data: Any) -> None:
        """Keep a snapshot as it is now."""
        self._snapshots[handle_path] = pickle.dumps(snapshot_data)

    def load_snapshot(self, handle_path: str) -> Any:
        """Return a snapshot.

        Raises:
            ops.storage.NoSnapshotError: There is none.
        """
        try:
            return pickle.loads(self._snapshots[handle_path])  # noqa: S301
        except KeyError:
            raise ops.storage.NoSnapshotError(handle_path) from None

    def drop_snapshot(self, handle_path: str) -> None:
        """Forget a snapshot."""
        self._snapshots.pop(handle_path, None)

    def list_snapshots(self) -> Iterator[str]:
        """Handle paths of all snapshots."""
        return iter(list(self._snapshots))

    def save_notice(self, event_path: str, observer_path: str, method_name: str) -> None:
        """Keep a notice of a deferred event."""
        self._notices.append((event_path, observer_path, method_name))

    def drop_notice(self, event_path: str, observer_path: str, method_name: str) -> None:
        """Forget a notice."""
        with contextlib.suppress(ValueError):
            self._notices.remove((event_path, observer_path, method_name))

    def notices(self, event_path: str | None = None) -> Iterator[tuple[str, str, str]]:
        """Notices of one event, or of all."""
        return iter([n for n in self._notices if event_path in (None, n[0])])


class Backend(mocking._MockModelBackend):
    """Hook tools that answer from the model."""

    def __init__(self, job: Job, context: Context, spec: Any, juju_context: ops.JujuContext):
        super().__init__(
            state=job.state,
            event=job.scenario_event,
            charm_spec=spec,
            context=context,
            juju_context=juju_context,
        )
        self._job = job

    @classmethod
    def of(cls, job: Job, context: Context) -> Backend:
        """The tools of a hook that runs in another process."""
        juju_context = ops.JujuContext.from_environ(job.env)
        return cls(job, context, context._charm_spec, juju_context)

    def get_pebble(self, socket_path: str) -> Any:
        """The Pebble of one of the unit's containers."""
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
        return cast("Any", self._job.network)._hook_tool_output_fmt()

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

    def _storage_event_details(self) -> tuple[int, str]:
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
            model_uuid=self._state.model.uuid,
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
        to = unit or self._remote(relation_id)
        self._job.secrets.grant(self._managed(id, None), relation_id, to)

    def secret_revoke(self, id: str, relation_id: int, *, unit: str | None = None) -> None:  # noqa: A002
        """``secret-revoke``."""
        to = unit or self._remote(relation_id)
        self._job.secrets.revoke(self._managed(id, None), relation_id, to)

    def secret_remove(self, id: str, *, revision: int | None = None) -> None:  # noqa: A002
        """``secret-remove``."""
        self._job.secrets.remove(self._managed(id, None), revision)

    def _managed(self, secret_id: str | None, label: str | None) -> Any:
        secret = self._job.secrets.find(secret_id, label)
        if secret.managed_by(self._job.unit):
            return secret
        raise ops.ModelError(f'ERROR permission denied: cannot manage secret "{secret.id}"')

    def _remote(self, relation_id: int) -> str:
        name = self.relation_remote_app_name(relation_id, _raise_on_error=True)
        return cast("str", name)

    @staticmethod
    def _moment(expire: datetime.datetime | None) -> datetime.datetime | None:
        """Ops makes a moment of a span of time, in local time and without saying so."""
        return expire.astimezone() if expire and expire.tzinfo is None else expire


_contexts: weakref.WeakKeyDictionary[CharmDir, dict[tuple[str, str], Context]] = (
    weakref.WeakKeyDictionary()
)


def context_of(job: Job) -> Context:
    """The context of a hook; one per charm and unit name: making one copies the metadata."""
    charm, unit, juju_version = job.charm, job.unit, job.juju_version
    per_charm = _contexts.setdefault(charm, {})
    key = (unit.name, juju_version)
    if key not in per_charm:
        per_charm[key] = Context(
            charm.charm_type,
            dict(charm.meta),
            config={"options": dict(charm.options)} if charm.options else None,
            actions=dict(charm.actions) or None,
            app_name=unit.app.name,
            unit_id=unit.number,
            juju_version=juju_version,
        )
    context = per_charm[key]
    context.reset()
    return context


@contextlib.contextmanager
def _place(folder: pathlib.Path, env: Mapping[str, str]) -> Generator[None]:
    """Work in a directory, with an environment that is put back, and without ever sleeping."""
    here, before, sleep = pathlib.Path.cwd(), dict(os.environ), time.sleep
    os.environ.update(env)
    os.chdir(folder)
    time.sleep = _skip
    try:
        yield
    finally:
        time.sleep = sleep
        os.chdir(here)
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


def _skip(seconds: float) -> None:
    """Time does not pass inside a hook: nothing would happen while it waits."""


def _is_clean_exit(error: BaseException) -> bool:
    return (
        (isinstance(error, SystemExit) and error.code in (None, 0))
        or (isinstance(error, _Abort) and error.exit_code == 0)
        or isinstance(error, NoObserverError)
    )


def _forget_events() -> None:
    """What belongs to a framework is kept for ever by ops; a real hook's process ends with it."""
    cast("Any", ops.Framework.on)._cache.clear()


def _remove_log_handlers() -> None:
    """A charm that raised in its constructor leaves ops' handler at the root logger."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, ops.log.JujuLogHandler):
            root.removeHandler(handler)


def collect(result: Result, context: Context) -> Result:
    """Complete a result with what the hook tools have noted in the context."""
    result.log = [(line.level, line.message) for line in context.juju_log]
    result.results = dict(context.action_results or {})
    result.failure = context._action_failure_message
    result.messages = list(context.action_logs)
    result.status_set = bool(context.unit_status_history)
    return result


def secret_event(event: Event, label: str) -> scenario_state._Event:
    """The event about a secret, as ops.testing knows it; who owns it is Juju's business here."""
    secret = testing.Secret({"-": "-"}, id=f"secret:{bare(event.subject)}", label=label or None)
    name = event.kind.replace("-", "_")
    return scenario_state._Event(name, secret=secret, secret_revision=event.revision or None)


def plain_event(event: Event, **about: Any) -> scenario_state._Event:
    """Any other event; the subject's own name stays as it is written."""
    subject, kind = event.subject.partition("/")[0], event.kind.replace("-", "_")
    if event.kind == "action":
        return testing.CharmEvents.action(event.subject, event.params, "1")
    return scenario_state._Event(f"{subject}_{kind}" if subject else kind, **about)
