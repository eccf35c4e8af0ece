# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Run one hook in a process of its own, and take over what it did to its state."""

import contextlib
import dataclasses
import pathlib
import tempfile
from collections.abc import Generator

from .. import hook_tools
from ..errors import Killed
from ..job import Job, Result
from . import agent, api, output, pebble, tools, workspace
from .hook_process import HookProcess


def run(python: pathlib.Path, limit: float, job: Job) -> Result:
    """Run a hook; whatever becomes of its process is in the result.

    Args:
        python: The charm's interpreter.
        limit: Seconds after which the process is killed.
        job: The hook.
    """
    context = hook_tools.context_of(job)
    hook = tools.HookToolContext(job, hook_tools.Backend(job, context), context)
    result = Result(job.state)
    try:
        charm = workspace.directory(job)
        _execute(python, limit, hook, charm)
        job.at_end()
        result.state = dataclasses.replace(job.state, deferred=workspace.deferred_events(charm))
    except (Exception, Killed) as error:
        result.error = error
    return hook_tools.collect(result, context)


def _execute(
    python: pathlib.Path, limit: float, hook: tools.HookToolContext, charm: pathlib.Path
) -> None:
    """Let the process run to its end.

    Raises:
        HookError: It failed, or took too long.
        Killed: The simulator has killed it.
        Exception: The simulator could not answer it.
    """
    process = HookProcess()
    with tempfile.TemporaryDirectory(prefix="ckf-hook-") as name:
        folder = pathlib.Path(name)
        with _surroundings(hook, process, folder) as variables:
            env = workspace.environment(hook.job, charm, folder / "bin", variables)
            ended = process.run(python, charm, env, limit)
        if process.error is not None:
            raise process.error
        reason = ended.reason(limit)
        if reason:
            raise output.failure(reason, hook.log(), ended.errors, ended.output)
        hook.warn(ended.errors)


@contextlib.contextmanager
def _surroundings(
    hook: tools.HookToolContext, process: HookProcess, folder: pathlib.Path
) -> Generator[dict[str, str]]:
    """All that the process meets, and the variables that tell it where."""
    job, containers = hook.job, folder / "c"
    workspace.write_tools(folder / "bin")
    (folder / "tmp").mkdir()
    with contextlib.ExitStack() as stack:
        variables = stack.enter_context(agent.listening(hook, process, folder))
        stack.enter_context(pebble.listening(job.unit.containers, process, containers))
        variables["CKF_CONTAINERS"] = str(containers)
        variables["TMPDIR"] = str(folder / "tmp")
        variables["CKF_SERVICE_ACCOUNT"] = str(_service_account(job, folder))
        transport = job.transport()
        if transport is not None:
            hook.endpoint = stack.enter_context(api.served(transport, process))
            kubeconfig = folder / "kubeconfig"
            api.write_kubeconfig(kubeconfig, *hook.endpoint, str(job.state.model.name))
            variables["KUBECONFIG"] = str(kubeconfig)
        yield variables


def _service_account(job: Job, folder: pathlib.Path) -> pathlib.Path:
    """Return what a pod knows of its account: the namespace; see `jujusim.worker.launcher`."""
    account = folder / "serviceaccount"
    account.mkdir()
    (account / "namespace").write_text(str(job.state.model.name))
    return account
