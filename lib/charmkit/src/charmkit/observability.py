# Copyright 2026 Canonical Ltd.
# See LICENSE file for licensing details.

"""The charm in the Canonical Observability Stack: metrics, alerts, dashboards and logs."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import lzma
import pathlib
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import ops

from . import _alert_rules, _diff, _topology
from ._component import Component
from ._status import Waiting
from .interfaces import grafana_dashboard, loki_push_api, prometheus_scrape

Job = dict[str, Any]
"""A scrape job as in Prometheus' configuration; `*` in a target is each unit's address."""


def job(port: int, path: str = "/metrics", *, host: str = "*", **more: Any) -> Job:
    """Return a scrape job for one port.

    Args:
        port: where the metrics are served.
        path: the path they are served under.
        host: who serves them, if not every unit.
        more: further keys of the job, for example `scrape_interval`.
    """
    return {"metrics_path": path, "static_configs": [{"targets": [f"{host}:{port}"]}], **more}


class MetricsEndpoint(prometheus_scrape.Provider):
    """Metrics and alert rules for Prometheus.

    Args:
        charm: the charm; its alert rules are in `src/prometheus_alert_rules`.
        name: the endpoint in charmcraft.yaml.
        jobs: returns the scrape jobs; a number stands for the job of that port, see `job`.
        enabled: returns whether this unit runs the workload; one that does not has no metrics.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        name: str = "",
        *,
        jobs: Callable[[], Iterable[Job | int]],
        enabled: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(charm, name, data=self._scrape, unit_data=self._address)
        self._jobs = jobs
        self._enabled = enabled

    def _scrape(self) -> prometheus_scrape.Scrape:
        return prometheus_scrape.Scrape(
            scrape_metadata=_topology.metadata(self.charm),
            scrape_jobs=[job(item) if isinstance(item, int) else item for item in self._jobs()],
            alert_rules=_alert_rules.load(self.charm, "src/prometheus_alert_rules"),
        )

    def _address(self) -> prometheus_scrape.Address | None:
        """Return where this unit is scraped."""
        if not self._enabled():
            return None
        binding = self.charm.model.get_binding(self.relations[0])
        address = binding.network.bind_address if binding else None
        if address is None:
            raise Waiting(f"relation {self.name}: waiting for this unit's address")
        return prometheus_scrape.Address(str(address), self.charm.unit.name)


class GrafanaDashboards(grafana_dashboard.Provider):
    """The dashboards in `src/grafana_dashboards`, for Grafana.

    Args:
        charm: the charm.
        name: the endpoint in charmcraft.yaml.
    """

    def __init__(self, charm: ops.CharmBase, name: str = "") -> None:
        super().__init__(charm, name, data=self._dashboards)

    def _dashboards(self) -> grafana_dashboard.Dashboards:
        directory = pathlib.Path(self.charm.charm_dir) / "src/grafana_dashboards"
        paths = sorted(directory.glob("*.json*"))
        templates = {f"file:{path.stem}": self._template(path) for path in paths}
        # Grafana's charm expects some id here; a random one would change the databag in each hook.
        digest = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(templates, sort_keys=True))
        return grafana_dashboard.Dashboards({"templates": templates, "uuid": str(digest)})

    def _template(self, path: pathlib.Path) -> dict[str, Any]:
        place = _topology.metadata(self.charm)
        del place["charm_name"]
        alternative = f"{self.charm.meta.name}-file:{path.stem}".encode()
        return {
            "charm": self.charm.meta.name,
            "content": _compressed(path),
            "juju_topology": place,
            "inject_dropdowns": True,
            "dashboard_alt_uid": hashlib.shake_256(alternative).hexdigest(8),
        }


class LogForwarding(loki_push_api.Requirer):
    """The logs of every workload container to Loki, by Pebble itself.

    Pebble forwards logs since Juju 3.4.

    Args:
        charm: the charm.
        name: the endpoint in charmcraft.yaml.
        enabled: returns whether the logs may leave the model.
    """

    def __init__(
        self, charm: ops.CharmBase, name: str = "", *, enabled: Callable[[], bool] = lambda: True
    ) -> None:
        super().__init__(charm, name, data=self._source)
        self._enabled = enabled

    def events(self) -> Iterable[ops.BoundEvent]:
        """Return the relation's events, and the start of each container, whose plan is empty."""
        ready = [self.charm.on[name].pebble_ready for name in self.charm.unit.containers]
        return [*super().events(), *ready]

    def reconcile(self) -> None:
        """Point each container's log targets at the endpoints that there are."""
        super().reconcile()
        targets = {unit.name: target.url for unit, target in self.units() if target.url}
        targets = targets if self._enabled() else {}
        for container in self.charm.unit.containers.values():
            if container.can_connect():
                self._forward(container, targets)

    def _source(self) -> loki_push_api.Source:
        return loki_push_api.Source(metadata=_topology.metadata(self.charm), alert_rules={})

    def _forward(self, container: ops.Container, targets: dict[str, str]) -> None:
        try:
            plan = container.get_plan().to_dict().get("log-targets", {})
            gone = {name: {**target, "services": ["-all"]} for name, target in plan.items()}
            wanted = {**gone, **{name: self._target(url) for name, url in targets.items()}}
            if not _diff.is_subset(wanted, plan):
                layer = ops.pebble.Layer({"log-targets": wanted})  # pyright: ignore[reportArgumentType]
                container.add_layer(f"{container.name}-log-forwarding", layer, combine=True)
        except ops.pebble.ConnectionError as error:
            raise Waiting(f"waiting for container {container.name} to restart") from error

    def _target(self, url: str) -> dict[str, Any]:
        labels = {**_topology.labels(self.charm), "juju_unit": self.charm.unit.name}
        labels["charm"] = labels.pop("juju_charm")
        return {
            "override": "replace",
            "type": "loki",
            "location": url,
            "services": ["all"],
            "labels": {"product": "Juju", **labels},
        }


class Observability(Component):
    """Metrics, dashboards and logs, as far as the charm has the endpoints for them.

    Args:
        charm: the charm; its endpoints have their usual names.
        jobs: returns what is scraped, see `MetricsEndpoint`.
        enabled: returns whether this unit runs the workload, see there.
        forward_logs: returns whether the logs may leave the model.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        *,
        jobs: Callable[[], Iterable[Job | int]] = tuple,
        enabled: Callable[[], bool] = lambda: True,
        forward_logs: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(charm)
        every = (
            MetricsEndpoint(charm, jobs=jobs, enabled=enabled),
            GrafanaDashboards(charm),
            LogForwarding(charm, enabled=forward_logs),
        )
        self.parts = [part for part in every if part.name in charm.meta.relations]


@functools.cache
def _compressed(path: pathlib.Path) -> str:
    # The default preset takes 17 MiB and a seventh of a hook's processor time to save 200 bytes.
    return base64.b64encode(lzma.compress(path.read_bytes(), preset=0)).decode()
