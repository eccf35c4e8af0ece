# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The backend that upstream's web apps for notebooks, volumes and TensorBoards have in common.

Source: components/crud-web-apps/common/backend in github.com/kubeflow/kubeflow, version 1.10, and
the images' own services, which run it with gunicorn in `/src`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import config, observability, pebble
from .._workload import File
from ..pebble import Layer

SETTINGS_PATH = "/tmp/gunicorn.conf.py"  # noqa: S108  the only place in all images that is writable
SETTINGS = '''\
"""What gunicorn reads at its start: metrics of all workers together, without a login.

The backend serves metrics, but of the one worker that is asked, and to logged in users only.
"""

import os
import resource
import tempfile
import time

# It must be set before the library is imported.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp()

import prometheus_client
from prometheus_client import multiprocess

STARTED = prometheus_client.Gauge(
    "gunicorn_start_time_seconds", "When it started", multiprocess_mode="max"
)
STARTS = prometheus_client.Counter("gunicorn_worker_starts", "Workers that were started")
CPU = prometheus_client.Gauge(
    "gunicorn_workers_cpu_seconds", "CPU time of the workers", multiprocess_mode="livesum"
)
MEMORY = prometheus_client.Gauge(
    "gunicorn_workers_memory_bytes", "Highest memory of each worker", multiprocess_mode="livesum"
)


def when_ready(server):
    STARTED.set(time.time())


def post_worker_init(worker):
    STARTS.inc()
    view = worker.wsgi.view_functions.get("prometheus_metrics")
    if view:
        view.no_authentication = True


def post_request(worker, request, environment, response):
    used = resource.getrusage(resource.RUSAGE_SELF)
    CPU.set(used.ru_utime + used.ru_stime)
    MEMORY.set(used.ru_maxrss * 1024)


def child_exit(server, worker):
    multiprocess.mark_process_dead(worker.pid)
'''

FILES = {SETTINGS_PATH: File(SETTINGS)}
"""The files that the backend reads beside those of its own app."""


def backend_mode() -> Any:
    """Define the option that says whether logins are checked; in `development` they are not."""
    return config.one_of("production", "development", "prod", "dev")


@dataclasses.dataclass(frozen=True)
class CrudWebApp:
    """How one of the web apps is run.

    Args:
        service: the name of its service, which is the one in its image.
        port: where it listens.
        prefix: the path at which users reach it, without a slash at its end.
        backend_mode: whether logins are checked, see `backend_mode`.
        secure_cookies: whether its cookie is for HTTPS only.
    """

    service: str
    port: int
    prefix: str
    backend_mode: str
    secure_cookies: bool

    def layer(self, **environment: str) -> Layer:
        """The Pebble layer; its service reads `FILES`.

        Args:
            environment: the variables of this app, beside those that all have.
        """
        command = (
            f"gunicorn -w 3 -c {SETTINGS_PATH} --bind 0.0.0.0:{self.port}"
            " --access-logfile - entrypoint:app"
        )
        return pebble.layer(
            self.service,
            command,
            summary=f"entry point of {self.service}",
            environment={**self._environment(), **environment},
            working_dir="/src",
            # Other paths answer only to those who have logged in.
            checks=[pebble.http_check(self.port, "/healthz/readiness")],
        )

    def jobs(self) -> list[observability.Job]:
        """Where Prometheus finds its metrics."""
        return [observability.job(self.port)]

    def _environment(self) -> dict[str, str]:
        return {
            "APP_PREFIX": self.prefix,
            "APP_SECURE_COOKIES": str(self.secure_cookies).lower(),
            "BACKEND_MODE": self.backend_mode,
            "USERID_HEADER": "kubeflow-userid",
            "USERID_PREFIX": "",
        }
