# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Every private name of ops and of ops.testing (scenario) that the simulator uses.

ops.testing is made for one event at a time on a charm that lies in the test. A model runs
thousands of hooks, so four of its parts are replaced here:

* `Main` takes the place of scenario's ``Ops``: it uses metadata that has been parsed once and
  the charm's real directory, where scenario writes metadata files into a directory of its own.
* `BaseBackend` stands below `hook_tools.Backend`, which takes the place of its hook tools.
* `Context` is shared by many hooks, without a temporary directory for each.
* `PebbleEngine` is a Pebble that outlives the hook; `pebble.Pebble` is made of it.

``test_dispatch.py`` compares the result with what `ops.testing.Context.run` makes of the same
state; ``test_ops_internals.py`` lists the names, and says which a new version of ops has changed.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import dataclasses
import functools
import pathlib
import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast
from unittest import mock

import ops
import ops._main as ops_main
import ops.storage
import scenario._ops_main_mock as ops_mock
import scenario._runtime as scenario_runtime
import scenario.mocking as mocking
import scenario.state as scenario_state
from ops import pebble, testing
from ops._private import harness
from scenario.errors import NoObserverError

Reply = Callable[[list[str]], str]
"""Does what a command does: is given the command, returns its output or raises ExecError."""


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

    @property
    def charm_spec(self) -> Any:
        """The charm that it is for."""
        return self._charm_spec

    @property
    def log(self) -> list[tuple[str, str]]:
        """What the charm has logged, as level and message."""
        return [(line.level, line.message) for line in self.juju_log]

    @property
    def action_failure(self) -> str | None:
        """Return why an action has failed; None if it has not."""
        return self._action_failure_message


class Main(ops_mock.Ops[ops.CharmBase]):
    """ops' main loop for one hook."""

    def __init__(
        self,
        backend: BaseBackend,
        context: Context,
        state: testing.State,
        event: Any,
        charm_type: type[ops.CharmBase],
        meta: ops.CharmMeta,
        env: Mapping[str, str],
    ):
        # Ops.__init__ would make the backend itself; these are the attributes it sets.
        self.meta = meta
        self.state = state
        self.event = event
        self.context = context
        wrapped = cast("Any", scenario_runtime.Runtime)._wrap(charm_type)
        self.charm_spec = dataclasses.replace(context.charm_spec, charm_type=wrapped)
        self.store = None
        self.captured_events: list[ops.EventBase] = []
        self.trace_data = ()
        self._tracing_mock = None
        self._tracing_exporter = None
        self._aborted_in_init = False
        juju_context = ops.JujuContext.from_environ(env)
        try:
            ops_main._Manager.__init__(self, wrapped, backend, juju_context=juju_context)
        except ops_main._Abort as abort:
            if abort.exit_code != 0 or not hasattr(self, "framework"):
                raise
            self._aborted_in_init = True

    def _load_charm_meta(self) -> ops.CharmMeta:
        return self.meta

    def _make_storage(self, _: ops_main._Dispatcher) -> Any:
        storage = _Snapshots()
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


class _Snapshots:
    """ops' storage of one hook, in memory; SQLite would take most of a hook's time."""

    def __init__(self) -> None:
        self._snapshots: dict[str, bytes] = {}
        self._notices: list[tuple[str, str, str]] = []

    def close(self) -> None:
        """Nothing to close."""

    def commit(self) -> None:
        """Nothing to write: the state is read back from here."""

    def save_snapshot(self, handle_path: str, snapshot_data: Any) -> None:
        self._snapshots[handle_path] = pickle.dumps(snapshot_data)

    def load_snapshot(self, handle_path: str) -> Any:
        try:
            return pickle.loads(self._snapshots[handle_path])  # noqa: S301
        except KeyError:
            raise ops.storage.NoSnapshotError(handle_path) from None

    def drop_snapshot(self, handle_path: str) -> None:
        self._snapshots.pop(handle_path, None)

    def list_snapshots(self) -> Iterator[str]:
        return iter(list(self._snapshots))

    def save_notice(self, event_path: str, observer_path: str, method_name: str) -> None:
        self._notices.append((event_path, observer_path, method_name))

    def drop_notice(self, event_path: str, observer_path: str, method_name: str) -> None:
        with contextlib.suppress(ValueError):
            self._notices.remove((event_path, observer_path, method_name))

    def notices(self, event_path: str | None = None) -> Iterator[tuple[str, str, str]]:
        return iter([n for n in self._notices if event_path in (None, n[0])])


