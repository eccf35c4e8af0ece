# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""Run one hook of a real charm in this process, through ops.testing."""

import contextlib
import logging
import os
import pathlib
import time
from collections.abc import Generator, Mapping
from unittest import mock

import ops.log

from . import seeded
from .errors import Killed
from .hook import Job, Result
from .hook_tools import Backend, collect, context_of
from .ops_internals import Main, forget_events, is_clean_exit


def run(job: Job) -> Result:
    """Run the hook; whatever the charm raises is in the result."""
    context = context_of(job)
    result = Result(job.state)
    dispatch: Main | None = None
    with contextlib.ExitStack() as stack:
        stack.enter_context(_place(job.charm.root, job.env))
        stack.enter_context(job.charm.importable())
        stack.enter_context(seeded.drawn_from(job.model.values(job.unit.app), job.model.now))
        stack.enter_context(job.model.surroundings(job.unit.app))
        try:
            backend, charm = Backend(job, context), job.charm
            event, made = job.scenario_event, (charm.charm_type, charm.ops_meta, job.env)
            dispatch = Main(backend, context, job.state, event, *made)
            dispatch.run()
            job.model.faults.after_hook()
        except (Exception, SystemExit, Killed) as error:
            result.error = None if is_clean_exit(error) else error
        finally:
            if dispatch is not None:
                dispatch.destroy()
            _remove_log_handlers()
            forget_events()
    if dispatch is not None:
        result.state = dispatch.state
    return collect(result, context)


@contextlib.contextmanager
def _place(folder: pathlib.Path, env: Mapping[str, str]) -> Generator[None]:
    """Work in a directory, with an environment that is put back, and without ever sleeping."""
    here = pathlib.Path.cwd()
    with mock.patch.dict(os.environ, env), mock.patch.object(time, "sleep", _skip):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)


def _skip(seconds: float) -> None:
    """Time does not pass inside a hook: nothing would happen while it waits."""


def _remove_log_handlers() -> None:
    """A charm that raised in its constructor leaves ops' handler at the root logger."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, ops.log.JujuLogHandler):
            root.removeHandler(handler)
