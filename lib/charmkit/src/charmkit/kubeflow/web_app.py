# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The backend that upstream's web apps for notebooks, volumes and TensorBoards have in common.

Source: components/crud-web-apps/common/backend in github.com/kubeflow/kubeflow, version 1.10, and
the images' own services, which run it with gunicorn in `/src`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import ops

from .. import config, observability, pebble
from .._component import Component
from .._ports import ServicePorts
from .._workload import File, Workload
from ..interfaces import ingress
from ..interfaces import kubeflow_dashboard_links as links
from ..pebble import Layer
from . import network_policy

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

FILES = {SETTINGS_PATH: SETTINGS}
"""The files that the backend reads beside those of its own app."""


def backend_mode() -> Any:
    """Define the option that says whether logins are checked; in `development` they are not."""
    return config.one_of("production", "development", "prod", "dev")


@dataclasses.dataclass(frozen=True)
class Settings:
    """How one of the web apps is run.

    Args:
        port: where it listens.
        prefix: the path at which users reach it, without a slash at its end.
        backend_mode: whether logins are checked, see `backend_mode`.
        secure_cookies: whether its cookie is for HTTPS only.
        network_policy: whether pods of users are kept from its port.
        route: the path that is asked of the gateway, where it is not written as `prefix` is.
    """

    port: int
    prefix: str
    backend_mode: str
    secure_cookies: bool
    network_policy: bool
    route: str = ""

    def layer(self, service: str, environment: Mapping[str, str]) -> Layer:
        """Return the Pebble layer; its service reads `FILES`.

        Args:
            service: the service's name, which is the one in the image.
            environment: the variables of this app, beside those that all have.
        """
        command = (
            f"gunicorn -w 3 -c {SETTINGS_PATH} --bind 0.0.0.0:{self.port}"
            " --access-logfile - entrypoint:app"
        )
        return pebble.layer(
            service,
            command,
            summary=f"entry point of {service}",
            environment={**self._environment(), **environment},
            working_dir="/src",
            # Other paths answer only to those who have logged in.
            checks=[pebble.http_check(self.port, "/healthz/readiness")],
        )

    def _environment(self) -> dict[str, str]:
        return {
            "APP_PREFIX": self.prefix,
            "APP_SECURE_COOKIES": str(self.secure_cookies).lower(),
            "BACKEND_MODE": self.backend_mode,
            "USERID_HEADER": "kubeflow-userid",
            "USERID_PREFIX": "",
        }


class WebApp(Component):
    """One of the web apps: who reaches it, its route, its link in the menu, its workload.

    Args:
        charm: the charm.
        name: the container's and the service's name.
        settings: returns how it is run.
        menu: what the dashboard's menu calls it.
        icon: its icon there.
        environment: returns variables of this app.
        files: returns files of this app.
        ingress_required: without a gateway the charm is Blocked.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str,
        *,
        settings: Callable[[], Settings],
        menu: str,
        icon: str,
        environment: Callable[[], Mapping[str, str]] = dict,
        files: Callable[[], Mapping[str, str | File]] = dict,
        ingress_required: bool = False,
    ) -> None:
        super().__init__(charm)
        self._settings = settings
        self._menu, self._icon = menu, icon
        self.parts = (
            network_policy.NetworkPolicy(
                charm,
                ports=lambda: {settings().port: network_policy.USERS},
                enabled=lambda: settings().network_policy,
            ),
            ServicePorts(charm, ports=lambda: {"http": settings().port}),
            ingress.Requirer(charm, data=self._route, required=ingress_required),
            links.Requirer(charm, data=self._links),
            Workload(
                charm,
                name,
                layer=lambda: settings().layer(name, environment()),
                files=lambda: {**FILES, **files()},
            ),
            observability.Observability(charm, jobs=lambda: [settings().port]),
        )

    def _links(self) -> links.Links:
        return links.Links((links.menu(self._menu, f"{self._settings().prefix}/", self._icon),))

    def _route(self) -> ingress.Route:
        settings = self._settings()
        prefix = settings.route or settings.prefix
        return ingress.Route(self.charm.app.name, settings.port, prefix=prefix, rewrite="/")