class BaseBackend(mocking._MockModelBackend):
    """The hook tools of ops.testing, with their private parts under names of ours."""

    def __init__(
        self, state: testing.State, event: Any, context: Context, juju_context: ops.JujuContext
    ):
        super().__init__(
            state=state,
            event=event,
            charm_spec=context.charm_spec,
            context=context,
            juju_context=juju_context,
        )

    def remote_app(self, relation_id: int) -> str:
        """Return the application at the other end of a relation."""
        return cast("str", self.relation_remote_app_name(relation_id, _raise_on_error=True))

    def storage_event(self) -> tuple[int, str]:
        """Return number and path of the storage that the hook is about."""
        raise NotImplementedError

    def _storage_event_details(self) -> tuple[int, str]:
        return self.storage_event()


def furnished(root: pathlib.Path) -> contextlib.AbstractContextManager[Any]:
    """Let ops.testing run charms in a directory that has all it needs.

    It would write the metadata there before each hook and delete it afterwards, which takes about
    as long as the hook.
    """
    runtime: Any = scenario_runtime.Runtime
    place = contextlib.nullcontext(root)
    return mock.patch.object(runtime, "_virtual_charm_root", return_value=place)


def network_output(network: testing.Network) -> Any:
    """Return a network as ``network-get`` prints it."""
    return cast("Any", network)._hook_tool_output_fmt()


def is_clean_exit(error: BaseException) -> bool:
    """Tell whether a hook has ended without a failure, by whatever ops raises for it."""
    return (
        (isinstance(error, SystemExit) and error.code in (None, 0))
        or (isinstance(error, ops_main._Abort) and error.exit_code == 0)
        or isinstance(error, NoObserverError)
    )


def forget_events() -> None:
    """Forget a framework's events, which ops keeps; a real hook's process ends with them."""
    cast("Any", ops.Framework.on)._cache.clear()


def scenario_event(name: str, **about: Any) -> scenario_state._Event:
    """An event as ops.testing knows it; the subject's own name stays as it is written."""
    return scenario_state._Event(name, **about)


class PebbleEngine(harness._TestingPebbleClient):
    """The Pebble of ops.testing, with its private parts under names of ours."""

    def __init__(self, root: pathlib.Path):
        super().__init__(None, root)  # pyright: ignore[reportArgumentType]

    def forget(self) -> None:
        """Begin with an empty plan."""
        for table in (self._layers, self._service_status, self._check_infos, self._changes):
            table.clear()
        self._notices.clear()

    @property
    def service_states(self) -> dict[str, pebble.ServiceStatus]:
        """The state of each service that has been started or stopped."""
        return self._service_status

    @property
    def check_infos(self) -> dict[str, pebble.CheckInfo]:
        """The state of each check."""
        return self._check_infos

    def planned(self, kind: str) -> dict[str, Any]:
        """Return copies of the plan's ``services``, ``checks`` or ``log_targets``."""
        result: dict[str, Any] = {}
        for layer in self._layers.values():
            for name, entry in getattr(layer, kind).items():
                if name in result and entry.override == "merge":
                    result[name]._merge(entry)
                else:
                    result[name] = type(entry)(name, entry.to_dict())
        return result

    def check_connection(self) -> None:
        """Do what comes before every request; what it raises is the answer."""

    def reply_to(self, command: list[str]) -> Reply | None:  # noqa: ARG002
        """Return what does a command; None where nothing does."""
        return None

    def _check_connection(self) -> None:
        self.check_connection()

    def _render_services(self) -> dict[str, pebble.Service]:
        return self.planned("services")

    def _render_checks(self) -> dict[str, pebble.Check]:
        return self.planned("checks")

    def _render_log_targets(self) -> dict[str, pebble.LogTarget]:
        return self.planned("log_targets")

    def _find_exec_handler(self, command: list[str]) -> harness.ExecHandler | None:
        reply = self.reply_to(command)
        return _handler(reply) if reply else None


def _handler(reply: Reply) -> harness.ExecHandler:
    def handle(args: harness.ExecArgs) -> harness.ExecResult:
        try:
            code, output, errors = 0, reply(args.command), ""
        except pebble.ExecError as error:  # pyright: ignore[reportUnknownVariableType]
            failed = cast("pebble.ExecError[str]", error)
            code, output, errors = failed.exit_code, failed.stdout or "", failed.stderr or ""
        if args.encoding is None:
            return harness.ExecResult(code, output.encode(), errors.encode())
        return harness.ExecResult(code, output, errors)

    return handle
