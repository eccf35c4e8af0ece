"""Run one hook in a process of its own, and take over what it did to its state."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import signal
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from dataclasses import dataclass

from .. import dispatch
from ..dispatch import Job, Result
from ..errors import HookError, Killed
from . import agent, api, deferred, output, pebble, place, tools
from .life import Life

_LAUNCHER = pathlib.Path(__file__).with_name("launcher.py")


def run(python: pathlib.Path, limit: float, job: Job) -> Result:
    """Run a hook; whatever becomes of its process is in the result.

    Args:
        python: The charm's interpreter.
        limit: Seconds after which the process is killed.
        job: The hook.
    """
    context = dispatch.context_of(job)
    desk = tools.Desk(job, dispatch.Backend.of(job, context), context)
    result = Result(job.state)
    try:
        charm = place.directory(job)
        _execute(python, limit, desk, charm)
        job.at_end()
        result.state = dataclasses.replace(job.state, deferred=deferred.events(charm))
    except (Exception, Killed) as error:
        result.error = error
    return dispatch.collect(result, context)


def _execute(python: pathlib.Path, limit: float, desk: tools.Desk, charm: pathlib.Path) -> None:
    """Let the process run to its end.

    Raises:
        HookError: It failed, or took too long.
        Killed: The simulator has killed it.
        Exception: The simulator could not answer it.
    """
    life = Life()
    with tempfile.TemporaryDirectory(prefix="ckf-hook-") as name:
        folder = pathlib.Path(name)
        with _surroundings(desk, life, folder) as variables:
            env = place.environment(desk.job, charm, folder / "bin", variables)
            ended = _wait(python, limit, life, charm, env)
        if life.error is not None:
            raise life.error
        reason = ended.reason(limit)
        if reason:
            raise output.failure(reason, desk.log(), ended.errors, ended.output)
        desk.warn(ended.errors)


@contextlib.contextmanager
def _surroundings(desk: tools.Desk, life: Life, folder: pathlib.Path) -> Generator[dict[str, str]]:
    """All that the process meets, and the variables that tell it where."""
    job, containers = desk.job, folder / "c"
    place.write_tools(folder / "bin")
    (folder / "tmp").mkdir()
    with contextlib.ExitStack() as stack:
        variables = stack.enter_context(agent.listening(desk, life, folder))
        stack.enter_context(pebble.listening(job.unit.containers, life, containers))
        variables["CKF_CONTAINERS"] = str(containers)
        variables["TMPDIR"] = str(folder / "tmp")
        variables["CKF_SERVICE_ACCOUNT"] = str(_service_account(job, folder))
        transport = job.transport()
        if transport is not None:
            desk.endpoint = stack.enter_context(api.served(transport, life))
            kubeconfig = folder / "kubeconfig"
            api.write_kubeconfig(kubeconfig, *desk.endpoint, str(job.state.model.name))
            variables["KUBECONFIG"] = str(kubeconfig)
        yield variables


def _service_account(job: Job, folder: pathlib.Path) -> pathlib.Path:
    """What a pod knows of its account: the namespace; see `jujusim.worker.launcher`."""
    account = folder / "serviceaccount"
    account.mkdir()
    (account / "namespace").write_text(str(job.state.model.name))
    return account


@dataclass(frozen=True)
class _Ended:
    """How a process has ended.

    Attributes:
        code: Its exit status; None if it took too long.
        output: The end of its standard output.
        errors: The end of its standard error.
    """

    code: int | None
    output: str
    errors: str

    def reason(self, limit: float) -> str:
        """Why it has failed; empty if it has not."""
        if self.code is None:
            return f"killed after {limit:g} seconds"
        if self.code < 0:
            return f"died of {signal.Signals(-self.code).name}"
        return f"exit status {self.code}" if self.code else ""


def _wait(
    python: pathlib.Path, limit: float, life: Life, charm: pathlib.Path, env: Mapping[str, str]
) -> _Ended:
    try:
        process = subprocess.Popen(
            [str(python), str(_LAUNCHER), "src/charm.py"],
            cwd=charm,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise HookError(f"{python} cannot be run: {error.strerror}") from error
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    streams = output.Stream(process.stdout), output.Stream(process.stderr)
    life.begin(process)
    code: int | None = None
    try:
        code = process.wait(limit)
    except subprocess.TimeoutExpired:
        """It has had its time."""
    finally:
        # What it has started goes with it, and so does it if the simulator itself is interrupted.
        life.kill()
        process.wait()
    return _Ended(code, *(stream.text() for stream in streams))
