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
from ..hook import Job, Result
from . import agent, api, pebble, tools, workspace
from .hook_process import HookProcess, failure


def run(python: pathlib.Path, limit: float, job: Job) -> Result:
    """Run a hook, for ``limit`` seconds at most; what becomes of its process is in the result."""
    context = hook_tools.context_of(job)
    hook = tools.HookToolContext(job, hook_tools.Backend(job, context), context)
    result = Result(job.state)
    try:
        charm = workspace.directory(job)
        _execute(python, limit, hook, charm)
        job.model.faults.after_hook()
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
            raise failure(reason, hook.context.log, ended.errors, ended.output)
        hook.warn(ended.errors)


@contextlib.contextmanager
def _surroundings(
    hook: tools.HookToolContext, process: HookProcess, folder: pathlib.Path
) -> Generator[dict[str, str]]:
    """All that the process meets, and the variables that tell it where."""
    job, containers, model = hook.job, folder / "c", hook.job.model.name
    workspace.write_tools(folder / "bin")
    (folder / "tmp").mkdir()
    with contextlib.ExitStack() as stack:
        variables = stack.enter_context(agent.listening(hook, process, folder))
        stack.enter_context(pebble.listening(job.unit.containers, process, containers))
        variables["CKF_CONTAINERS"] = str(containers)
        variables["TMPDIR"] = str(folder / "tmp")
        # All that a pod knows of its account there; see `jujusim.worker.launcher`.
        variables["CKF_SERVICE_ACCOUNT"] = str(folder / "serviceaccount")
        (folder / "serviceaccount").mkdir()
        (folder / "serviceaccount" / "namespace").write_text(model)
        transport = job.model.transport(job.unit.app)
        if transport is not None:
            hook.endpoint = stack.enter_context(api.served(transport, process))
            kubeconfig = folder / "kubeconfig"
            api.write_kubeconfig(kubeconfig, *hook.endpoint, model)
            variables["KUBECONFIG"] = str(kubeconfig)
        yield variables
